"""The one door out: where it does not lead, and how long it waits."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pytest_django.fixtures import Settings

from overdeliver.apps.outreach import net
from overdeliver.apps.outreach.errors import AddressRefused, NotReached
from tests.apps.outreach.conftest import Receiver

REFUSED = [
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://localhost/",
    "https://localhost./",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[0:0:0:0:0:ffff:10.0.0.1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::a00:1]/",
    "https://[64:ff9b:1::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2002:a00:1::]/",
    "https://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
    "https://[fc00::1]/",
    "https://[fd12:3456::1]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[2001:db8::1]/",
    "https://[::5efe:127.0.0.1]/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://100.100.100.200/",
    "https://192.0.0.192/",
    "https://198.18.0.1/",
    "https://192.0.2.1/",
    "https://198.51.100.1/",
    "https://203.0.113.1/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://1.1.1.1@127.0.0.1/",
    "https://user:pw@example.org/",
    "https://example.org:22/",
    "https://example.org:8080/",
    "https://example.org\\@127.0.0.1/",
    "http://1.1.1.1/",
    "ftp://1.1.1.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "//127.0.0.1/",
    "https:///x",
    "https://",
]


@pytest.fixture(autouse=True)
def _nobody_is_called(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "receiver" in request.fixturenames or "open_door" in request.fixturenames:
        return

    def connect(*_: object) -> None:
        raise AssertionError("somebody was called")

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.mark.parametrize("url", [*REFUSED, "https://exa mple.org/", "https://a.org/\r\nX: y"])
def test_it_leads_nowhere_inside(url: str) -> None:
    with pytest.raises(AddressRefused):
        net.fetch("POST", url)


def answers(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """The names looked up, each answered with these addresses in turn."""
    asked: list[str] = []

    def look(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        family = socket.AF_INET6 if ":" in addresses[-1] else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look)
    return asked


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["1.1.1.1", "127.0.0.1"], ["::ffff:10.0.0.1"]])
def test_a_name_with_one_address_inside_is_refused(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    answers(monkeypatch, *addresses)
    with pytest.raises(AddressRefused):
        net.fetch("POST", "https://rebinding.example/")


def test_the_address_that_was_checked_is_the_one_called(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, "1.1.1.1")
    called: list[tuple[str, int]] = []

    def connect(_: socket.socket, address: tuple[str, int]) -> None:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(NotReached) as found:
        net.fetch("POST", "https://shop.example/hooks")
    assert (asked, called) == (["shop.example"], [("1.1.1.1", 443)])
    assert found.value.code == "connection"


def test_the_cloud_stays_closed_with_private_addresses_open(open_door: object) -> None:
    with pytest.raises(AddressRefused):
        net.fetch("GET", "http://169.254.169.254/latest/meta-data/")


def test_redirects_and_proxies_are_not_followed(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    receiver.answers = [(302, {"Location": receiver.url})]
    answer = net.fetch("POST", receiver.url, b"{}", {"X-A": "b"})
    assert answer.status == 302 and len(receiver.got) == 1
    headers, body = receiver.got[0]
    assert (headers["x-a"], body, headers["user-agent"]) == ("b", b"{}", "overdeliver")


@contextmanager
def strange(speak: bytes, *, drip: bool = False) -> Iterator[str]:
    """A server that says something and then keeps the line open."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()

        def serve() -> None:
            line, _ = server.accept()
            with line:
                try:
                    for start in range(0, len(speak), 1 if drip else len(speak) or 1):
                        line.sendall(speak[start : start + (1 if drip else len(speak))])
                        if drip and stop.wait(0.2):
                            return
                    stop.wait(10)
                except OSError:
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        finally:
            stop.set()
            thread.join(5)


@pytest.mark.parametrize(
    ("speak", "drip"),
    [
        (b"", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9", True),
        (b"HTTP/1.1 200 OK\r\nX: y", False),
    ],
)
def test_it_waits_no_longer_than_it_says(open_door: object, speak: bytes, drip: bool) -> None:
    began = time.monotonic()
    with strange(speak, drip=drip) as url, pytest.raises(NotReached) as found:
        net.fetch("GET", url, seconds=1.0)
    assert time.monotonic() - began < 3 and found.value.code == "timeout"


def test_no_more_than_64_kb_are_read(open_door: object) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"
    with strange(head + b"x" * 300_000) as url:
        answer = net.fetch("GET", url, seconds=5)
    assert len(answer.body) == net.MOST


def test_what_is_no_http_is_said(open_door: object, settings: Settings) -> None:
    with strange(b"220 mail.example ESMTP\r\n") as url, pytest.raises(NotReached) as found:
        net.fetch("GET", url, seconds=3)
    assert found.value.code == "connection"
