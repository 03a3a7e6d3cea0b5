"""Features as of the promise: the level of late, each entity's own past, the calendar.

Outcomes enter as logarithms, so that a history is a factor: "this seller takes 20 % longer than all
did at the time". Two doors give the same features: `prepare` for many past promises, each with what
was known at its own moment, and `live.Live` for the next promise with what is known now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overdeliver.learn.columns import DAY, Columns
from overdeliver.learn.entities import (
    STRENGTH,
    Entity,
    Vocabulary,
    choose_entities,
    learn_vocabulary,
)
from overdeliver.learn.history import Events

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Half-lives of an entity's history in days: 30 to 120 carry the drift without the noise.
_HALF_LIVES = (30.0, 120.0)
#: Entities are chosen on this many outcomes at most.
_CHOOSE_FROM = 60_000
#: A year of history earns the full half-lives; a shorter one shortens them in proportion.
_FULL_SPAN = 360.0


@dataclass(frozen=True)
class Track:
    """One thing that is timed: the outcome itself or a stage on the way.

    ``observed`` (seconds) is when it became known, ``value`` its logarithm, both NaN while unknown;
    ``level`` is the logarithm that was usual at each promise's moment.
    """

    name: str
    observed: Floats
    value: Floats
    level: Floats

    @property
    def known(self) -> NDArray[np.bool_]:
        return ~(np.isnan(self.observed) | np.isnan(self.value))


@dataclass(frozen=True)
class Memory:
    """Decayed sums of deviations per code of an entity, all brought to one moment."""

    half_life: float  # seconds
    weight: Floats
    total: Floats


@dataclass(frozen=True)
class Plan:
    """Which features there are, in their order."""

    numbers: tuple[str, ...]
    entities: tuple[Vocabulary, ...]
    tracks: tuple[str, ...]
    calendar: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """One name per column of the matrix."""
        past = [
            f"{track} of {' x '.join(one.entity)}, {kind}"
            for one in self.entities
            for track in self.tracks
            for kind in ("recent", "long", "weight")
        ]
        return [*past, *self.numbers, *self.calendar]


@dataclass(frozen=True)
class Prepared:
    """The training matrix, its plan, and what serving must remember as of ``at`` (seconds)."""

    plan: Plan
    matrix: Floats
    at: float
    memories: tuple[Mapping[str, tuple[Memory, ...]], ...]  # by entity, then by track


def prepare(
    columns: Columns,
    made: Floats,
    tracks: Sequence[Track],
    *,
    before: float = np.inf,
    entities: Sequence[Entity] | None = None,
) -> Prepared:
    """Build the matrix of shape (rows, features), each row as of its own ``made`` moment (seconds).

    The first track is the outcome. ``before`` bounds what may be used for choosing entities; the
    features themselves never look past their own row's moment whatever it is.
    """
    half_lives = half_lives_for(made)
    if entities is None:
        entities = _choose(columns, made, tracks[0], before, half_lives[-1])
    end = float(np.nanmax(np.append(tracks[0].observed, made)))
    blocks: list[Floats] = []
    vocabularies, memories = [], []
    for entity in entities:
        vocabulary, codes = learn_vocabulary(columns, entity)
        memory = {}
        for track in tracks:
            past = _Past(track, codes, half_lives)
            blocks += past.features(codes, made)
            memory[track.name] = past.memories(len(vocabulary.codes), end)
        vocabularies.append(vocabulary)
        memories.append(memory)
    calendar = calendar_of(made)
    used = tuple(name for name, values in calendar.items() if np.ptp(values) > 0)
    blocks += [columns.numbers[name] for name in columns.numbers]
    blocks += [calendar[name] for name in used]
    plan = Plan(tuple(columns.numbers), tuple(vocabularies), tuple(t.name for t in tracks), used)
    matrix = np.column_stack(blocks) if blocks else np.zeros((len(made), 0))
    return Prepared(plan, matrix, end, tuple(memories))


class _Past:
    """One entity's decayed deviations on one track."""

    def __init__(self, track: Track, codes: Integers, half_lives: Sequence[float]) -> None:
        known = track.known
        events = Events(codes[known], track.observed[known])
        deviation = (track.value - track.level)[known]
        self.scans = [events.decayed(deviation, one) for one in half_lives]
        self.half_lives = half_lives

    def features(self, codes: Integers, made: Floats) -> list[Floats]:
        """Shrunk mean deviation per half-life, and how much stands behind the longest."""
        past = [scan.at(codes, made) for scan in self.scans]
        return [one.mean(0.0, STRENGTH) for one in past] + [np.log1p(past[-1].weight)]

    def memories(self, size: int, at: float) -> tuple[Memory, ...]:
        every, moment = np.arange(size, dtype=np.int64), np.full(size, at + 1.0)
        found = [scan.at(every, moment) for scan in self.scans]
        return tuple(
            Memory(half_life, one.weight, one.total)
            for half_life, one in zip(self.half_lives, found, strict=True)
        )


def _choose(
    columns: Columns, made: Floats, outcome: Track, before: float, half_life: float
) -> list[Entity]:
    past = np.flatnonzero(outcome.observed < before)[-_CHOOSE_FROM:]
    if not len(past):
        return []
    deviation = (outcome.value - outcome.level)[past]
    known = columns.take(past)
    return choose_entities(known, made[past], outcome.observed[past], deviation, half_life)


def half_lives_for(made: Floats) -> tuple[float, ...]:
    """Half-lives in seconds, shortened where the history itself is short."""
    return tuple(days * DAY * span_factor(made) for days in _HALF_LIVES)


def span_factor(made: Floats) -> float:
    """The history's length as a share of the one that earns full half-lives, at most 1."""
    dated = made[~np.isnan(made)]
    span = float(np.ptp(dated)) if len(dated) else 0.0
    return min(1.0, max(span, 1.0) / (_FULL_SPAN * DAY))


def calendar_of(made: Floats) -> dict[str, Floats]:
    """Weekday (0 = Monday), hour with fraction and day of the month of wall-clock seconds."""
    days = np.floor(made / DAY)
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]")
    return {
        "weekday": (days + 3) % 7,
        "hour": (made - days * DAY) / 3600,
        "day_of_month": days - month.astype(np.float64) + 1,
    }


def stage_level(known: NDArray[np.bool_], observed: Floats, value: Floats, made: Floats) -> Floats:
    """The usual log duration of a stage as of each promise: a decayed mean of what was known."""
    one = np.zeros(int(known.sum()), dtype=np.int64)
    if not len(one):
        return np.zeros(len(made))
    events = Events(one, observed[known])
    scan: Any = events.decayed(value[known], half_lives_for(made)[-1])
    first = float(value[known][events.order[:20]].mean())
    return np.asarray(scan.at(np.zeros(len(made), dtype=np.int64), made).mean(first, 1.0))
