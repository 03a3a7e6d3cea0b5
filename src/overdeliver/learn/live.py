"""The same features for the next promise: what is known now, without the past's rows."""

from collections.abc import Mapping
from datetime import date, timedelta
from math import log1p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overdeliver.learn.asof import Memory, Plan, Prepared, calendar_of
from overdeliver.learn.columns import DAY, Columns, seconds
from overdeliver.learn.entities import STRENGTH, Vocabulary

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Live:
    """Histories brought to one moment, ready for the next promises.

    A query before that moment is answered as of it: serving looks forward only.
    """

    def __init__(
        self, plan: Plan, at: float, memories: tuple[Mapping[str, tuple[Memory, ...]], ...]
    ) -> None:
        self.plan = plan
        self.at = at
        self.memories = memories

    @classmethod
    def of(cls, prepared: Prepared) -> "Live":
        return cls(prepared.plan, prepared.at, prepared.memories)

    def matrix(self, columns: Columns, made: Floats) -> Floats:
        """Features of shape (rows, features) in training's order; ``made`` in seconds."""
        age = np.maximum(made - self.at, 0.0)
        blocks: list[Floats] = []
        for vocabulary, tracks in self._entities():
            codes = vocabulary.of(columns)
            for track in self.plan.tracks:
                blocks += _block(tracks[track], codes, age)
        blocks += [columns.numbers[name] for name in self.plan.numbers]
        calendar = calendar_of(made)
        blocks += [calendar[name] for name in self.plan.calendar]
        return np.column_stack(blocks) if blocks else np.zeros((len(made), 0))

    def row(self, features: Mapping[str, Any], made: float) -> list[float]:
        """One row of the matrix from a plain mapping, without arrays over rows."""
        age = max(made - self.at, 0.0)
        out: list[float] = []
        for vocabulary, tracks in self._entities():
            code = vocabulary.of_one(features)
            for track in self.plan.tracks:
                out += _row(tracks[track], code, age)
        out += [_number(features.get(name), made) for name in self.plan.numbers]
        if self.plan.calendar:
            calendar = calendar_of(np.array([made]))
            out += [float(calendar[name][0]) for name in self.plan.calendar]
        return out

    def learn(self, columns: Columns, track: str, observed: Floats, deviation: Floats) -> None:
        """Take in new outcomes of one track as log deviations from the level, in any order."""
        for vocabulary, tracks in self._entities():
            codes = vocabulary.of(columns)
            seen = codes >= 0
            for memory in tracks[track]:
                gain = 2.0 ** ((observed[seen] - self.at) / memory.half_life)
                np.add.at(memory.weight, codes[seen], gain)
                np.add.at(memory.total, codes[seen], gain * deviation[seen])

    def _entities(self) -> Any:
        return zip(self.plan.entities, self.memories, strict=True)

    def state(self) -> dict[str, Any]:
        """Plain values and arrays; values of entities are kept, rows are not."""
        return {
            "numbers": list(self.plan.numbers),
            "tracks": list(self.plan.tracks),
            "calendar": list(self.plan.calendar),
            "at": self.at,
            "entities": [
                {
                    "columns": list(vocabulary.entity),
                    "values": [list(v) if isinstance(v, tuple) else [v] for v in vocabulary.codes],
                    "tracks": {
                        name: [dict(vars(memory)) for memory in memories]
                        for name, memories in tracks.items()
                    },
                }
                for vocabulary, tracks in self._entities()
            ],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Live":
        vocabularies, memories = [], []
        for one in state["entities"]:
            alone = len(one["columns"]) == 1
            keys = [values[0] if alone else tuple(values) for values in one["values"]]
            codes = {key: code for code, key in enumerate(keys)}
            vocabularies.append(Vocabulary(tuple(one["columns"]), codes))
            memories.append(
                {name: tuple(Memory(**m) for m in many) for name, many in one["tracks"].items()}
            )
        plan = Plan(
            tuple(state["numbers"]),
            tuple(vocabularies),
            tuple(state["tracks"]),
            tuple(state["calendar"]),
        )
        return cls(plan, float(state["at"]), tuple(memories))


def _block(memories: tuple[Memory, ...], codes: Integers, age: Floats) -> list[Floats]:
    out: list[Floats] = []
    weight = np.zeros(len(codes))
    for memory in memories:
        fade = np.where(codes >= 0, 2.0 ** (-age / memory.half_life), 0.0)
        weight = memory.weight[codes] * fade
        out.append(memory.total[codes] * fade / (weight + STRENGTH))
    return [*out, np.log1p(weight)]


def _row(memories: tuple[Memory, ...], code: int, age: float) -> list[float]:
    if code < 0:
        return [0.0] * (len(memories) + 1)
    out, weight = [], 0.0
    for memory in memories:
        fade = 2.0 ** (-age / memory.half_life)
        weight = memory.weight.item(code) * fade
        out.append(memory.total.item(code) * fade / (weight + STRENGTH))
    return [*out, log1p(weight)]


def _number(value: Any, made: float) -> float:
    """A feature as training saw it: a number, or the days from a moment to the promise."""
    if value is None:
        return float("nan")
    if isinstance(value, date | np.datetime64):
        return (made - float(seconds([value])[0])) / DAY
    return value / timedelta(days=1) if isinstance(value, timedelta) else float(value)
