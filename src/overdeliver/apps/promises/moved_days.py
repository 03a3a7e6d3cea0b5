"""Promised days that end at another moment by now than was written down.

A country changes its clocks, or the business moves to another zone. What was written stays as it
is: an open promise is overdue at that moment, and its outcome counts by the calendar of the zone it
was promised in. Which ones are meant is shown, so that a person can promise anew.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models import Q

from overdeliver.apps.business import reads as business
from overdeliver.apps.promises import rules
from overdeliver.apps.promises.cards import Row, rows_of
from overdeliver.apps.promises.drawing import terms_of
from overdeliver.apps.promises.lists import full
from overdeliver.apps.promises.models import Standing
from overdeliver.vocabulary.moments import day_of, end_of_day

MOST = 500
#: The clocks' rules are read when a process starts: what it found in order stays so for long.
_LOOK_AGAIN = 3600.0  # seconds
_OPEN = Q(
    verdict="open",
    latest=True,
    lever="time",
    promise__whole=True,
    promise__unit__in=("days", "weeks"),
)
_IN_ORDER: dict[str, float] = {}  # zone -> until when, on the clock that only goes forward


@dataclass(frozen=True)
class Moved:
    """An open promise of a day: ``ends`` is when that day ends by the clocks of now."""

    row: Row
    day: date
    ends: datetime


def moved(limit: int = MOST) -> Sequence[Moved]:
    """Open promises of a day whose end was written down otherwise, the next due first."""
    zone = business.zone()
    if _IN_ORDER.get(zone, 0.0) > time.monotonic():
        return ()
    dues = _odd_dues(zone)
    if not dues:
        _IN_ORDER[zone] = time.monotonic() + _LOOK_AGAIN
        return ()
    found = list(full().filter(_OPEN, due_at__in=dues[:limit]).order_by("due_at")[:limit])
    pairs = zip(found, rows_of(found), strict=True)
    every = (_moved(standing, row, zone) for standing, row in pairs)
    return [one for one in every if one.ends.astimezone(UTC) != one.row.due_at]


def forget() -> None:
    """Look again at once: the clocks' rules have changed within this process."""
    _IN_ORDER.clear()


def _odd_dues(zone: str) -> list[datetime]:
    """The moments written down that end no day of their zone; each is looked at once."""
    rows = Standing.objects.filter(_OPEN).values_list("due_at", "promise__zone", "promise__batch")
    named = {(due, _zone_now(own, batch, zone)) for due, own, batch in rows.distinct() if due}
    # in UTC: an hour of a zone that comes twice equals no moment of another zone (PEP 495)
    ends = ((due, end_of_day(day_of(due, there), there).astimezone(UTC)) for due, there in named)
    return sorted({due for due, end in ends if end != due})


def _zone_now(own: str, batch: str, zone: str) -> str:
    """Whose clocks count: what was brought in came with a zone of its own."""
    return own if batch and own else zone


def _moved(standing: Standing, row: Row, zone: str) -> Moved:
    promise = standing.promise
    day = rules.promised_day(terms_of(promise))
    there = _zone_now(promise.zone, promise.batch, zone)
    return Moved(row, day, end_of_day(day, there))
