"""The level of late without waiting for late outcomes: a period life table.

The mean of the outcomes known so far is always the past's: slow orders report last, and of young
orders only the fast ones have reported. Demographers meet the same with life expectancy and answer
with the *period* table (Preston, Heuveline and Guillot 2001, chapter 3): of the orders that were
``a`` units old during the last days, which share was settled then? Those shares, age by age, make
the survival of an order that would live its whole life under today's conditions. Open orders count
with every day they stay open, so the level has no selection and hardly a lag.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_AGES = 64
_PRIOR = 3.0  # outcomes' worth of the long-run table in the short-run one
_LONG = 9.0  # the long half-life, in short ones
_LOSS = 4.0  # the half-life of the share lost, in short ones
_FAR = 0.98  # an order older than this share of outcomes took is as good as lost


@dataclass
class PeriodTable:
    """Decayed counts by age: the table of now and, behind it, the table of long.

    Some orders never settle (lost parcels, dead files). Their share ``lost / passed`` among orders
    that came of an age few outcomes reach is taken out of the exposure, as in a cure model (Boag
    1949): the level speaks of orders that do settle.
    """

    width: float  # units per age step
    offset: float  # added before the logarithm
    settled: Floats
    exposed: Floats
    begun: Floats  # orders that would be exposed if none had settled
    settled_long: Floats
    exposed_long: Floats
    lost: float
    passed: float

    @classmethod
    def empty(cls, width: float, offset: float) -> "PeriodTable":
        none = np.zeros(_AGES + 1)
        return cls(width, offset, none, none, none, none, none, 0.0, 0.0)

    def step(self, counts: "_Counts", now: int, fade: float) -> None:
        """Let one calendar step pass and count what it brought; ``fade`` is the short decay."""
        fade_long, fade_loss = fade ** (1 / _LONG), fade ** (1 / _LOSS)
        self.settled = self.settled * fade + counts.settled[now]
        self.exposed = self.exposed * fade + counts.exposed[now]
        self.begun = self.begun * fade + counts.begun[now]
        self.settled_long = self.settled_long * fade_long + counts.settled[now]
        self.exposed_long = self.exposed_long * fade_long + counts.exposed[now]
        self.lost = self.lost * fade_loss + counts.lost[now]
        self.passed = self.passed * fade_loss + counts.passed[now]

    def level(self) -> float:
        """Mean log outcome of an order that settles, living under the present table."""
        still_open = self.lost / self.passed if self.passed >= 1 else 0.0
        never = max(still_open - (1 - _FAR), 0.0) / _FAR
        alive = np.maximum(self.exposed - never * self.begun, self.settled)
        long = (self.settled_long + 0.05) / (self.exposed_long + 1.0)
        hazard = np.minimum((self.settled + _PRIOR * long) / (alive + _PRIOR), 1.0)
        survival = np.cumprod(1 - hazard)
        ends = -np.diff(np.append(1.0, survival))
        middle = (np.arange(len(ends)) + (0.0 if self.width == 1.0 else 0.5)) * self.width
        beyond = np.log(len(ends) * self.width + self.offset)
        return float((ends * np.log(middle + self.offset)).sum() + survival[-1] * beyond)

    def add(self, actual: Floats) -> None:
        """Count newly settled orders with their whole life, as if it had just passed."""
        age = np.minimum(np.floor(actual / self.width), _AGES).astype(np.int64)
        settled = np.bincount(age, minlength=_AGES + 1).astype(float)
        exposed = settled[::-1].cumsum()[::-1]
        self.settled, self.exposed = self.settled + settled, self.exposed + exposed
        self.begun = self.begun + len(actual)
        self.settled_long = self.settled_long + settled
        self.exposed_long = self.exposed_long + exposed

    def state(self) -> dict[str, Any]:
        """Plain values and arrays for an artefact."""
        return dict(vars(self))

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "PeriodTable":
        return cls(**state)


@dataclass(frozen=True)
class _Counts:
    """Per calendar step: by age where two-dimensional."""

    settled: Floats
    exposed: Floats
    begun: Floats
    lost: Floats
    passed: Floats


def period_levels(
    made: Floats,
    observed: Floats,
    actual: Floats,
    *,
    unit: float,
    half_life: float,
    offset: float,
    whole: bool,
    before: float = np.inf,
) -> tuple[Floats, PeriodTable]:
    """The level as of each promise, and the table at the end.

    ``made`` and ``observed`` in seconds (NaN: open), ``actual`` in units of ``unit`` seconds,
    ``half_life`` in seconds. ``whole`` says that outcomes are whole units (calendar days). Each
    level uses only calendar steps that had ended before the promise was made, and the age steps
    are cut by outcomes known ``before`` (seconds), so no later outcome moves an earlier level.
    """
    past = actual[observed < before]
    past = past if len(past) else actual[~np.isnan(actual)]
    width = _width(past, whole)
    start, last = np.nanmin(made), np.nanmax(made)
    step = max(width * unit, (last - start) / 1500, 1.0)
    if whole:
        start = np.floor(start / unit) * unit
    steps = int((np.nanmax(np.append(made, observed)) - start) // step) + 2
    far = float(np.ceil(np.quantile(past // width, _FAR))) if len(past) else float(_AGES)
    counts = _counts(made - start, actual, step, steps, unit, width, far, whole)
    table = PeriodTable.empty(width, offset)
    fade = 2.0 ** (-step / half_life)
    levels = np.empty(steps)
    for now in range(steps):
        levels[now] = table.level()
        table.step(counts, now, fade)
    return levels[((made - start) // step).astype(np.int64)], table


def _width(actual: Floats, whole: bool) -> float:
    """Age steps: a day for calendar days, else a twelfth of the median; all within 64 steps."""
    if not len(actual):
        return 1.0
    far = float(np.quantile(actual, 0.995))
    if whole:
        return max(1.0, float(np.ceil(far / _AGES)))
    return max(float(np.median(actual)) / 12, far / _AGES, 1e-9)


def _counts(
    made: Floats,
    actual: Floats,
    step: float,
    steps: int,
    unit: float,
    width: float,
    far: float,
    whole: bool,
) -> _Counts:
    """Counts by calendar step; ``made`` in seconds since the first step.

    An age step counts once it is over: a whole day's outcomes stand at its end, others a step on.
    """
    life = np.where(np.isnan(actual), np.inf, np.floor(actual / width))
    first = np.floor(made / unit) * unit if whole else made
    over = (width - 1 if whole else width) * unit
    tables = [np.zeros((steps, _AGES + 1)) for _ in range(3)]
    settled, exposed, begun = tables
    for age in range(_AGES + 1):
        when = _when(first + age * width * unit + over, step, steps)
        begun[:, age] = np.bincount(when, minlength=steps + 1)[:steps]
        exposed[:, age] = np.bincount(when[life >= age], minlength=steps + 1)[:steps]
        settled[:, age] = np.bincount(when[life == age], minlength=steps + 1)[:steps]
    outlived = _when(first + (far + 1) * width * unit, step, steps)
    passed = np.bincount(outlived, minlength=steps + 1)[:steps].astype(float)
    lost = np.bincount(outlived[life > far], minlength=steps + 1)[:steps].astype(float)
    return _Counts(settled, exposed, begun, lost, passed)


def _when(moment: Floats, step: float, steps: int) -> Integers:
    """The calendar step of each moment; everything after the end in one last step."""
    return np.minimum(moment // step, steps).astype(np.int64)
