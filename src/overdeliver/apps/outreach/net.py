"""The one door out to addresses that people type in: nothing else in the house calls them.

The name is looked up once, every address it has is checked, and the very address that was checked
is the one connected to: a name that answers otherwise the second time gains nothing. No redirect is
followed, no proxy of the environment is used; all of it takes 15 seconds at most and no more than
64 kB of an answer are read.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from django.conf import settings

from overdeliver.apps.outreach.errors import AddressRefused, NotReached
from overdeliver.apps.outreach.places import Place, is_open, place_of
from overdeliver.vocabulary.errors import InputError

SECONDS = 15.0
MOST = 65_536


@dataclass(frozen=True)
class Answer:
    """What the other side said; header names are in lower case, the body is cut at 64 kB."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class _Clock:
    """Ends a call when its time is over, also where single bytes keep trickling in."""

    until: float
    over: bool = False
    timers: list[threading.Timer] = field(default_factory=list)

    @property
    def left(self) -> float:
        return max(self.until - time.monotonic(), 0.01)

    def watch(self, opened: socket.socket) -> None:
        timer = threading.Timer(self.left, self._cut, [opened])
        timer.daemon = True
        timer.start()
        self.timers.append(timer)

    def stop(self) -> None:
        for timer in self.timers:
            timer.cancel()

    def _cut(self, opened: socket.socket) -> None:
        self.over = True
        with suppress(OSError):  # the plain shutdown: the one of TLS would not end a waiting read
            socket.socket.shutdown(opened, socket.SHUT_RDWR)


def allowed(url: str) -> Place:
    """The parts of an address, as far as its text may be called. AddressRefused: it may not."""
    try:
        found = place_of(url, http=settings.KNOBS["fetch_http"])
    except InputError as error:
        raise AddressRefused(str(error)) from None
    if _is_number(found.host):
        _check([found.host])
    return found


def fetch(
    method: str,
    url: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    *,
    seconds: float = SECONDS,
) -> Answer:
    """Call an address that a person gave.

    AddressRefused: it must not be called. NotReached: nobody answered in time, or not in HTTP.
    """
    goal = allowed(url)
    clock = _Clock(time.monotonic() + seconds)
    try:
        return _exchange(goal, clock, method, body, dict(headers or {}))
    except (TimeoutError, OSError, http.client.HTTPException, ValueError, AttributeError) as error:
        raise NotReached("timeout" if clock.over else _code(error)) from None
    finally:
        clock.stop()


def _exchange(
    goal: Place, clock: _Clock, method: str, body: bytes, headers: dict[str, str]
) -> Answer:
    opened = _connect(_addresses(goal, clock), clock)
    try:
        clock.watch(opened)
        if goal.secure:
            opened = ssl.create_default_context().wrap_socket(opened, server_hostname=goal.host)
            clock.watch(opened)
        connection = http.client.HTTPConnection(goal.host, goal.port)
        connection.sock = opened
        sent = {
            "Host": goal.authority,
            "User-Agent": "overdeliver",
            "Connection": "close",
            **headers,
        }
        connection.request(method, goal.target, body, sent)
        answer = connection.getresponse()
        read = answer.read(MOST) if _has_body(method, answer.status) else b""
        if clock.over:
            raise TimeoutError
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, read)
    finally:
        opened.close()


def _connect(addresses: list[tuple[int, tuple[object, ...]]], clock: _Clock) -> socket.socket:
    """A connection to the first of the checked addresses that answers."""
    last: OSError = OSError("no address")
    for family, address in addresses:
        opened = socket.socket(family, socket.SOCK_STREAM)
        opened.settimeout(clock.left)
        try:
            opened.connect(address)
        except OSError as error:
            opened.close()
            last = error
            continue
        opened.settimeout(clock.left)
        return opened
    raise last


def _addresses(goal: Place, clock: _Clock) -> list[tuple[int, tuple[object, ...]]]:
    """Every address of the host, all of them checked: one that is not public refuses the call."""
    found = _in_time(lambda: _look_up(goal), clock)
    _check([str(address[0]) for _, address in found])
    return found


def _check(addresses: Iterable[str]) -> None:
    private = settings.KNOBS["fetch_private"]
    if not all(is_open(one, private=private) for one in addresses):
        raise AddressRefused("url: this address is not in the open internet")


def _look_up(goal: Place) -> list[tuple[int, tuple[object, ...]]]:
    rows = socket.getaddrinfo(goal.host, goal.port, type=socket.SOCK_STREAM)
    return [(row[0], tuple(row[4])) for row in rows]


def _in_time(
    look: Callable[[], list[tuple[int, tuple[object, ...]]]], clock: _Clock
) -> list[tuple[int, tuple[object, ...]]]:
    """Names are looked up by the system, which knows no time limit."""
    found: list[list[tuple[int, tuple[object, ...]]]] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            found.append(look())
        except (OSError, UnicodeError) as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(clock.left)
    if failed or (found and not found[0]):
        raise socket.gaierror("no such name")
    if not found:
        raise TimeoutError
    return found[0]


def _is_number(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _has_body(method: str, status: int) -> bool:
    return method != "HEAD" and status not in (204, 304)


def _code(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, socket.gaierror):
        return "no_name"
    if isinstance(error, ssl.SSLError):
        return "tls"
    return "connection"
