"""Every call of the API before it reaches its operation: size, form, idempotency."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException

from overdeliver.apps.people.calls import Answer, hashed, once
from overdeliver.server.problems import problem, status_of
from overdeliver.vocabulary.errors import InputError

LARGEST = 5_000_000  # bytes of a body; files have their own limit
_JSON = "application/json"


class Calls:
    """Refuses bodies that cannot be, and does a call with an Idempotency-Key once."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer; pages pass through."""
        if not request.path.startswith("/api/"):
            return self.answer(request)
        return refused(request) or _spoken(self._once(request))

    def _once(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get("Idempotency-Key", "")
        if request.method != "POST" or not key:
            return self.answer(request)
        if len(key) > 255 or not key.isprintable():
            return problem(422, "invalid", "Idempotency-Key: 255 printable characters at most")
        scope = hashed(request.headers.get("Authorization", "").encode())
        asked = hashed(b"POST", request.get_full_path().encode(), _body(request))
        given: list[HttpResponse] = []

        def work() -> Answer:
            response = self.answer(request)
            given.append(response)
            return Answer(response.status_code, response.content.decode(), replayed=False)

        try:
            found = once(scope, key, asked, work)
        except InputError as error:
            return problem(*status_of(error), str(error))
        if not found.replayed:
            return given[0]
        again = HttpResponse(found.body, status=found.status, content_type=_JSON)
        again.headers["Idempotent-Replay"] = "true"
        return again


def refused(request: HttpRequest) -> HttpResponse | None:
    """The problem of a body nobody could read; None for all others."""
    length = request.headers.get("Content-Length", "") or "0"
    if not length.isdecimal():
        return problem(400, "invalid", "Content-Length: a whole number is needed")
    kind = (request.content_type or "").lower()
    if kind == "multipart/form-data":
        return None
    if int(length) > LARGEST:
        return problem(413, "too-large", f"the body is larger than {LARGEST:,} bytes")
    if int(length) and request.method in ("POST", "PUT", "PATCH"):
        if kind not in (_JSON, "text/plain", "") and not kind.endswith("+json"):
            return problem(415, "invalid", f"Content-Type: {kind} cannot be read; send {_JSON}")
        if b"\x00" in _body(request):
            return problem(400, "invalid", "the body holds a character of code 0")
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
    if allow := response.headers.get("Allow"):
        told.headers["Allow"] = allow
    return told
