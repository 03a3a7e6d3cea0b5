"""A fitted learner ready to quote: histories, level and model as of one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overdeliver.learn.book import Facts, open_book
from overdeliver.learn.columns import Columns
from overdeliver.learn.live import Live
from overdeliver.learn.model import (
    Distribution,
    Model,
    choose_model,
    fit_model,
    model_from,
    state_of,
)
from overdeliver.learn.period import PeriodTable
from overdeliver.learn.scale import LogScale
from overdeliver.learn.undated import fit_undated
from overdeliver.vocabulary.errors import InputError, NotEnoughData

Floats = NDArray[np.float64]


@dataclass
class Quoter:
    """Everything one quote needs, and nothing of the rows it was learned from."""

    live: Live
    model: Model
    scale: LogScale
    level: float  # the level of late, on the log scale
    table: PeriodTable | None
    whole: bool
    at: float  # seconds: the end of what was known

    def promises(self, columns: Columns, made: Floats, levels: Floats) -> Floats:
        """Promises of shape (rows, levels)."""
        deviation = self._distribution(columns, made).quantiles(levels)
        return self._rounded(self.scale.back(deviation + self.level))

    def levels(self, columns: Columns, made: Floats, promised: Floats) -> Floats:
        """The level of each promise."""
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.nan_to_num(self.scale.log(promised), nan=-np.inf, neginf=-1e9)
        return self._distribution(columns, made).level_of(value - self.level)

    def one(self, features: Mapping[str, Any], made: float, levels: Floats) -> Floats:
        """Promises of one case, shape (levels,), in plain Python."""
        grouping = self.model.choice.grouping
        code = -1 if grouping is None else self.live.plan.entities[grouping].of_one(features)
        row = self.live.row(features, made) if self.model.choice.model == "boosted" else []
        deviation = self.model.quantiles_one(row, code, levels)
        return self._rounded(self.scale.back(deviation + self.level))

    def typed(self, columns: Columns) -> Columns:
        """The columns with numbers where numbers were learned: an empty column comes as text."""
        wanted = [name for name in self.live.plan.numbers if name not in columns.numbers]
        if not wanted:
            return columns
        numbers = dict(columns.numbers)
        for name in wanted:
            try:
                numbers[name] = columns.texts[name].astype(np.float64)
            except (TypeError, ValueError):
                raise InputError(
                    f"column {name!r} was learned as numbers and now holds text"
                ) from None
        return Columns(numbers, columns.texts, columns.rows)

    def learn(self, columns: Columns, facts: Facts) -> None:
        """New outcomes into the histories and, where time passes, into the level."""
        deviation = self.scale.log(facts.actual) - self.level
        self.live.learn(columns, "outcome", facts.observed, deviation)
        if self.table is not None:
            self.table.add(facts.actual)
            self.level = self.table.level()
        self.at = max(self.at, float(facts.observed.max(initial=self.at)))

    def _distribution(self, columns: Columns, made: Floats) -> Distribution:
        boosted = self.model.choice.model == "boosted"
        matrix = self.live.matrix(columns, made) if boosted else np.empty((columns.rows, 0))
        grouping = self.model.choice.grouping
        if grouping is None:
            group = np.full(columns.rows, -1, dtype=np.int64)
        else:
            group = self.live.plan.entities[grouping].of(columns)
        return self.model.distribution(matrix, group)

    def _rounded(self, promise: Floats) -> Floats:
        return np.maximum(np.round(promise), 0.0) if self.whole else promise

    def state(self) -> dict[str, Any]:
        """Plain values and arrays for an artefact; no row it was learned from."""
        return {
            "live": self.live.state(),
            "model": state_of(self.model),
            "offset": self.scale.offset,
            "level": self.level,
            "table": None if self.table is None else self.table.state(),
            "whole": self.whole,
            "at": self.at,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Quoter":
        """The quoter that `state` described."""
        table = state["table"]
        return cls(
            Live.from_state(state["live"]),
            model_from(state["model"]),
            LogScale(float(state["offset"])),
            float(state["level"]),
            None if table is None else PeriodTable.from_state(table),
            bool(state["whole"]),
            float(state["at"]),
        )


def fit_quoter(
    columns: Columns,
    facts: Facts,
    stages: Mapping[str, Floats],
    *,
    as_of: float | None = None,
    seed: int = 0,
) -> Quoter:
    """Learn everything known at ``as_of`` (seconds; default: the latest moment given)."""
    if not facts.dated:
        model, live, scale, level = fit_undated(columns, facts, seed=seed)
        return Quoter(live, model, scale, level, None, facts.whole, 0.0)
    end = float(np.nanmax(np.append(facts.observed, facts.made))) + 1.0 if as_of is None else as_of
    columns, facts, stages = _known_by(end, columns, facts, stages)
    book = open_book(columns, facts, stages, before=end)
    choice = choose_model(book, end, seed=seed)
    model = fit_model(book, end, choice, seed=seed)
    level = book.table.level() if book.table is not None else book.closing_level
    return Quoter(Live.of(book.prepared), model, book.scale, level, book.table, facts.whole, end)


def _known_by(
    end: float, columns: Columns, facts: Facts, stages: Mapping[str, Floats]
) -> tuple[Columns, Facts, Mapping[str, Floats]]:
    """Promises made before ``end``; what came later is open. The earliest promise comes first."""
    rows = np.flatnonzero(facts.made < end)
    if not len(rows):
        raise NotEnoughData("no promise had been made by then: give a later as_of")
    rows = rows[np.argsort(facts.made[rows], kind="stable")]
    known = facts.take(rows)
    later = ~(known.observed < end)
    observed = np.where(later, np.nan, known.observed)
    actual = np.where(later, np.nan, known.actual)
    kept = {name: np.where(at[rows] < end, at[rows], np.nan) for name, at in stages.items()}
    return columns.take(rows), Facts(known.made, observed, actual, known.unit, known.whole), kept
