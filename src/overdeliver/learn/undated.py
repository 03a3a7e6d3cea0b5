"""Learning without dates: rows taken as exchangeable, each entity's mean held out fold by fold."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overdeliver.learn.asof import Memory, Plan
from overdeliver.learn.book import Facts
from overdeliver.learn.boosted import Boosted, fit_boosted
from overdeliver.learn.columns import Columns
from overdeliver.learn.entities import STRENGTH, Vocabulary, candidates, learn_vocabulary
from overdeliver.learn.live import Live
from overdeliver.learn.model import JUDGED, TREES_FROM, Choice, Model, best_of
from overdeliver.learn.pooled import Pooled, fit_pooled
from overdeliver.learn.scale import LogScale, scale_for

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_FOLDS = 5
_ENTITIES = 6
_DISTINCT = 0.25  # of the rows differ at least where equal ones are taken for copies
_TIMELESS = float("inf")


@dataclass(frozen=True)
class _Rows:
    """Everything the fits need, row by row."""

    matrix: Floats
    codes: tuple[Integers, ...]  # by entity
    value: Floats
    actual: Floats
    fold: Integers


def fit_undated(
    columns: Columns, facts: Facts, *, seed: int = 0
) -> tuple[Model, Live, LogScale, float]:
    """The model, the means it serves from, the scale and the overall level.

    Folds go by what the rows hold, so their order does not matter.
    """
    scale = scale_for(facts.actual, whole=facts.whole)
    value = scale.log(facts.actual)
    level = float(value.mean())
    value = value - level
    fold = _folds(columns, value)
    vocabularies, codes, blocks = [], [], []
    for vocabulary, rows, features in _encoded(columns, value, fold)[:_ENTITIES]:
        vocabularies.append(vocabulary)
        codes.append(rows)
        blocks += features
    blocks += list(columns.numbers.values())
    matrix = np.column_stack(blocks) if blocks else np.zeros((columns.rows, 0))
    data = _Rows(matrix, tuple(codes), value, facts.actual, fold)
    plan = Plan(tuple(columns.numbers), tuple(vocabularies), ("outcome",), ())
    memories = tuple(
        {"outcome": _memories(code, value, len(v.codes))}
        for code, v in zip(codes, vocabularies, strict=True)
    )
    choice = _choose(data, plan, scale, level, seed)
    everyone = np.ones(len(value), dtype=bool)
    return (
        Model(choice, _fit(data, choice, everyone, seed)),
        Live(plan, 0.0, memories),
        scale,
        level,
    )


def _folds(columns: Columns, value: Floats) -> Integers:
    """Folds drawn over the rows as sorted; equal rows stay together where rows mostly differ.

    Rows dealt out by the rank of the outcome would tell each fold what the others hold.
    """
    texts = [
        np.unique(values.astype(str), return_inverse=True)[1] for values in columns.texts.values()
    ]
    keys = np.column_stack([value, *columns.numbers.values(), *texts])
    _, where = np.unique(np.nan_to_num(keys, nan=-1e300), axis=0, return_inverse=True)
    where = np.ravel(where)
    if where.max() + 1 < _DISTINCT * len(value):
        where = np.argsort(np.argsort(where, kind="stable"), kind="stable")
    drawn = np.random.default_rng(0).permutation(int(where.max()) + 1)
    return np.asarray(drawn[where] % _FOLDS, dtype=np.int64)


def _encoded(
    columns: Columns, value: Floats, fold: Integers
) -> list[tuple[Vocabulary, Integers, list[Floats]]]:
    """Categories with their held-out means, the most telling first."""
    found = []
    for name in candidates(columns):
        vocabulary, codes = learn_vocabulary(columns, (name,))
        size = len(vocabulary.codes)
        weight = np.zeros((_FOLDS, size))
        total = np.zeros((_FOLDS, size))
        np.add.at(weight, (fold, codes), 1.0)
        np.add.at(total, (fold, codes), value)
        others = weight.sum(0) - weight, total.sum(0) - total
        mean = others[1][fold, codes] / (others[0][fold, codes] + STRENGTH)
        gain = 1 - ((value - mean) ** 2).sum() / max((value**2).sum(), 1e-12)
        found.append((gain, (vocabulary, codes, [mean, mean, np.log1p(others[0][fold, codes])])))
    return [one for _, one in sorted(found, key=lambda pair: -pair[0])]


def _memories(codes: Integers, value: Floats, size: int) -> tuple[Memory, ...]:
    weight = np.bincount(codes, minlength=size).astype(np.float64)
    total = np.bincount(codes, weights=value, minlength=size).astype(np.float64)
    return Memory(_TIMELESS, weight, total), Memory(_TIMELESS, weight.copy(), total.copy())


def _choose(data: _Rows, plan: Plan, scale: LogScale, level: float, seed: int) -> Choice:
    if len(data.value) < 60:
        return Choice("table", None, f"only {len(data.value)} outcomes: one table for all", {})
    options = {"table of all": Choice("table", None, "", {})}
    for position, vocabulary in enumerate(plan.entities):
        name = f"table by {' x '.join(vocabulary.entity)}"
        options[name] = Choice("table", position, "", {})
    if len(data.value) >= TREES_FROM and data.matrix.shape[1]:
        options["boosted trees"] = Choice("boosted", None, "", {})
    losses: Mapping[str, float] = {
        name: _loss(data, choice, scale, level, seed) for name, choice in options.items()
    }
    return best_of(options, losses)


def _loss(data: _Rows, choice: Choice, scale: LogScale, level: float, seed: int) -> float:
    """Mean pinball loss on the first fold of a model fitted on the others."""
    held = data.fold == 0
    model = Model(choice, _fit(data, choice, ~held, seed))
    levels = np.array(JUDGED)
    group = _groups(data, choice)[held]
    deviation = model.distribution(data.matrix[held], group).quantiles(levels)
    over = data.actual[held, None] - scale.back(deviation + level)
    return float(np.maximum(levels * over, (levels - 1) * over).mean())


def _fit(data: _Rows, choice: Choice, rows: NDArray[np.bool_], seed: int) -> Boosted | Pooled:
    value = data.value[rows]
    weight = np.ones(len(value))
    if choice.model == "table":
        return fit_pooled(_groups(data, choice)[rows], value, weight)
    fair = np.ones(len(value), dtype=bool)
    return fit_boosted(data.matrix[rows], value, weight, data.fold[rows], fair, seed=seed)


def _groups(data: _Rows, choice: Choice) -> Integers:
    if choice.grouping is None:
        return np.full(len(data.value), -1, dtype=np.int64)
    return data.codes[choice.grouping]
