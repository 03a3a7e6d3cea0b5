"""The book a learner reads: every promise with what was known at its moment.

It is opened once over all rows; each row's features and level are as of that row's own promise, so
any moment can then be asked what a learner sitting there could have known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overdeliver.learn.asof import (
    Plan,
    Prepared,
    Track,
    prepare,
    span_factor,
    stage_level,
)
from overdeliver.learn.columns import DAY, Columns
from overdeliver.learn.entities import Entity
from overdeliver.learn.period import PeriodTable, period_levels
from overdeliver.learn.scale import LogScale, scale_for

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

#: Recency weights halve in this many days (of a history of a year or more).
RECENCY = 90.0
#: The level of late follows the last days with this half-life in days.
_NOWCAST = 10.0
#: ... or so many promises, where they are few.
_RECENT_ENOUGH = 1500
_NOW_ENOUGH = 150
_OLD_ENOUGH = 30
#: Orders younger than this multiple of the usual delay are known only if they were fast.
_MATURE = 1.4


@dataclass(frozen=True)
class Facts:
    """What came of each promise. Shapes (n,); seconds for moments, the cases' unit for outcomes."""

    made: Floats  # NaN where undated
    observed: Floats  # when the outcome became known; NaN while open
    actual: Floats  # NaN while open
    unit: float | None  # seconds in one unit for the time lever; None for cost and service
    whole: bool  # outcomes are whole units (calendar days)

    @property
    def dated(self) -> bool:
        return not bool(np.isnan(self.made).any())

    def take(self, rows: NDArray[np.int64] | Booleans) -> "Facts":
        return Facts(self.made[rows], self.observed[rows], self.actual[rows], self.unit, self.whole)


@dataclass(frozen=True)
class Known:
    """What a learner at one moment may learn from."""

    rows: Integers  # positions in the book
    observed: Booleans  # per row: was the outcome known; else ``value`` is its lower bound
    value: Floats  # log outcome (or bound) less the level at the promise
    weight: Floats  # recency
    fold: Integers  # blocks of time


@dataclass(frozen=True)
class Book:
    """Features, levels and facts of every promise."""

    columns: Columns
    facts: Facts
    scale: LogScale
    level: Floats
    table: PeriodTable | None
    prepared: Prepared
    delay: float  # seconds until a promise is mature

    @property
    def plan(self) -> Plan:
        return self.prepared.plan

    @property
    def matrix(self) -> Floats:
        return self.prepared.matrix

    def known_at(self, moment: float, *, folds: int = 4) -> Known:
        """What was known at ``moment`` (seconds): outcomes observed before it, of mature promises.

        A young promise is left out, for only the fast ones have reported; a mature one without an
        outcome counts with the time it has been open.
        """
        facts = self.facts
        age = moment - facts.made
        mature = age >= self.delay
        observed = facts.observed < moment
        usable = mature & (observed if facts.unit is None else age > 0)
        rows = np.flatnonzero(usable)
        rows = rows[np.argsort(facts.made[rows], kind="stable")]
        seen = observed[rows]
        value = np.where(seen, self.scale.log(facts.actual[rows]), self._bound(rows, moment))
        recency = self.half_life(RECENCY, _RECENT_ENOUGH)
        weight = 2.0 ** (-age[rows] / recency)
        if not seen.all():
            weight *= np.where(seen, 1.0, self._will_settle(rows, seen, weight, moment))
        blocks = np.arange(len(rows)) * folds // max(len(rows), 1)
        return Known(rows, seen, value - self.level[rows], weight / weight.mean(), blocks)

    def _will_settle(
        self, rows: Integers, seen: Booleans, weight: Floats, moment: float
    ) -> Floats:
        """How likely an open order is slow rather than lost, from orders older than nearly all took.

        Of the old orders that were still open at the same age, the share that did settle (a cure
        model's weight). One without enough old orders to tell; nothing past that oldest age.
        """
        age = (moment - self.facts.made[rows]) / (self.facts.unit or 1.0)
        actual = np.where(seen, self.facts.actual[rows], np.inf)
        if not seen.any():
            return np.ones(len(rows))
        oldest = float(np.quantile(actual[seen], 0.98))
        old = age > oldest
        if old.sum() < _OLD_ENOUGH:
            return np.ones(len(rows))
        never = float(weight[old & ~seen].sum())
        order = np.argsort(actual[old & seen])
        took = actual[old & seen][order]
        later = np.append(np.cumsum(weight[old & seen][order][::-1])[::-1], 0.0)
        slow = later[np.searchsorted(took, age, side="right")]
        return np.where(old, 0.0, slow / np.maximum(slow + never, 1e-12))

    @property
    def closing_level(self) -> float:
        """The level at the last promise."""
        return float(self.level[int(np.argmax(self.facts.made))])

    def half_life(self, days: float, outcomes: float) -> float:
        """See `half_life_for`."""
        return half_life_for(self.facts, days, outcomes)

    def _bound(self, rows: Integers, moment: float) -> Floats:
        """The log of how long an order has been open."""
        if self.facts.unit is None:
            return np.zeros(len(rows))
        open_for = (moment - self.facts.made[rows]) / self.facts.unit
        if self.facts.whole:
            open_for = np.floor(open_for)
        return self.scale.log(np.maximum(open_for, 0.0))


