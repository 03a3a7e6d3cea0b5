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
#: Orders younger than this multiple of the usual delay are known only if they were fast.
_MATURE = 4 / 3
_PATIENT = 0.95
_FAIR_ENOUGH = 60


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

    rows: Integers  # positions in the book, in the order of promising
    value: Floats  # log outcome less the level at the promise
    fair: Booleans  # so old that nearly all of its age are settled: these speak of the tail
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
    patience: float  # seconds until nearly all promises are settled

    @property
    def plan(self) -> Plan:
        return self.prepared.plan

    @property
    def matrix(self) -> Floats:
        return self.prepared.matrix

    def known_at(self, moment: float, *, folds: int = 4) -> Known:
        """What may be learned from at ``moment`` (seconds): settled promises, old enough.

        Of young promises only the fast ones have settled, so they are left out whole, and the tail
        of the distribution is learned from older ones still. Nothing is lost: open and young orders
        speak through the level of late (`period`).
        """
        facts = self.facts
        age = moment - facts.made
        rows = np.flatnonzero((age >= self.delay) & (facts.observed < moment))
        rows = rows[np.argsort(facts.made[rows], kind="stable")]
        value = self.scale.log(facts.actual[rows]) - self.level[rows]
        ago = age[rows] / half_life_for(facts, RECENCY, _RECENT_ENOUGH)
        # A book closed long ago still teaches: only the differences of age count then.
        weight = 2.0 ** -(ago - max(float(ago.min(initial=np.inf)) - 20.0, 0.0))
        blocks = np.arange(len(rows)) * folds // max(len(rows), 1)
        fair = age[rows] >= self.patience
        if fair.sum() < _FAIR_ENOUGH:
            fair = np.ones(len(rows), dtype=bool)
        return Known(rows, value, fair, weight, blocks)

    @property
    def closing_level(self) -> float:
        """The level at the last promise."""
        return float(self.level[int(np.argmax(self.facts.made))])


def half_life_for(facts: Facts, days: float, outcomes: float) -> float:
    """Seconds: ``days`` (fewer in a short history), but long enough to hold ``outcomes``."""
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
            before=before,
        )
    tracks = [Track("outcome", facts.observed, value, level), *_stage_tracks(facts, stages or {})]
    prepared = prepare(columns, facts.made, tracks, before=before, entities=entities)
    early = known & (facts.observed < before)
    delay, patience = _maturity((facts.observed - facts.made)[early], facts.unit is not None)
    return Book(columns, facts, scale, level, table, prepared, delay, patience)


def _maturity(delays: Floats, timed: bool) -> tuple[float, float]:
    """Seconds after which a promise may be learned from, and after which it speaks of the tail.

    A third more than the usual delay, then the time within which 19 of 20 are settled. Where an
    open promise tells the level nothing (a bill not yet written), nine of ten must be settled to
    learn at all.
    """
    if not len(delays):
        return 0.0, 0.0
    usual = _MATURE * np.median(delays) if timed else np.quantile(delays, 0.9)
    return max(float(usual), 0.0), max(float(np.quantile(delays, _PATIENT)), 0.0)


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
