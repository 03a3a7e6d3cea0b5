"""Every call of the API before it reaches its operation: size, form, idempotency."""

import re
from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException

from overdeliver.apps.people.calls import Answer, hashed, once
from overdeliver.apps.people.key_auth import bearer, known
from overdeliver.server.api import asked_of
from overdeliver.server.problems import problem, problem_of
from overdeliver.vocabulary.errors import OverdeliverError

#: Bytes of a body; the doors of many rows take more, files have limits of their own.
LARGEST, LARGEST_OF_MANY = 1_000_000, 5_000_000
_MANY = "/api/v1/batch/"
_JSON = "application/json"
_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")


class Calls:
    """Refuses what cannot be read, and does a call with an Idempotency-Key once."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer; pages pass through."""
        if not request.path.startswith("/api/"):
            return self.answer(request)
        return refused(request) or _spoken(self._once(request))

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """Refuse a word in the query that the operation does not know: a wish unheard is worse."""
        match = request.resolver_match
        if match is None or not request.GET or not request.path.startswith("/api/"):
            return None
        path = "/" + _PLACE.sub(r"{\1}", match.route)
        known = asked_of().get((path, request.method or ""))
        if known is None or not (strange := sorted(set(request.GET) - known)):
            return None
        may = ", ".join(sorted(known)) or "nothing"
        said = f"query: {strange[0][:80]!r} is unknown here; it may be asked for {may}"
        return problem(422, "invalid", said)

    def _once(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get("Idempotency-Key", "")
        if request.method != "POST" or not key:
            return self.answer(request)
        if len(key) > 255 or not key.isascii() or not key.isprintable():
            return problem(422, "invalid", "Idempotency-Key: 255 printable characters at most")
        caller = known(request, bearer(request))
        if caller is None:  # nothing is kept for strangers
            return self.answer(request)
        asked = hashed(b"POST", request.get_full_path().encode(), _body(request))
        given: list[HttpResponse] = []

        def work() -> Answer:
            response = self.answer(request)
            given.append(response)
            return Answer(response.status_code, response.content.decode(), replayed=False)

        try:
            found = once(f"key:{caller.pk}", key, asked, work)
        except OverdeliverError as error:
            return problem_of(error)
        if not found.replayed:
            return given[0]
        again = HttpResponse(found.body, status=found.status, content_type=_JSON)
        again.headers["Idempotent-Replay"] = "true"
        return again


def refused(request: HttpRequest) -> HttpResponse | None:
    """The problem of a call nobody could read; None for all others."""
    if "\x00" in request.path:
        return problem(404, "not-found", "there is nothing whose name holds a character of code 0")
    if "%00" in request.META.get("QUERY_STRING", ""):
        return problem(422, "invalid", "the query holds a character of code 0")
    length = request.headers.get("Content-Length", "") or "0"
    if not length.isdecimal():
        return problem(400, "invalid", "Content-Length: a whole number is needed")
    kind = (request.content_type or "").lower()
    if kind == "multipart/form-data":
        return None
    most = LARGEST_OF_MANY if request.path.startswith(_MANY) else LARGEST
    if int(length) > most:
        return problem(413, "too-large", f"the body is larger than {most:,} bytes")
    if int(length) and request.method in ("POST", "PUT", "PATCH"):
        if kind not in (_JSON, "text/plain", "") and not kind.endswith("+json"):
            return problem(415, "invalid", f"Content-Type: {kind} cannot be read; send {_JSON}")
        try:
            _body(request)
        except RequestDataTooBig:
            return problem(413, "too-large", f"the body is larger than {most:,} bytes")
    return None


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RawPostDataException:
        return b""


def _spoken(response: HttpResponse) -> HttpResponse:
    """Answers of the framework (405 and the like) as problem details."""
    kind = response.headers.get("Content-Type", "")
    if response.status_code < 400 or "json" in kind:
        return response
    told = problem(response.status_code, "refused", response.reason_phrase.lower())
    for name in ("Allow", "Retry-After"):
        if (said := response.headers.get(name)) is not None:
            told.headers[name] = said
    return told
