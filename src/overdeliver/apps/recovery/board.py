"""The board: open complaints by the step they wait for, late ones first; lists with filters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, Q, QuerySet

from overdeliver.apps.people import reads as people
from overdeliver.apps.recovery.models import Case
from overdeliver.apps.recovery.reads import CaseCard, cards
from overdeliver.apps.recovery.rules.complaint import OBJECTS
from overdeliver.apps.recovery.rules.loop import STATES
from overdeliver.measure.intervals import Rate, rate
from overdeliver.vocabulary.errors import InputError

PAGE, COLUMN, NEEDED = 50, 15, 20
_WINDOW = timedelta(days=90)


@dataclass(frozen=True)
class Filter:
    """Which complaints are asked for; empty parts ask nothing. InputError: a value that is none.

    ``owner``: a number of staff, or "none"; ``late``: the next step is overdue.
    """

    q: str = ""
    status: str = ""
    owner: str = ""
    object: str = ""
    late: bool = False
    cause: int | None = None

    def __post_init__(self) -> None:
        if self.status and self.status not in (*STATES, "open", "merged"):
            raise InputError(f"status {self.status!r}: use one of {', '.join(STATES)}")
        if self.object and self.object not in OBJECTS:
            raise InputError(f"object {self.object!r}: use one of {', '.join(OBJECTS)}")
        if self.owner and self.owner != "none" and not self.owner.isdecimal():
            raise InputError("owner: use the number of somebody of the staff, or none")


@dataclass(frozen=True)
class Page:
    """Some complaints, and where the next and the previous ones begin."""

    rows: Sequence[CaseCard]
    next: str = ""
    previous: str = ""


@dataclass(frozen=True)
class Column:
    """The complaints that stand at one state: how many, how many late, the first few."""

    status: str
    n: int
    late: int
    rows: Sequence[CaseCard]


@dataclass(frozen=True)
class Pulse:
    """How the door works, of the last 90 days; None: not enough data yet."""

    received: int
    seconds: int | None  # median from opening the form to sending it
    timed: int
    first: Rate | None  # share that came to us first, of those who said
    said: int


def columns(asked: Filter, now: datetime) -> list[Column]:
    """Open complaints by state, in the order of the loop; states without any are left out."""
    rows = _matching(asked, now).exclude(status="closed")
    found = (
        rows.order_by()
        .values_list("status")
        .annotate(n=Count("pk"), late=Count("pk", filter=Q(due_at__lte=now)))
    )
    tally = {status: (n, late) for status, n, late in found}
    return [
        Column(
            status,
            *tally[status],
            cards(rows.filter(status=status).order_by("due_at", "pk")[:COLUMN]),
        )
        for status in STATES
        if status in tally
    ]


def listed(asked: Filter, now: datetime, *, after: str = "", before: str = "") -> Page:
    """A page of complaints, newest first. InputError: a cursor that is none."""
    rows = _matching(asked, now)
    if before:
        found = list(rows.filter(pk__gt=_key(before)).order_by("pk")[: PAGE + 1])
        shown = found[:PAGE][::-1]
        previous = str(shown[0].pk) if len(found) > PAGE else ""
        return Page(cards(shown), str(shown[-1].pk) if shown else "", previous)
    if after:
        rows = rows.filter(pk__lt=_key(after))
    found = list(rows.order_by("-pk")[: PAGE + 1])
    shown = found[:PAGE]
    following = str(shown[-1].pk) if len(found) > PAGE else ""
    return Page(cards(shown), following, str(shown[0].pk) if after and shown else "")


def tally(now: datetime) -> Mapping[str, int]:
    """How many are open and how many of these late."""
    rows = Case.objects.filter(merged_into__isnull=True).exclude(status="closed")
    return rows.aggregate(open=Count("pk"), late=Count("pk", filter=Q(due_at__lte=now)))


def pulse(now: datetime) -> Pulse:
    """How long complaining takes and how many came to us first, of the last 90 days."""
    recent = Case.objects.filter(received_at__gte=now - _WINDOW)
    taken = recent.order_by("-pk").values_list("seconds", flat=True)
    timed = [one for one in taken.exclude(seconds=None)[:5000] if one is not None]
    said = recent.filter(first__isnull=False).count()
    share = rate(recent.filter(first=True).count(), said) if said >= NEEDED else None
    middle = int(median(timed)) if timed else None
    return Pulse(recent.count(), middle, len(timed), share, said)


def lessons(text: str = "", limit: int = 200) -> list[tuple[CaseCard, str, datetime]]:
    """What was learned: each complaint with its lesson and when it was written, newest first."""
    rows = Case.objects.filter(log__after="lesson").select_related("owner", "cause")
    if text:
        rows = rows.filter(log__after="lesson", log__words__icontains=text)
    found = rows.order_by("-log__at").values_list("pk", "log__words", "log__at").distinct()[:limit]
    known = {
        card.id: card
        for card in cards(
            Case.objects.filter(pk__in=[pk for pk, _, _ in found]).select_related("owner", "cause")
        )
    }
    return [(known[pk], words, at) for pk, words, at in found]


def _matching(asked: Filter, now: datetime) -> QuerySet[Case]:
    rows = Case.objects.select_related("owner", "cause")
    rows = rows.filter(merged_into__isnull=asked.status != "merged")
    if asked.status == "open":
        rows = rows.exclude(status="closed")
    elif asked.status and asked.status != "merged":
        rows = rows.filter(status=asked.status)
    if asked.object:
        rows = rows.filter(object=asked.object)
    if asked.owner == "none":
        rows = rows.filter(owner__isnull=True)
    elif asked.owner:
        rows = rows.filter(owner_id=int(asked.owner))
    if asked.late:
        rows = rows.filter(due_at__lte=now).exclude(status="closed")
    if asked.cause:
        rows = rows.filter(cause_id=asked.cause)
    return rows.filter(_said(asked.q)) if asked.q.strip() else rows


def _said(text: str) -> Q:
    plain = text.strip()
    found = Q(order=plain) | Q(text__icontains=plain) | Q(contact__icontains=plain)
    found |= Q(name__icontains=plain) | Q(customer_id__in=people.search_ids(plain))
    number = plain.lstrip("#")
    return found | Q(pk=int(number)) if number.isdecimal() and len(number) < 18 else found


def _key(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
        raise InputError("the page asked for does not exist; start from the first")
    return int(cursor)
