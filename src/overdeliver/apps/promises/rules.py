"""When a promise is due, and how it stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

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
#: The channel of orders that carry a promise but are no purchase: the answer to a complaint.
NO_PURCHASE = "recovery"
_FARTHEST = timedelta(days=36_500)
_WEEK = 7


@dataclass(frozen=True)
class Terms:
    """What a promise says: enough to know when it is due and how an outcome compares.

    InputError: no known lever, a unit that is not the lever's, a number that promises nothing, a
    date that is no whole number of days.
    """

    lever: Lever
    promised: float
    unit: str
    made_at: datetime
    whole: bool = False  # whole days: a date is kept until the end of that day
    zone: str = "UTC"
    tolerance: float = 0.0

    def __post_init__(self) -> None:
        if self.lever not in LEVERS:
            raise InputError(f"lever {self.lever!r}: use one of {', '.join(LEVERS)}")
        if not 0 <= self.promised < float("inf"):
            raise InputError(f"promised {self.promised!r}: a number not below 0 is needed")
        aware(self.made_at)
        _check_unit(self)

    @property
    def dated(self) -> bool:
        """Whether it names a day, so that the whole of that day is in time."""
        return self.whole and self.lever == "time" and self.unit in ("days", "weeks")

    @property
    def days(self) -> int:
        """A dated promise in calendar days."""
        return round(self.promised * (_WEEK if self.unit == "weeks" else 1))


def _check_unit(terms: Terms) -> None:
    unit = terms.unit
    if terms.lever == "time":
        if unit not in SECONDS:
            raise InputError(f"unit {unit!r}: use one of {', '.join(SECONDS)}")
        if terms.promised * SECONDS[unit] > _FARTHEST.total_seconds():
            raise InputError(f"promised {terms.promised:g} {unit}: that is more than a century")
        exact = terms.promised * (_WEEK if unit == "weeks" else 1)
        if terms.dated and abs(exact - terms.days) > 1e-6:
            raise InputError(
                f"promised {terms.promised:g} {unit}: a date is a whole number of days"
            )
    elif terms.lever == "cost":
        if not (len(unit) == 3 and unit.isascii() and unit.isalpha() and unit.isupper()):
            raise InputError(f"unit {unit!r}: a promise of cost has its currency, such as EUR")
    elif unit != "class" or terms.promised != int(terms.promised) or terms.promised < 1:
        raise InputError("a promise of service is the rank of a class, from 1, in the unit 'class'")


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
    if terms.dated:
        return end_of_day(promised_day(terms), terms.zone)
    return terms.made_at + timedelta(seconds=terms.promised * SECONDS[terms.unit])


def promised_day(terms: Terms) -> date:
    """The day that a dated promise names, by the calendar of its zone."""
    return day_of(plus_days(terms.made_at, terms.days, terms.zone), terms.zone)


def promised_until(made_at: datetime, due: datetime, unit: str, *, whole: bool, zone: str) -> float:
    """The promise in its unit, from the moment it ends: the inverse of `due_at`.

    InputError: it ends before it was made, or the unit is none of time.
    """
    if unit not in SECONDS:
        raise InputError(f"unit {unit!r}: use one of {', '.join(SECONDS)}")
    found = _between(made_at, due, unit, whole and unit in ("days", "weeks"), zone)
    if found < 0:
        raise InputError(f"due {due.isoformat()}: that is before the promise was made")
    return found


def actual_of(terms: Terms, happened_at: datetime) -> float:
    """What a moment comes to in the promise's unit, counted from when it was made.

    An outcome before the promise counts as at once. InputError: not a promise of time.
    """
    if terms.lever != "time":
        raise InputError(f"a {terms.lever} promise has an amount, not a moment")
    return max(_between(terms.made_at, happened_at, terms.unit, terms.dated, terms.zone), 0.0)


def moment_of(terms: Terms, actual: float) -> datetime:
    """The moment that a length counted from the promise comes to: the inverse of `actual_of`.

    Of a dated promise only the day is known: the time of day is the one it was made at.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 5, 12, tzinfo=UTC)
    >>> moment_of(Terms("time", 60, "minutes", noon), 45).isoformat()
    '2026-03-05T12:45:00+00:00'
    """
    if terms.dated:
        days = round(actual * (_WEEK if terms.unit == "weeks" else 1))
        return plus_days(terms.made_at, days, terms.zone)
    return terms.made_at + timedelta(seconds=actual * SECONDS[terms.unit])


def check_actual(terms: Terms, actual: float) -> float:
    """The outcome itself. InputError: below 0, endless, or no rank of a class."""
    if not 0 <= actual < float("inf"):
        raise InputError(f"actual {actual!r}: a number not below 0 is needed")
    if terms.lever == "time" and actual * SECONDS[terms.unit] > _FARTHEST.total_seconds():
        raise InputError(f"actual {actual:g} {terms.unit}: that is more than a century")
    if terms.lever == "service" and (actual != int(actual) or actual < 1):
        raise InputError(f"actual {actual:g}: the rank of a class is needed, from 1")
    return actual


def standing(
    terms: Terms,
    actual: float | None,
    *,
    now: datetime,
    cancelled_at: datetime | None = None,
    due: datetime | None = None,
) -> Stand:
    """How a promise stands; ``due`` is its last moment where that is written down already.

    With ``cancelled_at`` an outcome can no longer be known, unless it was overdue by then: taking
    an order back does not unbreak a promise.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 5, 12, tzinfo=UTC)
    >>> standing(Terms("time", 60, "minutes", noon), 45, now=noon)
    Stand(verdict='exceeded', gap=15, actual=45)
    >>> standing(Terms("time", 30, "minutes", noon), None, now=noon + timedelta(hours=1)).verdict
    'broken'
    """
    due = due or due_at(terms)
    overdue = due is not None and is_overdue(due, now)
    lost = cancelled_at is not None and not (due is not None and is_overdue(due, cancelled_at))
    difference = None if actual is None else gap(terms.promised, actual, terms.lever)
    said = verdict(difference, overdue=overdue, lost=lost, tolerance=terms.tolerance)
    return Stand(said, difference, actual)


def finished_at(
    settled: Iterable[datetime | None],
    completed_at: datetime | None,
    cancelled_at: datetime | None,
) -> datetime | None:
    """When nothing about an order was open any more; None: something is, or nothing has happened.

    ``settled``: when the outcome of each promise in force was seen, None where none was. One that
    is overdue stays open: the customer still waits. What is taken back waits for nothing.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 5, 12, tzinfo=UTC)
    >>> finished_at([noon, None], noon, None) is None
    True
    >>> finished_at([noon, None], None, noon + timedelta(hours=1)).hour
    13
    """
    moments = list(settled)
    if cancelled_at is None and None in moments:
        return None
    known = [one for one in (*moments, completed_at, cancelled_at) if one is not None]
    return max(known, default=None)


def _between(start: datetime, end: datetime, unit: str, dated: bool, zone: str) -> float:
    if dated:
        return days_between(start, end, zone) / (_WEEK if unit == "weeks" else 1)
    return (aware(end) - aware(start)).total_seconds() / SECONDS[unit]
