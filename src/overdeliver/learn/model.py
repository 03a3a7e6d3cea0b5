"""The distribution of the next outcome: a table or boosted trees, whichever foresaw more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from overdeliver.learn.book import Book, Known
from overdeliver.learn.boosted import Boosted, fit_boosted
from overdeliver.learn.pooled import Pooled, fit_pooled
from overdeliver.learn.spread import Spread
from overdeliver.measure.minimum import minimum_outcomes
from overdeliver.vocabulary.errors import NotEnoughData

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: The levels a model is judged at.
JUDGED = (0.5, 0.8, 0.9, 0.95)
#: Trees are tried from this many outcomes on.
TREES_FROM = 300
#: Trees must beat the table by this factor to be worth their weight.
_MARGIN = 0.995
#: Promises learned from at most, the latest ones: more add time and no accuracy.
MOST_ROWS = 120_000


class Distribution(Protocol):
    """What is foreseen for each of n rows, on the log scale."""

    def quantiles(self, levels: Floats) -> Floats:
        """Log deviations of shape (n, levels), rising along the levels."""

    def level_of(self, value: Floats) -> Floats:
        """The level at which each row's log deviation would be promised."""


@dataclass(frozen=True)
class Shifted:
    """One spread, moved and stretched for each row."""

    mu: Floats
    sigma: Floats
    spread: Spread

    def quantiles(self, levels: Floats) -> Floats:
        return self.mu[:, None] + self.sigma[:, None] * self.spread.quantile(levels)[None, :]

    def level_of(self, value: Floats) -> Floats:
        return self.spread.level_of((value - self.mu) / self.sigma)


@dataclass(frozen=True)
class Grouped:
    """Each row's group speaks with its own spread, or everyone's."""

    table: Pooled
    group: Integers

    def quantiles(self, levels: Floats) -> Floats:
        distinct, where = np.unique(self.group, return_inverse=True)
        each = np.stack([self.table.of(int(code)).quantile(levels) for code in distinct])
        return np.asarray(each[where])

    def level_of(self, value: Floats) -> Floats:
        out = np.empty(len(value))
        for code in np.unique(self.group):
            rows = self.group == code
            out[rows] = self.table.of(int(code)).level_of(value[rows])
        return out


@dataclass(frozen=True)
class Choice:
    """Which model, which grouping its table uses (an index into the plan's entities), and why."""

    model: str  # "boosted" or "table"
    grouping: int | None
    because: str
    losses: Mapping[str, float]


@dataclass(frozen=True)
class Model:
    """A fitted distribution of log deviations from the level of late."""

    choice: Choice
    fitted: Boosted | Pooled

    @property
    def spread(self) -> Spread:
        return self.fitted.overall if isinstance(self.fitted, Pooled) else self.fitted.spread

    def distribution(self, matrix: Floats, group: Integers) -> "Distribution":
        """The distribution of each row's log deviation; ``group`` as `group_codes` gives it."""
        if isinstance(self.fitted, Pooled):
            return Grouped(self.fitted, group)
        located = self.fitted.locate(matrix)
        return Shifted(located.mu, located.sigma, self.fitted.spread)

    def quantiles_one(self, row: list[float], code: int, levels: Floats) -> Floats:
        """Log deviations of one row, shape (levels,)."""
        if isinstance(self.fitted, Pooled):
            return self.fitted.of(code).quantile(levels)
        mu, sigma = self.fitted.locate_one(row)
        return np.asarray(mu + sigma * self.fitted.spread.quantile(levels))


def fit_model(book: Book, moment: float, choice: Choice, *, seed: int = 0) -> Model:
    """Learn what was known at ``moment``. Raises NotEnoughData when nothing was."""
    known = _latest(book.known_at(moment))
    if not len(known.rows):
        raise NotEnoughData("no outcome old enough to be fair was known yet at that moment")
    return Model(choice, _fit(book, known, choice, seed))


