"""How the installation is doing, for people: who works, what waits, the nights, the room."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.journal.actions import deliver_again
from overdeliver.apps.look import missed
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.outreach import reads as outreach
from overdeliver.apps.outreach.saying import reason
from overdeliver.apps.quoting import reads as quoting
from overdeliver.server import disk
from overdeliver.server.models import WorkerBeat
from overdeliver.server.release import VERSION

ALIVE = timedelta(minutes=1)  # a worker says so every ten seconds


@dataclass(frozen=True)
class Worker:
    """A worker's last sign of life."""

    name: str
    at: datetime
    started_at: datetime
    alive: bool
    did: int
    failed: tuple[str, ...]


@needs("settings.see")
def system(request: HttpRequest) -> HttpResponse:
    """`/settings/system/`: workers, what waits, the nights of learning, database, disk, version."""
    workers, mail = workers_seen(), outreach.mail_trouble()
    context = {
        "workers": workers,
        "alive": sum(one.alive for one in workers),
        "failing": sorted({name for one in workers if one.alive for name in one.failed}),
        "waiting": journal.waiting(),
        "stuck": journal.stuck(),
        "undelivered": journal.undelivered(),
        "late": outreach.late(),
        "mail": mail,
        "mail_reason": reason(mail.because) if mail else "",
        "database": connection.display_name,
        "database_bytes": database_bytes(),
        "room": disk.room(),
        "full": disk.room() < disk.LEAST,
        "missed": missed.within_hour(),
        "version": VERSION,
        "data": settings.DATA,
        **_nights(),
    }
    return render(request, "server/system.html", context)


@needs("settings.write")
@require_POST
def retry(request: HttpRequest, number: int) -> HttpResponse:
    """Have an event delivered again that its listener could not take."""
    deliver_again(number)
    messages.success(request, word("journal.system.retried"))
    return redirect("settings_system")


def workers_seen() -> list[Worker]:
    """The workers of the last day, the latest sign of life first."""
    alive_since = timezone.now() - ALIVE
    return [
        Worker(
            row.name,
            row.at,
            row.started_at,
            row.at >= alive_since,
            sum(row.did.values()),
            tuple(sorted(row.failed)),
        )
        for row in WorkerBeat.objects.order_by("-at")[:20]
    ]


def database_bytes() -> int:
    """How large the database is, in bytes."""
    statement = (
        "SELECT pg_database_size(current_database())"
        if connection.vendor == "postgresql"
        else "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def _nights() -> dict[str, Any]:
    """The latest runs of learning, as the part of a page that shows them wants it."""
    names = {one.slug: one.name for one in business.services(active=False)}
    runs = quoting.runs()
    shown = [
        {
            "card": run,
            "lines": [
                {**line, "name": names.get(line["service"], line["service"])}
                for line in run.report
                if line.get("service")
            ],
        }
        for run in runs
    ]
    return {"runs": shown, "going": any(run.going for run in runs)}
