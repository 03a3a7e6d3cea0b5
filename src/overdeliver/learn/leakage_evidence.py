"""How much of the outcome a column gives away, beyond what the promise itself told.

Everything is asked *within* the promise: the outcome and the column are compared among promises of
one length. So a column that explains the outcome because the promise follows it (the distance of
a flight) tells nothing more, while a copy of the outcome, however disguised, still tells it all.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from overdeliver.learn.leakage_columns import Codes, Column, Floats, Mask

#: A promise that explains less of the outcome than this is no yardstick.
INFORMED = 0.1
BINS = 20
FEW = 20


@dataclass(frozen=True)
class Known:
    """The rows whose outcome is known, and what the promise leaves to be told.

    ``rest`` is the outcome less what the promise tells; ``cells`` numbers the promises by length;
    ``broken`` is None without promises.
    """

    actual: Floats
    gap: Floats | None
    promised: Floats | None
    rest: Floats
    cells: Codes
    broken: Mask | None
    informed: bool


def known(actual: Floats, promised: Floats | None, gap: Floats | None) -> Known:
    """What is known of ``n`` finished promises; all arrays hold finite numbers."""
    if promised is None or gap is None:
        nothing = np.zeros(len(actual), dtype=np.int64)
        return Known(actual, None, None, _centred(actual, nothing), nothing, None, False)
    cells = _cells(promised)
    rest = without(actual, promised, cells)
    informed = _explained(actual, rest) >= INFORMED
    return Known(actual, gap, promised, rest, cells, gap < 0, informed)


def told(column: Column, facts: Known) -> float:
    """The share (0 to 1) of the remaining outcome that the column tells alone.

    The largest of: R2 of a line, of the ranks, and of the mean per bin or category (estimated
    on one half of the rows, judged on the other). Missing is a value of its own in the latter.
    """
    shares = [_cross_r2(_bins(column, facts.rest), facts.rest)]
    if column.kind == "category":
        return max(0.0, *shares)
    here = column.filled
    if here.sum() >= FEW and here.mean() >= 0.05:
        mine = _within(column.values[here], facts, here)
        rest = facts.rest[here]
        weight = _spread_share(rest, facts.rest)
        shares += [correlation(mine, rest) ** 2 * weight, _rank(mine, rest) ** 2 * weight]
        if facts.promised is not None and facts.gap is not None:
            shares.append(_cross_r2(_quantile_bins(mine, len(mine)), rest) * weight)
    return float(max(0.0, *shares))


def separates(column: Column, facts: Known) -> float:
    """How well the column alone parts broken from kept: the area under the curve, 0.5 to 1.

    0.5 (nothing) where there are too few of either, or where the promise itself parts them as well.
    """
    if facts.broken is None or min(facts.broken.sum(), (~facts.broken).sum()) < FEW:
        return 0.5
    y = facts.broken.astype(np.float64)
    area = _cross_area(_bins(column, facts.rest), y)
    return area if area > _cross_area(facts.cells, y) + 0.02 else 0.5


def without(values: Floats, promised: Floats, cells: Codes) -> Floats:
    """``values`` less their mean per cell of promises and the common slope inside the cells."""
    mine, p = _centred(values, cells), _centred(promised, cells)
    power = float(p @ p)
    return (
        mine - p * (float(mine @ p) / power) if power > 1e-12 * float(promised @ promised) else mine
    )


def correlation(a: Floats, b: Floats) -> float:
    """Pearson's correlation, 0 where either does not vary."""
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale > 0 else 0.0


def identity(sum_of: Floats, target: Floats) -> float:
    """The share of rows in which two columns agree but for rounding."""
    unit = float(np.nanstd(target))
    near = np.abs(sum_of - target) <= max(0.5000001 * _grain(target), 1e-6 * unit)
    return float(near.mean()) if unit > 0 else 0.0


def _grain(values: Floats) -> float:
    """1 for whole numbers, 0.1 for one decimal, and so on to 0.001."""
    for grain in (1.0, 0.1, 0.01):
        if np.abs(values / grain - np.round(values / grain)).max(initial=0.0) < 1e-6:
            return grain
    return 0.001


def _within(values: Floats, facts: Known, here: Mask) -> Floats:
    if facts.promised is None:
        return values
    return without(values, facts.promised[here], facts.cells[here])


def _spread_share(part: Floats, whole: Floats) -> float:
    """How much of the whole spread lies in a part of the rows."""
    all_of_it = float(whole @ whole)
    return min(1.0, float(part @ part) / all_of_it) if all_of_it > 0 else 0.0


def _explained(values: Floats, rest: Floats) -> float:
    whole = float(((values - values.mean()) ** 2).sum())
    return 1 - float(rest @ rest) / whole if whole > 0 else 0.0


def _cells(promised: Floats) -> Codes:
    return _quantile_bins(promised, len(promised), most=BINS)


def _quantile_bins(values: Floats, n: int, most: int = 200) -> Codes:
    """Bins of about equal count, at least 15 rows each; equal values share a bin."""
    count = int(np.clip(n // 15, 1, most))
    edges = np.unique(np.quantile(values, np.linspace(0, 1, count + 1)[1:-1]))
    # Between two edges lie (a, b]: a value that many rows share gets a bin of its own.
    return np.searchsorted(edges, values, side="left") + np.searchsorted(
        edges, values, side="right"
    )


def _bins(column: Column, rest: Floats) -> Codes:
    if column.kind == "category":
        return np.where(column.filled, column.values, -1).astype(np.int64) + 1
    bins = np.zeros(len(rest), dtype=np.int64)
    if column.filled.any():
        shown = column.values[column.filled]
        bins[column.filled] = _quantile_bins(shown, len(shown)) + 1
    return bins


def _centred(values: Floats, cells: Codes) -> Floats:
    count = np.bincount(cells)
    mean = np.bincount(cells, weights=values) / np.maximum(count, 1)
    return np.asarray(values - mean[cells])


def _cross_encoded(codes: Codes, y: Floats) -> Floats:
    """The mean of y per code in the other half of the rows, so that nothing sees itself."""
    half = np.arange(len(y)) % 2 == 1
    found = np.empty(len(y))
    size = int(codes.max(initial=0)) + 1
    for part in (half, ~half):
        count = np.bincount(codes[~part], minlength=size)
        total = np.bincount(codes[~part], weights=y[~part], minlength=size)
        mean = y[~part].mean() if (~part).any() else 0.0
        found[part] = ((total + mean) / (count + 1))[codes[part]]
    return found


def _cross_r2(codes: Codes, y: Floats) -> float:
    whole = float(((y - y.mean()) ** 2).sum())
    left = float(((y - _cross_encoded(codes, y)) ** 2).sum())
    return max(0.0, 1 - left / whole) if whole > 0 else 0.0


def _cross_area(codes: Codes, y: NDArray[np.float64]) -> float:
    ranks = rankdata(_cross_encoded(codes, y))
    ones = float(y.sum())
    area = (float(ranks[y > 0].sum()) - ones * (ones + 1) / 2) / (ones * (len(y) - ones))
    return max(area, 1 - area)


def _rank(a: Floats, b: Floats) -> float:
    return correlation(rankdata(a), rankdata(b))