def choose_model(book: Book, moment: float, *, seed: int = 0) -> Choice:
    """Table or trees, by the mean pinball loss on the last quarter of what was known at ``moment``.

    Both learn what was known when that quarter began, and are judged on outcomes that came later.
    """
    seen = book.known_at(moment).rows
    if len(seen) < 60:
        return Choice("table", None, f"only {len(seen)} outcomes were known: one table for all", {})
    cut = float(np.quantile(book.facts.made[seen], 0.75))
    judged = seen[book.facts.made[seen] >= cut]
    options: dict[str, Choice] = {}
    losses: dict[str, float] = {}
    names = ["table of all", *(" x ".join(v.entity) for v in book.plan.entities)]
    for position, name in enumerate(names):
        grouping = position - 1 if position else None
        options[f"table by {name}" if position else name] = Choice("table", grouping, "", {})
    if len(seen) >= TREES_FROM:
        options["boosted trees"] = Choice("boosted", None, "", {})
    for name, choice in options.items():
        losses[name] = _loss(book, cut, judged, choice, seed)
    return best_of(options, losses)


def best_of(options: Mapping[str, Choice], losses: Mapping[str, float]) -> Choice:
    """The option that foresaw best, trees only where they beat the best table clearly."""
    tables = {name: loss for name, loss in losses.items() if options[name].model == "table"}
    table = min(tables, key=lambda name: tables[name])
    best = table
    trees = losses.get("boosted trees", np.inf)
    if trees < _MARGIN * tables[table]:
        best = "boosted trees"
    other = min((n for n in losses if n != best), key=lambda name: losses[name], default=best)
    if not np.isfinite(losses[best]):
        because = f"{best}: too few outcomes were known early enough to compare"
        return Choice("table", None, because, {})
    because = f"{best} foresaw held-back outcomes best: pinball loss {losses[best]:.3g}"
    if other != best:
        because += f", against {losses[other]:.3g} of the {other}"
    chosen = options[best]
    return Choice(chosen.model, chosen.grouping, because, dict(losses))


def _loss(book: Book, cut: float, judged: Integers, choice: Choice, seed: int) -> float:
    known = _latest(book.known_at(cut))
    if len(known.rows) < minimum_outcomes(max(JUDGED)):
        return float("inf")
    levels = np.array(JUDGED)
    model = Model(choice, _fit(book, known, choice, seed))
    group = group_codes(book, choice, judged)
    deviation = model.distribution(book.matrix[judged], group).quantiles(levels)
    promise = book.scale.back(deviation + book.level[judged, None])
    over = book.facts.actual[judged, None] - promise
    return float(np.maximum(levels * over, (levels - 1) * over).mean())


def _fit(book: Book, known: Known, choice: Choice, seed: int) -> Boosted | Pooled:
    if choice.model == "table":
        group = group_codes(book, choice, known.rows[known.fair])
        return fit_pooled(group, known.value[known.fair], known.weight[known.fair])
    return fit_boosted(
        book.matrix[known.rows], known.value, known.weight, known.fold, known.fair, seed=seed
    )


def group_codes(book: Book, choice: Choice, rows: Integers) -> Integers:
    """The table's group of each row; -1 without a grouping."""
    if choice.grouping is None:
        return np.full(len(rows), -1, dtype=np.int64)
    return book.plan.entities[choice.grouping].of(book.columns.take(rows))


def _latest(known: Known) -> Known:
    if len(known.rows) <= MOST_ROWS:
        return known
    last = slice(len(known.rows) - MOST_ROWS, None)
    blocks = np.arange(MOST_ROWS) * 4 // MOST_ROWS
    return Known(known.rows[last], known.value[last], known.fair[last], known.weight[last], blocks)


def state_of(model: Model) -> dict[str, Any]:
    """Plain values and arrays for an artefact."""
    choice = {"model": model.choice.model, "grouping": model.choice.grouping}
    return {
        "choice": {**choice, "because": model.choice.because, "losses": dict(model.choice.losses)},
        "fitted": model.fitted.state(),
    }


def model_from(state: Mapping[str, Any]) -> Model:
    """The model that `state_of` described."""
    choice = Choice(**state["choice"])
    kind = Boosted if choice.model == "boosted" else Pooled
    return Model(choice, kind.from_state(state["fitted"]))
