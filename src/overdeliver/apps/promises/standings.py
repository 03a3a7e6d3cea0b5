"""When many promises are due and how they stand: `rules.due_at` and `rules.standing` on columns.

A test holds the two spellings together. Moments are microseconds since 1970 in UTC, with `NONE`
where there is none.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from overdeliver.vocabulary.gap import gap, verdict
from overdeliver.vocabulary.moments import SECONDS, end_of_day, zone_named

Micros = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NONE = np.iinfo(np.int64).min
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400_000_000
_QUARTER = 900_000_000  # clocks change at quarters of an hour
_WEEK = 7


def local_days(at: Micros, zone: str) -> Micros:
    """The calendar day of each moment in a zone, in days since 1970.

    >>> local_days(np.array([0]), "Asia/Almaty").tolist()
    [0]
    """
    quarters, place = np.unique(at // _QUARTER, return_inverse=True)
    there = zone_named(zone)
    shifts = np.array([_shift(int(quarter), there.key) for quarter in quarters], np.int64)
    return (at + shifts[place]) // _DAY


def due_of(
    lever: npt.NDArray[Any],
    promised: Floats,
    unit: npt.NDArray[Any],
    made_at: Micros,
    whole: Flags,
    zone: str,
) -> Micros:
    """The last moment at which each promise of time is kept; `NONE` for cost and service."""
    due = np.full(len(made_at), NONE, np.int64)
    timed = lever == "time"
    scale = np.array([SECONDS.get(name, 0) for name in unit], np.float64)
    due[timed] = made_at[timed] + np.rint(promised[timed] * scale[timed] * 1e6).astype(np.int64)
    dated = timed & whole & np.isin(unit, ("days", "weeks"))
    if dated.any():
        weeks = np.where(unit[dated] == "weeks", _WEEK, 1)
        days = local_days(made_at[dated], zone) + np.rint(promised[dated] * weeks).astype(np.int64)
        ends, place = np.unique(days, return_inverse=True)
        due[dated] = np.array([_end(int(day), zone) for day in ends], np.int64)[place]
    return due


def judged(
    lever: npt.NDArray[Any],
    promised: Floats,
    actual: Floats,
    due: Micros,
    cancelled: Micros,
    tolerance: Floats,
    now: datetime,
) -> tuple[Sequence[str], Floats]:
    """Verdict and gap of each; ``actual`` is NaN where nothing was observed, and so is the gap."""
    apart = np.where(
        lever == "service", gap(promised, actual, "service"), gap(promised, actual, "time")
    )
    overdue = (due != NONE) & (due < micros(now))
    lost = (cancelled != NONE) & ~((due != NONE) & (due < cancelled))
    said = verdict(apart, overdue=overdue, lost=lost, tolerance=tolerance)
    return said.tolist(), apart


def micros(moment: datetime) -> int:
    """A moment in microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """The moment of a number of microseconds since 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=at)


@lru_cache(maxsize=200_000)
def _shift(quarter: int, zone: str) -> int:
    offset = moment(quarter * _QUARTER).astimezone(zone_named(zone)).utcoffset() or timedelta()
    return offset // timedelta(microseconds=1)


@lru_cache(maxsize=20_000)
def _end(day: int, zone: str) -> int:
    return micros(end_of_day((_EPOCH + timedelta(days=day)).date(), zone))
