"""Every request as it arrives: who really called, the number it goes by, a line in the log."""

import ipaddress
import logging
import re
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from overdeliver.server.health import alive, ready
from overdeliver.server.logs import REQUEST, door_of

WATCHED = {"/healthz": alive, "/readyz": ready}
_LOG = logging.getLogger("overdeliver.web")
_NUMBER = re.compile(r"[\w.-]{8,64}", re.ASCII)


class Arrival:
    """Comes first: what is inside sees the caller's own address and finds the request's number."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer
        self.proxies: int = settings.KNOBS["proxies"]
        self.logs = settings.KNOBS["log"] == "json"

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, with ``X-Request-ID``: the number that the log knows it by."""
        begun = time.perf_counter()
        given = request.headers.get("X-Request-ID", "") if self.proxies else ""
        number = given if _NUMBER.fullmatch(given) else secrets.token_hex(8)
        request.META["REMOTE_ADDR"] = caller(request, self.proxies)
        mark = REQUEST.set(number)
        try:
            # Whether it lives must not hang on the database, which the gate asks at every door.
            watched = WATCHED.get(request.path)
            response = watched(request) if watched else self.answer(request)
            response.headers["X-Request-ID"] = number
            if self.logs and not request.path.startswith("/static/"):
                took = 1000 * (time.perf_counter() - begun)
                _LOG.info("%s -> %d in %.0f ms", door_of(request), response.status_code, took)
        finally:
            REQUEST.reset(mark)
        return response


def caller(request: HttpRequest, proxies: int) -> str:
    """The address of whoever called: what the outermost trusted proxy saw.

    Each proxy adds the address it saw to the end of ``X-Forwarded-For``; what stands before that
    anybody may have written.
    """
    seen = str(request.META.get("REMOTE_ADDR", ""))
    if not proxies:
        return seen
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if len(told) < proxies:
        return seen
    try:
        return str(ipaddress.ip_address(told[-proxies]))
    except ValueError:
        return seen
