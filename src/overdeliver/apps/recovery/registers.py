"""The registers of causes and changes, with whether a change stopped what it was made for."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

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
    rows = _counted()
    if text:
        rows = rows.filter(name__icontains=text)
    return [_cause_card(row) for row in rows[:500]]


def cause(number: int) -> CauseCard:
    """One cause. NotFound: none of that number."""
    row = _counted().filter(pk=number).first()
    if row is None:
        raise NotFound(f"cause {number}: there is none of that number")
    return _cause_card(row)


def changes(of: int | None = None) -> list[ChangeCard]:
    """The changes (of one cause), the latest first, without their recurrence."""
    rows = Change.objects.select_related("cause").order_by("-since", "-pk")
    return [_card(row) for row in (rows.filter(cause_id=of) if of else rows)[:500]]


def judged(cards: Sequence[ChangeCard], now: datetime) -> list[ChangeCard]:
    """The same with their recurrence as known at ``now``."""
    first = Case.objects.aggregate(first=Min("received_at"))["first"] or now
    wanted = {card.cause for card in cards}
    whole = Case.objects.filter(cause_id__in=wanted, merged_into__isnull=True)
    came = _sorted_by_cause(whole.values_list("cause_id", "received_at"))
    turns = Change.objects.filter(cause_id__in=wanted).values_list("cause_id", "since")
    dated = _sorted_by_cause((cause, _midnight(since)) for cause, since in turns)
    return [_judged(card, came[card.cause], dated[card.cause], first, now) for card in cards]


def _judged(
    card: ChangeCard,
    came: Sequence[datetime],
    turns: Sequence[datetime],
    first: datetime,
    now: datetime,
) -> ChangeCard:
    """``came``: when complaints of its cause came; ``turns``: when its changes began, sorted."""
    turn = _midnight(card.since)
    later = turns[bisect_right(turns, turn) :]
    until = min(later[0], now) if later else now
    before, known = bisect_left(came, turn), bisect_left(came, until)
    found = recurrence(
        before,
        max(turn - first, timedelta()),
        max(known - before, 0),
        max(until - turn, timedelta()),
    )
    return replace(card, found=found)


def _sorted_by_cause(rows: Iterable[tuple[Any, datetime]]) -> Mapping[int, list[datetime]]:
    found: dict[int, list[datetime]] = defaultdict(list)
    for cause, at in rows:
        found[cause].append(at)
    for moments in found.values():
        moments.sort()
    return found


def _midnight(day: date) -> datetime:
    """The first moment of a day, by the business's clocks."""
    return datetime.combine(day, time(), ZoneInfo(business.zone()))


def _counted() -> QuerySet[Cause, Any]:
    """Causes with how many complaints and changes there are of each, those of most first.

    Each is counted for itself: joined together every complaint would be met once for each change.
    """
    counted = Cause.objects.annotate(n=_number_of(Case), made=_number_of(Change))
    return counted.order_by("-n", "name")


def _number_of(model: type[Case] | type[Change]) -> Coalesce:
    rows = model._base_manager.filter(cause=OuterRef("pk")).order_by().values("cause")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def _cause_card(row: Any) -> CauseCard:
    return CauseCard(row.pk, row.name, row.about, row.found_at, row.n, row.made)


def _card(row: Change) -> ChangeCard:
    return ChangeCard(
        row.pk, row.cause_id, row.cause.name, row.what, row.owner, row.since, row.made_at
    )
