"""Pages neither look for a character of code 0 nor keep one: PostgreSQL holds it in no text."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

_ZERO, _NOTHING = "\x00", "\ufffd"
_PROGRAMS = ("/api/", "/hooks/")


class Plain:
    """Takes the character out of whatever was asked for or typed, before any page reads it."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer itself."""
        return self.answer(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Address, query and form without it; programs' own bodies are read by their doors.

        In an address it becomes a sign that names nothing: each page says so in its own way.
        """
        for name, value in kwargs.items():
            if isinstance(value, str):
                kwargs[name] = value.replace(_ZERO, _NOTHING)
        request.GET = plain(request.GET)  # type: ignore[assignment]
        if request.method == "POST" and not request.path.startswith(_PROGRAMS):
            request.POST = plain(request.POST)  # type: ignore[assignment]
        return None


def plain(given: QueryDict) -> QueryDict:
    """What was typed, without the character.

    >>> plain(QueryDict("q=a%00b&q=c")).getlist("q")
    ['ab', 'c']
    """
    if not any(_ZERO in text for name, texts in given.lists() for text in (name, *texts)):
        return given
    found = QueryDict(mutable=True)
    for name, texts in given.lists():
        found.setlist(name.replace(_ZERO, ""), [str(one).replace(_ZERO, "") for one in texts])
    return found
