"""Who or what an outcome belongs to: columns, alone or in pairs, whose past tells the future."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overdeliver.learn.columns import Columns
from overdeliver.learn.history import Events

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

Entity = tuple[str, ...]
#: One history shrinks to the level of all as if this many more outcomes had shown just that level.
STRENGTH = 5.0


@dataclass(frozen=True)
class Vocabulary:
    """The values of an entity seen in training, each with its code; a new one has none (-1)."""

    entity: Entity
    codes: Mapping[Any, int]

    def of(self, columns: Columns) -> Integers:
        """The code of each row, -1 where the value was never seen."""
        get = self.codes.get
        return np.fromiter(
            (get(key, -1) for key in _keys(columns, self.entity)), np.int64, columns.rows
        )

    def of_one(self, row: Mapping[str, Any]) -> int:
        """The code of one row given as a mapping."""
        key = tuple(_plain(row.get(name)) for name in self.entity)
        return self.codes.get(key[0] if len(key) == 1 else key, -1)


def learn_vocabulary(columns: Columns, entity: Entity) -> tuple[Vocabulary, Integers]:
    """The vocabulary of an entity and the code of each row."""
    codes: dict[Any, int] = {}
    take = codes.setdefault
    rows = np.fromiter(
        (take(key, len(codes)) for key in _keys(columns, entity)), np.int64, columns.rows
    )
    return Vocabulary(entity, codes), rows


def choose_entities(
    columns: Columns,
    made: Floats,
    observed: Floats,
    deviation: Floats,
    half_life: float,
    *,
    singles: int = 8,
    pairs: int = 3,
) -> list[Entity]:
    """Columns, and pairs of the best of them, whose decayed past predicts the deviation best.

    ``deviation`` is the outcome less the level of all at its moment, NaN where open. The score is
    the share of its variance explained *as of* each promise, so choosing does not look ahead.
    """
    scores: dict[Entity, float] = {
        (name,): _score(columns, (name,), made, observed, deviation, half_life)
        for name in candidates(columns)
    }
    useful = sorted((one for one, gain in scores.items() if gain > -0.02), key=lambda e: -scores[e])
    useful = useful[:singles]
    sizes = {one: len(set(_keys(columns, one))) for one in useful}
    for first, second in combinations(useful, 2):
        pair = (first[0], second[0])
        distinct = len(set(_keys(columns, pair)))
        nested = distinct <= 1.3 * max(sizes[first], sizes[second])
        if not nested and distinct <= 0.8 * columns.rows:
            scores[pair] = _score(columns, pair, made, observed, deviation, half_life)
    found = [one for one in scores if len(one) == 2 and scores[one] > 0]
    return useful + sorted(found, key=lambda one: -scores[one])[:pairs]


def candidates(columns: Columns) -> list[str]:
    """Columns that may name something: texts that repeat, and whole numbers that repeat often."""
    names = [name for name, values in columns.texts.items() if _repeats(values)]
    for name, values in columns.numbers.items():
        present = values[~np.isnan(values)]
        whole = len(present) and np.array_equal(present, np.floor(present))
        if whole and 2 <= len(set(present.tolist())) <= len(present) / 20:
            names.append(name)
    return names


def _repeats(values: NDArray[Any]) -> bool:
    distinct = len(set(values.tolist()))
    return 2 <= distinct <= len(values) / 2


def _score(
    columns: Columns,
    entity: Entity,
    made: Floats,
    observed: Floats,
    deviation: Floats,
    half_life: float,
) -> float:
    """Share of the deviations' variance that the entity's past explained, as of each promise."""
    _, codes = learn_vocabulary(columns, entity)
    known = ~(np.isnan(observed) | np.isnan(deviation))
    if known.sum() < 20:
        return 0.0
    scan = Events(codes[known], observed[known]).decayed(deviation[known], half_life)
    guess = scan.at(codes[known], made[known]).mean(0.0, STRENGTH)
    actual = deviation[known]
    return float(1 - ((actual - guess) ** 2).sum() / max((actual**2).sum(), 1e-12))


def _keys(columns: Columns, entity: Sequence[str]) -> list[Any]:
    parts = [_values(columns, name) for name in entity]
    return parts[0] if len(parts) == 1 else list(zip(*parts, strict=True))


def _values(columns: Columns, name: str) -> list[Any]:
    if name in columns.texts:
        return columns.texts[name].tolist()  # type: ignore[no-any-return]
    values = columns.numbers[name]
    return [None if value != value else value for value in values.tolist()]


def _plain(value: Any) -> Any:
    """A single value as training saw it: numbers as floats, missing as None."""
    if value is None or value != value:
        return None
    return float(value) if isinstance(value, int | float | np.number | np.bool_) else value
