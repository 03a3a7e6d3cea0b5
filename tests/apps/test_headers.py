"""What every answer of every door carries, errors included; what its cookies are like."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client

from overdeliver.apps.people.models import Staff
from tests.apps.doors import Door, doors

pytestmark = pytest.mark.one_database

#: Of all pages alike; what stands here was looked at when it was written, a change fails.
CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "manifest-src": "'self'",
}
#: Read by the pages of shops: the only ones that other sites may load.
FOR_SHOPS = ("page q/<str:slug>.js", "page q/<str:slug>/quote")
ELSEWHERE = ("/accounts/login/", "/accounts/password/reset/", "/api/v1/docs", "/no/such/page")
#: Nothing that a policy without 'unsafe-inline' would refuse stands in a page; JSON is no script.
INLINE = re.compile(
    r"<script(?![^>]*(?:\bsrc=|application/json))[^>]*>|<style\b|\sstyle\s*="
    r"|\son[a-z]+\s*=\s*[\"']|javascript:",
    re.I,
)


Answers = Iterator[tuple[str, HttpResponse]]


@pytest.fixture
def told(shop: object, staff: Callable[[str], Staff]) -> Callable[[], Answers]:
    """Knocks at every door, as a stranger and as the owner."""

    def knock() -> Answers:
        owner = Client(raise_request_exception=False)
        owner.force_login(staff("owner"))
        stranger = Client(raise_request_exception=False)
        for client in (stranger, owner):
            for door in doors():
                if client is stranger or not _ends(door):
                    yield door.name, client.generic(door.method, door.path)
            for path in ELSEWHERE:
                yield path, client.get(path)
        yield "another host", stranger.get("/", headers={"host": "evil.example"})
        yield "no form's token", Client(enforce_csrf_checks=True).post("/accounts/login/")

    return knock


def _ends(door: Door) -> bool:
    return "sign-out" in door.path


def test_every_answer_forbids_what_we_did_not_write(told: Callable[[], Answers]) -> None:
    seen, statuses = 0, set()
    for name, answer in told():
        policy = dict(part.strip().split(" ", 1) for part in _policy(answer).split(";"))
        assert policy == CSP, name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers.get("X-Frame-Options", "DENY") == "DENY", name
        assert answer.headers["Permissions-Policy"], name
        assert "no-store" in answer.headers["Cache-Control"] or name in FOR_SHOPS, name
        if name not in FOR_SHOPS:
            assert "Access-Control-Allow-Origin" not in answer.headers, name
        if not answer.streaming and "html" in answer.headers.get("Content-Type", ""):
            assert not INLINE.search(answer.content.decode()), name
        seen, statuses = seen + 1, statuses | {answer.status_code}
    assert seen > 250 and statuses >= {200, 302, 400, 401, 403, 404, 405}, (seen, statuses)


def _policy(answer: HttpResponse) -> str:
    return answer.headers["Content-Security-Policy"]


@pytest.mark.django_db
def test_files_of_ours_are_not_guessed_at(client: Client) -> None:
    for path in ("look/app.css", "look/htmx.min.js"):
        if finders.find(path) is None:
            continue
        answer = client.get(f"/static/{path}")
        assert answer.status_code == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "unsafe" not in _policy(answer)


def test_no_template_needs_what_the_policy_forbids() -> None:
    """Also those that no test opens."""
    folder = Path(__file__).parents[2] / "src" / "overdeliver"
    found = [
        (str(path.relative_to(folder)), match[0])
        for path in folder.rglob("*.html")
        if "apps" in path.parts or "server" in path.parts
        if "letters" not in path.parts  # mails: programs that read them know no style sheets
        for match in INLINE.finditer(path.read_text("utf-8"))
    ]
    assert not found


SETTINGS = """
import django, json; django.setup()
from django.conf import settings as s
print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE,
    s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS, s.SECURE_SSL_REDIRECT,
    s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.CSRF_COOKIE_SAMESITE,
    s.SESSION_COOKIE_PATH, s.SESSION_COOKIE_DOMAIN, s.CSRF_COOKIE_DOMAIN]))
"""


@pytest.mark.parametrize(
    ("url", "proxies", "expected"),
    [
        (
            "https://p.example.org",
            "1",
            ["__Host-sessionid", "__Host-csrftoken", True, True, 31_536_000, True],
        ),
        (
            "http://127.0.0.1:8000",
            "0",
            ["sessionid", "csrftoken", False, False, 0, False],
        ),
    ],
)
def test_cookies_over_https_belong_to_this_host_alone(
    url: str, proxies: str, expected: list[object], tmp_path: Path
) -> None:
    """In a process of its own: settings are read once."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OVERDELIVER_", "DJANGO"))}
    env |= {
        "OVERDELIVER_DATA": str(tmp_path),
        "OVERDELIVER_URL": url,
        "OVERDELIVER_PROXIES": proxies,
        "DJANGO_SETTINGS_MODULE": "overdeliver.server.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", SETTINGS], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [*expected, True, "Lax", "Lax", "/", None, None]
