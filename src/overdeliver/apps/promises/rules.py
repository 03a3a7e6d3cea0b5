"""When a promise is due, and how it stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.gap import LEVERS, Lever, Verdict, gap, verdict
from overdeliver.vocabulary.moments import (
    SECONDS,
    aware,
    day_of,
    days_between,
    end_of_day,
    is_overdue,
    plus_days,
)

SOURCES = ("quote", "contract", "advertisement", "standard", "staff")


@dataclass(frozen=True)
class Terms:
    """What a promise says: enough to know when it is due and how an outcome compares."""

    lever: Lever
    promised: float
    unit: str
    made_at: datetime
    whole: bool = False  # whole units: a date is kept until the end of that day
    zone: str = "UTC"
    tolerance: float = 0.0

    def __post_init__(self) -> None:
        if self.lever not in LEVERS:
            raise InputError(f"lever {self.lever!r}: use one of {', '.join(LEVERS)}")
        if not 0 <= self.promised < float("inf"):
            raise InputError(f"promised {self.promised!r}: a number not below 0 is needed")
        if self.lever == "time" and self.unit not in SECONDS:
            raise InputError(f"unit {self.unit!r}: use one of {', '.join(SECONDS)}")
        aware(self.made_at)


@dataclass(frozen=True)
class Stand:
    """How a promise stands at a moment."""

    verdict: Verdict
    gap: float | None
    actual: float | None


def due_at(terms: Terms) -> datetime | None:
    """The last moment at which a promise of time is kept; None for cost and service.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 5, 12, tzinfo=UTC)
    >>> due_at(Terms("time", 60, "minutes", noon)).isoformat()
    '2026-03-05T13:00:00+00:00'
    >>> due_at(Terms("time", 2, "days", noon, whole=True, zone="Asia/Almaty")).isoformat()
    '2026-03-07T23:59:59.999999+05:00'
    """
    if terms.lever != "time":
        return None
    if terms.whole and terms.unit in ("days", "weeks"):
        days = int(terms.promised) * (7 if terms.unit == "weeks" else 1)
        there = plus_days(terms.made_at, days, terms.zone)
        return end_of_day(day_of(there, terms.zone), terms.zone)
    return terms.made_at + timedelta(seconds=terms.promised * SECONDS[terms.unit])


def promised_until(made_at: datetime, due: datetime, unit: str, *, whole: bool, zone: str) -> float:
    """The promise in its unit, from the moment it ends: the inverse of `due_at`.

    InputError: it ends before it was made.
    """
    if whole and unit in ("days", "weeks"):
        found = days_between(made_at, due, zone) / (7 if unit == "weeks" else 1)
    else:
        found = (aware(due) - aware(made_at)).total_seconds() / SECONDS[unit]
    if found < 0:
        raise InputError(f"due {due.isoformat()}: that is before the promise was made")
    return found


def actual_of(terms: Terms, happened_at: datetime) -> float:
    """What a moment comes to in the promise's unit, counted from when it was made.

    An outcome before the promise counts as at once. InputError: not a promise of time.
    """
    if terms.lever != "time":
        raise InputError(f"a {terms.lever} promise has an amount, not a moment")
    if terms.whole and terms.unit in ("days", "weeks"):
        days = days_between(terms.made_at, happened_at, terms.zone)
        return max(days / (7 if terms.unit == "weeks" else 1), 0.0)
    seconds = (aware(happened_at) - terms.made_at).total_seconds()
    return max(seconds / SECONDS[terms.unit], 0.0)


def standing(terms: Terms, actual: float | None, *, now: datetime, lost: bool = False) -> Stand:
    """How a promise stands; ``lost``: its order was cancelled, it can no longer be known.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 5, 12, tzinfo=UTC)
    >>> standing(Terms("time", 60, "minutes", noon), 45, now=noon)
    Stand(verdict='exceeded', gap=15, actual=45)
    >>> standing(Terms("time", 30, "minutes", noon), None, now=noon + timedelta(hours=1)).verdict
    'broken'
    """
    due = due_at(terms)
    overdue = due is not None and is_overdue(due, now)
    difference = None if actual is None else gap(terms.promised, actual, terms.lever)
    said = verdict(difference, overdue=overdue, lost=lost, tolerance=terms.tolerance)
    return Stand(said, difference, actual)
