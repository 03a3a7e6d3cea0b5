"""What went wrong, said to whoever asked: a page for people, problem details for programs."""

import errno
import logging
import sys
from collections.abc import Callable
from math import ceil

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from overdeliver.server.logs import REQUEST, door_of
from overdeliver.vocabulary.errors import (
    Conflict,
    InputError,
    LimitExceeded,
    NotAllowed,
    NotEnoughData,
    NotFound,
    OverdeliverError,
    TooManyCalls,
)

_LOG = logging.getLogger("overdeliver.web")
#: The database is away, locked for long, or its disk is full.
GONE = (OperationalError, InterfaceError)
#: There is no room for a file, for anybody or for our user.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
STATUS: tuple[tuple[type[OverdeliverError], int, str], ...] = (
    (LimitExceeded, 413, "too-large"),
    (InputError, 422, "invalid"),
    (NotEnoughData, 409, "not-enough-data"),
    (NotFound, 404, "not-found"),
    (NotAllowed, 403, "not-allowed"),
    (Conflict, 409, "conflict"),
    (TooManyCalls, 429, "too-many-calls"),
)


def status_of(error: OverdeliverError) -> tuple[int, str]:
    """The HTTP status and the short name of an error.

    >>> status_of(NotFound("promise p-1"))
    (404, 'not-found')
    """
    for kind, status, name in STATUS:
        if isinstance(error, kind):
            return status, name
    return 500, "failed"


def problem(status: int, name: str, detail: str, **more: object) -> JsonResponse:
    """An answer in problem details (RFC 9457)."""
    body = {"type": f"urn:overdeliver:{name}", "title": name.replace("-", " "), "status": status}
    if number := REQUEST.get():
        more["instance"] = f"urn:overdeliver:request:{number}"
    return JsonResponse(
        {**body, "detail": detail, **more}, status=status, content_type="application/problem+json"
    )


def problem_of(error: OverdeliverError) -> JsonResponse:
    """The answer to an error of ours, with the time to wait where waiting helps."""
    status, name = status_of(error)
    told = problem(status, name, str(error))
    if isinstance(error, TooManyCalls):
        told.headers["Retry-After"] = str(ceil(error.wait))
    return told


class Problems:
    """Turns our errors, raised anywhere in a page, into the page that says what to do."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer itself; errors come through `process_exception`."""
        return self.answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page of an error; None: not ours."""
        if isinstance(error, Http404):
            return None
        if passing(error):
            _LOG.error("%s cannot be answered", door_of(request), exc_info=error)
            return unavailable(request)
        if not isinstance(error, OverdeliverError):
            return None
        status, name = status_of(error)
        if isinstance(error, NotAllowed) and not request.user.is_authenticated:
            return redirect(f"/accounts/login/?next={request.path}")
        response = page(request, status, name, "" if status in (403, 404) else str(error))
        if isinstance(error, TooManyCalls):
            response.headers["Retry-After"] = str(ceil(error.wait))
        return response


def page(request: HttpRequest, status: int, name: str, detail: str = "") -> HttpResponse:
    """The page of a problem: what happened, what it means, what to do."""
    key = name.replace("-", "_")
    words = {"title": f"look.problem.title_{key}", "advice": f"look.problem.advice_{key}"}
    return render(request, "look/problem.html", {**words, "detail": detail}, status=status)


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page Django shows where a form came without its token."""
    return page(request, 403, "form-old")


def not_there(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 404, in the manner of whoever asked."""
    if request.path.startswith("/api/"):
        return problem(404, "not-found", "there is no such door; see /api/v1/openapi.json")
    return render(request, "404.html", status=404)


def not_read(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 400: a call that cannot be understood, such as one to another host."""
    if request.path.startswith("/api/"):
        return problem(400, "invalid", "the call cannot be read")
    return _plain(400, "400.html")


def failed(request: HttpRequest) -> HttpResponse:
    """Django's 500: the change, if there was one, was taken back as a whole."""
    # Django asks for this page while it handles the error.
    if passing(sys.exc_info()[1]):
        return unavailable(request)
    if request.path.startswith("/api/"):
        return problem(500, "failed", "something went wrong here; nothing was half done")
    return _plain(500, "500.html", number=REQUEST.get())


def passing(error: BaseException | None) -> bool:
    """Whether an error is of the moment: the database or the disk cannot be used just now."""
    return isinstance(error, GONE) or (isinstance(error, OSError) and error.errno in _NO_ROOM)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database or the disk cannot be used just now: later the same call may work."""
    if request.path.startswith("/api/"):
        said = "the database or the disk cannot be used just now; nothing was half done"
        response: HttpResponse = problem(503, "unavailable", said)
    else:
        response = _plain(503, "500.html", later=True, number=REQUEST.get())
    response.headers["Retry-After"] = "10"
    return response


def _plain(status: int, template: str, **more: object) -> HttpResponse:
    """A page that asks nothing of the database."""
    return HttpResponse(render_to_string(template, more), status=status)
