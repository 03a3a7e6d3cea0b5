"""Each thing that can be wrong is found, and said with what to do."""

import smtplib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import override_settings
from django.utils import timezone

from overdeliver.server import doctor
from overdeliver.server.doctor import Finding
from overdeliver.server.models import WorkerBeat

pytestmark = pytest.mark.django_db


def found(what: str) -> Finding | None:
    return next((one for one in doctor.findings() if one.what == what), None)


def test_a_worker_is_seen_by_its_signs_of_life() -> None:
    assert found("worker").said == "never seen"  # type: ignore[union-attr]
    now = timezone.now()
    row = WorkerBeat.objects.create(name="h:1", at=now, started_at=now, version="0")
    assert found("worker") == Finding("worker", "well", "at work")
    WorkerBeat.objects.update(failed={"outreach.send_due": "ValueError"})
    assert "outreach.send_due" in found("worker").said  # type: ignore[union-attr]
    WorkerBeat.objects.filter(pk=row.pk).update(at=now - timedelta(minutes=5))
    assert found("worker").said.startswith("last seen 2")  # type: ignore[union-attr]


def test_a_shop_that_is_not_set_up_is_a_note_not_a_fault(shop: object) -> None:
    from overdeliver.apps.business.models import Business

    assert found("business") is None
    Business.objects.all().delete()
    assert found("business").state == "note"  # type: ignore[union-attr]


def test_tables_of_an_older_release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.MigrationExecutor, "migration_plan", lambda *_: ["a", "b"])
    one = found("tables")
    assert one is not None and (one.state, one.remedy) == ("wrong", "overdeliver migrate")
    assert "2 steps" in one.said


class _Mail:
    def __init__(self, error: Exception | None) -> None:
        self.error = error

    def open(self) -> None:
        if self.error:
            raise self.error

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("error", "state", "said"),
    [
        (None, "well", "the server answers"),
        (ConnectionRefusedError(), "wrong", "ConnectionRefusedError"),
        (smtplib.SMTPAuthenticationError(535, b"secret"), "wrong", "SMTPAuthenticationError"),
    ],
)
def test_the_mail_server_is_asked(
    error: Exception | None, state: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "get_connection", lambda **_: _Mail(error))
    with override_settings(KNOBS={**settings.KNOBS, "mail_url": "smtp://mail"}):
        one = found("mail")
    assert one is not None and (one.state, one.said) == (state, said)
    assert one.remedy or state == "well"


def test_room_and_a_secret_that_others_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret-key"
    secret.write_text("s")
    secret.chmod(0o644)
    monkeypatch.setattr(settings, "DATA", tmp_path)
    assert found("secret").remedy == f"chmod 600 {secret}"  # type: ignore[union-attr]
    secret.chmod(0o600)
    assert found("secret") is None
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: SimpleNamespace(free=10_000))
    assert found("disk").state == "wrong"  # type: ignore[union-attr]


def test_behind_https_the_frameworks_own_checks_are_asked() -> None:
    """The tests' settings are not those of a server: the framework says so."""
    assert found("address").state == "note"  # type: ignore[union-attr]
    with override_settings(PUBLIC_URL="https://p.example.org", SESSION_COOKIE_SECURE=False):
        assert found("address") is None
        warned = [one for one in doctor.findings() if one.what == "deployment"]
    assert any("security.W012" in one.said for one in warned)
    assert all(one.remedy for one in warned)


def test_an_installation_behind_a_proxy_is_well() -> None:
    """What is silenced in the settings is not told again; what https needs is told once."""
    secure = {"SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True, "SECURE_HSTS_SECONDS": 9}
    secret = {"SECRET_KEY": "".join(map(chr, range(33, 100)))}
    with override_settings(PUBLIC_URL="https://p.example.org", DEBUG=False, **secure, **secret):
        alone = found("deployment")
        assert alone is not None and "OVERDELIVER_PROXIES" in alone.remedy
        with override_settings(SECURE_SSL_REDIRECT=True):
            assert found("deployment") is None


def test_what_cannot_be_looked_at_is_wrong_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def _database() -> Iterator[Finding]:
        raise OperationalError("password of od")
        yield

    looks: tuple[Callable[[], Iterator[Finding]], ...] = (_database, doctor._disk)
    monkeypatch.setattr(doctor, "LOOKS", looks)
    one, *others = doctor.findings()
    assert (one.what, one.state, one.said) == ("database", "wrong", "OperationalError")
    assert {other.what for other in others} >= {"disk"}
