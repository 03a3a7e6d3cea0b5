"""Secrets are set, every door is knocked at, things go wrong: nobody is told one of them."""

import io
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from overdeliver.apps.desk import reads as desk
from overdeliver.apps.intake import sources
from overdeliver.apps.listening import export
from overdeliver.apps.outreach import endpoints
from overdeliver.apps.outreach.jobs import send_due
from overdeliver.apps.outreach.models import Endpoint
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import buckets, links
from overdeliver.apps.people.models import Staff
from overdeliver.apps.people.rules import KEY_RIGHTS
from overdeliver.server.doctor import findings
from overdeliver.server.figures import exposition
from overdeliver.server.logs import Impersonal, Json, Plain
from tests.apps.doors import Door, doors
from tests.apps.outreach.conftest import write
from tests.processes import free_port

pytestmark = pytest.mark.one_database

SMTP, SIGNING = "canary-of-smtp-5f1c", "canary-of-signing-9d2e-" + "k" * 50
METRICS, RETURNS = "canary-of-metrics-77aa", "canary-of-returns-31bd"
#: Where a secret must be readable, because something is signed or told apart with it.
HOLDERS = {
    "endpoint": {"outreach_endpoint"},
    "old endpoint": {"outreach_endpoint"},
    "source": {"intake_source"},
    "session": {"django_session", "usersessions_usersession"},
}


@pytest.fixture
def canaries(shop: object, staff: Callable[[str], Staff], settings: Settings) -> Mapping[str, str]:
    """A secret of every kind, by its name; "session" is the owner's."""
    settings.SECRET_KEY = SIGNING
    port = free_port()
    settings.KNOBS = {
        **settings.KNOBS,
        "secret_key": SIGNING,
        "mail_url": f"smtp://me:{SMTP}@127.0.0.1:{port}",
        "mail_returns": f"returns:{RETURNS}",
        "mailbox_url": f"imaps://me:{SMTP}@127.0.0.1:{port}/INBOX",
        "metrics_token": METRICS,
        "fetch_http": True,
        "fetch_private": True,
    }
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 2
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "me", SMTP
    number, old = endpoints.add(f"https://127.0.0.1:{port}/hook")
    owner = Client(raise_request_exception=False)
    owner.force_login(staff("owner"))
    owner.get("/account/")
    return {
        "SMTP": SMTP,
        "signing": SIGNING,
        "metrics": METRICS,
        "returns": RETURNS,
        "key": people.make_key("till", KEY_RIGHTS),
        "old endpoint": old,
        "endpoint": endpoints.change_secret(number),
        "source": sources.add("shopify", "Shop", secret="canary-of-shopify-66cc")[1],
        "invitation": links.invite("new@example.org", "agent", by=None),
        "session": owner.cookies["sessionid"].value,
    }


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What both forms of the log say, of every logger."""
    written, root = io.StringIO(), logging.getLogger()
    handlers = []
    for form in (Json(), Plain()):
        handler = logging.StreamHandler(written)
        handler.setFormatter(form)
        handler.addFilter(Impersonal())
        root.addHandler(handler)
        handlers.append(handler)
    level = root.level
    root.setLevel(logging.INFO)
    yield written
    root.setLevel(level)
    for handler in handlers:
        root.removeHandler(handler)


def seen(where: str, text: str, canaries: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(where, name) for name, secret in canaries.items() if secret in text]


def test_no_secret_is_told_by_any_door_log_or_file(
    canaries: Mapping[str, str],
    logged: io.StringIO,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [hit for where, text in _answers(canaries) for hit in seen(where, text, canaries)]
    _go_wrong(canaries, monkeypatch)
    log = logged.getvalue()
    assert "ConnectionRefusedError" in log or "mail" in log
    assert "RuntimeError" in log, "a page that failed is in the log"
    found += seen("log", log, canaries)
    told = json.dumps([asdict(one) for one in findings()])
    found += seen("check", told, canaries)
    found += seen("metrics", exposition().decode(), canaries)
    for file in export.snapshot(tmp_path / "ledger").rglob("*"):
        if file.is_file():
            found += seen(file.name, file.read_bytes().decode("latin-1"), canaries)
    assert not found


def _answers(canaries: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every door: by a stranger, by the owner with what makes no sense, by a program."""
    owner = Client(raise_request_exception=False)
    owner.cookies["sessionid"] = canaries["session"]
    bearer = {"authorization": f"Bearer {canaries['key']}"}
    program = Client(raise_request_exception=False, headers=bearer)
    for door in doors():
        if _gives_or_ends(door):
            continue
        for client in (Client(raise_request_exception=False), owner, program):
            buckets._BUCKETS.clear()
            for method in {door.method, "GET", "POST"}:
                given = {"text": "\ud83d", "url": "x", "name": ""} if method == "POST" else {}
                answer = client.generic(method, door.path, json.dumps(given))
                body = b"".join(answer) if answer.streaming else answer.content
                headers = "\n".join(f"{name}: {value}" for name, value in answer.items())
                yield f"{method} {door.name}", headers + body.decode("utf-8", "replace")
    hook = f"/settings/webhooks/{Endpoint.objects.get().pk}/"
    for path in (hook, "/accounts/sessions/", "/accounts/login/", "/nowhere"):
        yield path, owner.get(path).content.decode()


def _gives_or_ends(door: Door) -> bool:
    """Signing out ends what is looked for; a new secret is shown once, to whoever made it."""
    return "sign-out" in door.path or door.path.endswith("/secret")


def _go_wrong(canaries: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Mail that does not go, a webhook nobody takes, a page that fails with all secrets in hand."""
    write()
    endpoints.test(Endpoint.objects.get().pk)
    send_due(threads=False)

    def fails(*_: object) -> None:
        raise RuntimeError(" ".join(canaries.values()))

    monkeypatch.setattr(desk, "today", fails)
    owner = Client(raise_request_exception=False)
    owner.cookies["sessionid"] = canaries["session"]
    answer = owner.get("/")
    assert answer.status_code == 500
    assert not seen("500", answer.content.decode(), canaries)


def test_a_secret_stands_where_it_is_needed_and_nowhere_else(canaries: Mapping[str, str]) -> None:
    write()
    endpoints.test(Endpoint.objects.get().pk)
    send_due(threads=False)
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            text = repr(cursor.fetchall())
            for _, name in seen("", text, canaries):
                found.setdefault(name, set()).add(model._meta.db_table)
    assert found == HOLDERS
