"""The registers of causes and changes, with whether a change stopped what it was made for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Min

from overdeliver.apps.business import reads as business
from overdeliver.apps.recovery.models import Case, Cause, Change
from overdeliver.measure.recurrence import Recurrence, recurrence
from overdeliver.vocabulary.errors import NotFound


@dataclass(frozen=True)
class CauseCard:
    """A cause: how many complaints came of it, how many changes were made."""

    id: int
    name: str
    about: str
    found_at: datetime
    cases: int
    changes: int


@dataclass(frozen=True)
class ChangeCard:
    """A change, and how often complaints of its cause came before and after it."""

    id: int
    cause: int
    cause_name: str
    what: str
    owner: str
    since: date
    made_at: datetime
    found: Recurrence | None = None


def causes(text: str = "") -> list[CauseCard]:
    """The causes, those of most complaints first; ``text`` is part of a name."""
    rows = Cause.objects.annotate(
        n=Count("cases", distinct=True), made=Count("changes", distinct=True)
    )
    if text:
        rows = rows.filter(name__icontains=text)
    return [
        CauseCard(row.pk, row.name, row.about, row.found_at, row.n, row.made)
        for row in rows.order_by("-n", "name")[:500]
    ]


def cause(number: int) -> CauseCard:
    """One cause. NotFound: none of that number."""
    row = (
        Cause.objects.filter(pk=number)
        .annotate(n=Count("cases", distinct=True), made=Count("changes", distinct=True))
        .first()
    )
    if row is None:
        raise NotFound(f"cause {number}: there is none of that number")
    return CauseCard(row.pk, row.name, row.about, row.found_at, row.n, row.made)


def changes(of: int | None = None) -> list[ChangeCard]:
    """The changes (of one cause), the latest first, without their recurrence."""
    rows = Change.objects.select_related("cause").order_by("-since", "-pk")
    return [_card(row) for row in (rows.filter(cause_id=of) if of else rows)[:500]]


def judged(cards: Sequence[ChangeCard], now: datetime) -> list[ChangeCard]:
    """The same with their recurrence as known at ``now``."""
    first = Case.objects.aggregate(first=Min("received_at"))["first"] or now
    zone = ZoneInfo(business.zone())
    return [_judged(card, first, now, zone) for card in cards]


def _judged(card: ChangeCard, first: datetime, now: datetime, zone: ZoneInfo) -> ChangeCard:
    turn = datetime.combine(card.since, time(), zone)
    rows = Case.objects.filter(cause_id=card.cause, merged_into__isnull=True)
    later = Change.objects.filter(cause_id=card.cause, since__gt=card.since)
    end = later.aggregate(next=Min("since"))["next"]
    until = min(datetime.combine(end, time(), zone), now) if end else now
    found = recurrence(
        rows.filter(received_at__lt=turn).count(),
        max(turn - first, timedelta()),
        rows.filter(received_at__gte=turn, received_at__lt=until).count(),
        max(until - turn, timedelta()),
    )
    return ChangeCard(
        card.id, card.cause, card.cause_name, card.what, card.owner, card.since, card.made_at, found
    )


def _card(row: Change) -> ChangeCard:
    return ChangeCard(
        row.pk, row.cause_id, row.cause.name, row.what, row.owner, row.since, row.made_at
    )
