"""Who else could set the promise: a careful clerk with a table, and plain boosted quantiles.

Both learn at the same moments as overdeliver, from every outcome known by then, and are given the
same columns (after the leakage guard) and the calendar. Neither has histories or a level of late.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from overdeliver.learn.asof import calendar_of
from overdeliver.learn.columns import Columns
from overdeliver.learn.entities import candidates
from overdeliver.measure.calibration import pinball

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: One period of the backtest: what was known when it began, and the rows to promise then.
Spans = Sequence[tuple[Integers, Integers]]

#: The clerk gives a group a table of its own from this many outcomes on.
_OWN = 20
#: scikit-learn takes at most 255 categories; the rest share the last.
_MOST = 254


def clerk(columns: Columns, actual: Floats, spans: Spans, levels: Floats) -> dict[str, Floats]:
    """Empirical quantiles per group, for every column that may group, and for none.

    The quantile has the conformal rank, so that a small group is not promised too little.
    """
    return {
        name: _tables(codes, actual, spans, levels) for name, codes in _groupings(columns).items()
    }


def clerk_chosen(
    columns: Columns, made: Floats | None, actual: Floats, known: Integers, levels: Floats
) -> str:
    """The column a clerk would pick before the test: best on the last quarter of what was known."""
    order = known if made is None else known[np.argsort(made[known], kind="stable")]
    cut = len(order) * 3 // 4
    found = clerk(columns, actual, [(order[:cut], order[cut:])], levels)
    return min(found, key=lambda name: _loss(actual[order[cut:]], found[name], levels))


def _groupings(columns: Columns) -> dict[str, Integers]:
    found: dict[str, Integers] = {"nothing": np.zeros(columns.rows, dtype=np.int64)}
    for name in candidates(columns):
        values = columns.texts[name] if name in columns.texts else columns.numbers[name]
        found[name] = np.unique(np.array([str(v) for v in values]), return_inverse=True)[1]
    return found


def _tables(codes: Integers, actual: Floats, spans: Spans, levels: Floats) -> Floats:
    parts = []
    for known, rows in spans:
        order = known[np.argsort(codes[known], kind="stable")]
        names, first = np.unique(codes[order], return_index=True)
        groups = dict(zip(names.tolist(), np.split(actual[order], first[1:]), strict=True))
        everyone = _ranks(actual[known], levels)
        wanted = {
            code: _ranks(groups[code], levels)
            for code in set(codes[rows].tolist())
            if len(groups.get(code, ())) >= _OWN
        }
        parts.append(np.stack([wanted.get(code, everyone) for code in codes[rows].tolist()]))
    return np.concatenate(parts)


def _ranks(values: Floats, levels: Floats) -> Floats:
    share = np.minimum(levels * (1 + 1 / len(values)), 1.0)
    return np.asarray(np.quantile(values, share, method="inverted_cdf"))


def _loss(actual: Floats, promise: Floats, levels: Floats) -> float:
    each = [pinball(actual, promise[:, i], level) for i, level in enumerate(levels.tolist())]
    return float(np.mean([one for one in each if one is not None]))


def trees(
    columns: Columns, made: Floats | None, actual: Floats, spans: Spans, levels: Floats
) -> Floats:
    """scikit-learn's boosted quantiles as they come, one model per level, sorted so none cross."""
    numbers = [*columns.numbers.values()]
    if made is not None:
        numbers += list(calendar_of(made).values())
    parts = []
    for known, rows in spans:
        names = [coded(values, known) for values in columns.texts.values()]
        matrix = np.column_stack([*numbers, *names])
        named = [False] * len(numbers) + [True] * len(names)
        parts.append(
            np.column_stack(
                [_one_level(matrix, named, actual, known, rows, one) for one in levels.tolist()]
            )
        )
    return np.sort(np.concatenate(parts), axis=1)


def _one_level(
    matrix: Floats,
    named: list[bool],
    actual: Floats,
    known: Integers,
    rows: Integers,
    level: float,
) -> Floats:
    model = HistGradientBoostingRegressor(
        loss="quantile", quantile=level, categorical_features=named, random_state=0
    )
    return np.asarray(model.fit(matrix[known], actual[known]).predict(matrix[rows]))


def coded(values: NDArray[np.object_], known: Integers) -> Floats:
    """Codes of the commonest values among what was known; the others share one."""
    names, counts = np.unique(np.array([str(v) for v in values[known]]), return_counts=True)
    common = names[np.argsort(-counts, kind="stable")][: _MOST - 1].tolist()
    codes = {name: float(code) for code, name in enumerate(common)}
    return np.array([codes.get(str(v), float(len(common))) for v in values])
