"""When and from where a session was last used, noted at every page of somebody signed in."""

import logging
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

_LOG = logging.getLogger("overdeliver.web")


class Activity:
    """As the library's own middleware, but for a disk that is full: then a page can still be read.

    Whoever has to make room must be able to look.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer itself."""
        if request.session.session_key and request.user.is_authenticated:
            try:
                UserSession.objects.create_from_request(request)
            except OperationalError as error:
                _LOG.warning("the use of a session cannot be noted: %s", type(error).__name__)
        return self.answer(request)
