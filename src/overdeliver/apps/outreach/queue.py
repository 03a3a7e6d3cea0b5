"""What the pages of letters show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from overdeliver.apps.outreach.listing import Line, lines_of
from overdeliver.apps.outreach.models import Message, PrintRun
from overdeliver.apps.outreach.printing import MOST, run_of


@dataclass(frozen=True)
class RunLine:
    """A print run; ``status``: printing, posted or undone."""

    id: int
    made_at: datetime
    made_by: str
    status: str
    settled_at: datetime | None
    count: int
    letters: Sequence[Line] = ()


def waiting() -> list[Line]:
    """Letters that wait to be printed, the oldest first."""
    rows = Message.objects.filter(channel="letter", status="held", print_run=None)
    return lines_of(list(rows.order_by("pk")[:MOST]))


def runs(limit: int = 20) -> list[RunLine]:
    """The latest print runs, newest first."""
    rows = PrintRun.objects.annotate(n=Count("letters")).order_by("-pk")[:limit]
    return [
        RunLine(one.pk, one.made_at, one.made_by, one.status, one.settled_at, one.n) for one in rows
    ]


def run(number: int) -> RunLine:
    """One run with its letters. NotFound: there is none of that number."""
    one = run_of(number)
    letters = lines_of(list(Message.objects.filter(print_run=one).order_by("pk")))
    return RunLine(
        one.pk, one.made_at, one.made_by, one.status, one.settled_at, len(letters), letters
    )


def letter(number: int) -> Message | None:
    """One letter's row, or None."""
    return Message.objects.filter(pk=number, channel="letter").first()