def half_life_for(facts: Facts, days: float, outcomes: float) -> float:
    """Seconds: ``days`` (fewer in a short history), but long enough to hold ``outcomes`` of them."""
    made = facts.made[~np.isnan(facts.made)]
    needed = float(np.ptp(made)) * outcomes / max(len(made), 1) if len(made) else DAY
    return max(days * DAY * span_factor(made), needed, 1.0)


def open_book(
    columns: Columns,
    facts: Facts,
    stages: Mapping[str, Floats] | None = None,
    *,
    before: float = np.inf,
    entities: Sequence[Entity] | None = None,
) -> Book:
    """Read promises into a book; needs dated facts.

    ``stages`` maps names to the moments (seconds, NaN while unknown) of the journey, in order: each
    is timed from the one before it. ``before`` (seconds) bounds what the choice of scale and of
    entities may see.
    """
    past = facts.actual[facts.observed < before]
    scale = scale_for(past if len(past) else facts.actual, whole=facts.whole)
    value = scale.log(facts.actual)
    known = ~(np.isnan(facts.observed) | np.isnan(value))
    table = None
    if facts.unit is None:
        level = stage_level(known, facts.observed, value, facts.made)
    else:
        level, table = period_levels(
            facts.made,
            facts.observed,
            facts.actual,
            unit=facts.unit,
            half_life=half_life_for(facts, _NOWCAST, _NOW_ENOUGH),
            offset=scale.offset,
            whole=facts.whole,
        )
    tracks = [Track("outcome", facts.observed, value, level), *_stage_tracks(facts, stages or {})]
    prepared = prepare(columns, facts.made, tracks, before=before, entities=entities)
    early = known & (facts.observed < before)
    delay = _maturity((facts.observed - facts.made)[early], facts.unit is not None)
    return Book(columns, facts, scale, level, table, prepared, delay)


def _maturity(delays: Floats, censored: bool) -> float:
    """Seconds after which a promise may be learned from.

    1.4 times the usual delay where open promises still count with their age; where an open promise
    says nothing (a bill not yet written), the time within which nine of ten are settled.
    """
    if not len(delays):
        return 0.0
    usual = _MATURE * np.median(delays) if censored else np.quantile(delays, 0.9)
    return max(float(usual), 0.0)


def _stage_tracks(facts: Facts, stages: Mapping[str, Floats]) -> list[Track]:
    """Each stage's log duration since the one before; the last runs to the outcome."""
    tracks, previous = [], facts.made
    for name, moment in [*stages.items(), ("the end", facts.observed)] if stages else []:
        days = np.maximum((moment - previous) / DAY, 0.0)
        value = scale_for(days, whole=False).log(days)
        known = ~(np.isnan(moment) | np.isnan(value))
        level = stage_level(known, moment, value, facts.made)
        tracks.append(Track(f"time to {name}", np.where(known, moment, np.nan), value, level))
        previous = moment
    return tracks
