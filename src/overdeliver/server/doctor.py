"""Is this installation well? One line and one remedy for each thing that is not."""

import shutil
import smtplib
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.checks import run_checks
from django.core.mail import get_connection
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal import reads as journal
from overdeliver.server.models import WorkerBeat

_APART = 5.0  # seconds between two clocks that still do no harm
#: The framework names settings of its own; here they follow from the environment.
_REMEDIES = {"security.W008": "set OVERDELIVER_PROXIES to the number of proxies in front of it"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at: well, to be known, or wrong; and what to do about it."""

    what: str
    state: str  # well, note, wrong
    said: str
    remedy: str = ""


def findings() -> list[Finding]:
    """Everything looked at, in order; what cannot be looked at is wrong itself."""
    found: list[Finding] = []
    for look in LOOKS:
        try:
            found += list(look())
        except DatabaseError as error:
            found.append(
                Finding(look.__name__.strip("_"), "wrong", type(error).__name__, "see above")
            )
    return found


def _database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    yield Finding("database", "well", connection.vendor)
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        yield Finding("tables", "wrong", f"{len(pending)} steps are missing", "overdeliver migrate")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            said = cursor.fetchone()[0]
        if said != "ok":
            yield Finding("database file", "wrong", said, "restore the last backup")


def _clock() -> Iterator[Finding]:
    """Leases and due moments are compared across machines: their clocks must agree."""
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')"
            if sqlite
            else "SELECT clock_timestamp()"
        )
        said = cursor.fetchone()[0]
    theirs = datetime.fromisoformat(said) if isinstance(said, str) else said
    apart = (theirs - timezone.now()).total_seconds()
    if abs(apart) > _APART:
        told = f"the database's is {abs(apart):.0f} s {'ahead' if apart > 0 else 'behind'}"
        yield Finding("clock", "wrong", told, "let both machines set their clocks by NTP")
    else:
        yield Finding("clock", "well", "the database's and this machine's agree")


def _worker() -> Iterator[Finding]:
    beat = WorkerBeat.objects.order_by("-at").first()
    if beat is None or timezone.now() - beat.at > timedelta(minutes=1):
        last = f"last seen {beat.at:%Y-%m-%d %H:%M} UTC" if beat else "never seen"
        yield Finding("worker", "wrong", last, "overdeliver serve, or overdeliver worker")
    elif beat.failed:
        yield Finding("worker", "wrong", f"fails at {', '.join(beat.failed)}", "see its log")
    else:
        yield Finding("worker", "well", "at work")
    if stuck := journal.stuck():
        yield Finding("events", "wrong", f"{stuck} not delivered in time", "see Settings, System")


def _business() -> Iterator[Finding]:
    if business.business() is None:
        yield Finding("business", "note", "not set up yet", "sign in and follow the welcome page")


def _mail() -> Iterator[Finding]:
    if not settings.KNOBS["mail_url"]:
        yield Finding("mail", "note", "stays in the outbox", "set OVERDELIVER_MAIL_URL")
        return
    try:
        door = get_connection(fail_silently=False)
        door.open()
        door.close()
    except (OSError, smtplib.SMTPException) as error:
        yield Finding("mail", "wrong", type(error).__name__, "check OVERDELIVER_MAIL_URL")
    else:
        yield Finding("mail", "well", "the server answers")


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.DATA).free
    state = "well" if free > 1_000_000_000 else "wrong"
    yield Finding(
        "disk", state, f"{free / 1e9:.1f} GB free", "" if state == "well" else "make room"
    )
    secret = settings.DATA / "secret-key"
    if secret.exists() and stat.S_IMODE(secret.stat().st_mode) & 0o077:
        yield Finding("secret", "wrong", "others can read it", f"chmod 600 {secret}")


def _deployment() -> Iterator[Finding]:
    if not settings.PUBLIC_URL.startswith("https://"):
        yield Finding(
            "address", "note", f"{settings.PUBLIC_URL} is not https", "set OVERDELIVER_URL"
        )
        return
    for message in run_checks(include_deployment_checks=True):
        if not message.is_silenced():
            remedy = (
                _REMEDIES.get(message.id or "") or message.hint or "see the guide to running it"
            )
            yield Finding("deployment", "wrong", f"{message.id}: {message.msg}", str(remedy))


LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _database,
    _clock,
    _worker,
    _business,
    _mail,
    _disk,
    _deployment,
)
