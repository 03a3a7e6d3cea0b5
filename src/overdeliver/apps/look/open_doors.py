"""Doors behind a link that nobody can guess: status page, complaint, choices, question, pack.

Every link that leads nowhere is answered alike, whoever tries many has to wait, and nothing of
such a page is kept by machines or told to others.
"""

from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from overdeliver.apps.look import missed
from overdeliver.apps.look.words import language
from overdeliver.audit.page.words import LANGUAGES
from overdeliver.vocabulary.errors import NotFound, TooManyCalls

View = TypeVar("View", bound=Callable[..., HttpResponse])

LONGEST = 200  # characters of a link's token that are looked at


def behind_link(nowhere: str) -> Callable[[View], View]:
    """A view behind a link; where it raises NotFound the template ``nowhere`` is shown.

    The template hears ``wait`` where an address has tried too many.
    """

    def guard(view: View) -> View:
        tried = counted(view)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return quiet(tried(request, *args, **kwargs))
            except TooManyCalls as error:
                response = render(request, nowhere, {"wait": True}, status=429)
                response.headers["Retry-After"] = str(ceil(error.wait))
                return quiet(response)
            except NotFound:
                return quiet(render(request, nowhere, status=404))

        return cast(View, guarded)

    return guard


def counted(view: View) -> View:
    """A view behind a link whose NotFound is counted and goes on.

    TooManyCalls: this address has tried too many that lead nowhere.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wait = TooManyCalls("too many links that lead nowhere; wait a minute", missed.QUIET)
        if missed.waits(caller(request)):
            raise wait
        try:
            return view(request, *args, **kwargs)
        except NotFound:
            if missed.note(caller(request)) > missed.MISSES:
                raise wait from None
            raise

    return cast(View, guarded)


def caller(request: HttpRequest) -> str:
    """The caller's address; the server has put in what the outermost trusted proxy saw."""
    return str(request.META.get("REMOTE_ADDR", ""))


def tongue(request: HttpRequest, own: str) -> str:
    """The reader's own choice, else the language somebody is known by, else the browser's."""
    chosen = request.COOKIES.get("language", "")
    return next((one for one in (chosen, own[:2]) if one in LANGUAGES), language())


def quiet(response: HttpResponse) -> HttpResponse:
    """Nothing of a page behind a link is kept by machines or told to others."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
