"""Is a quantile what it says? Coverage, pinball loss and sharpness on arrays, for the learners.

``y`` are outcomes, ``q`` the promises made for them, both one-dimensional, in one unit.
"""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overdeliver.measure.intervals import Interval, wilson


@dataclass(frozen=True)
class Coverage:
    """The share of outcomes within the promise, with its Wilson interval and count."""

    share: float
    interval: Interval
    n: int


@dataclass(frozen=True)
class Sharpness:
    """How long the promises were: their mean, median and 90th percentile."""

    mean: float
    median: float
    p90: float
    n: int


def coverage(y: ArrayLike, q: ArrayLike) -> Coverage | None:
    """The share of outcomes at or below the promise; None when there is no pair.

    >>> coverage([1, 2, 3, 9], [3, 3, 3, 3]).share
    0.75
    """
    outcome, promise = _pairs(y, q)
    n = len(outcome)
    if n == 0:
        return None
    within = int((outcome <= promise).sum())
    return Coverage(within / n, wilson(within, n), n)


def pinball(y: ArrayLike, q: ArrayLike, level: float) -> float | None:
    """Mean pinball loss of a quantile at ``level``, in the unit of ``y``; lower is better.

    >>> round(pinball([10.0, 2.0], [8.0, 8.0], 0.9), 3)
    1.2
    """
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1, got {level}")
    outcome, promise = _pairs(y, q)
    if len(outcome) == 0:
        return None
    over = outcome - promise
    return float(np.maximum(level * over, (level - 1) * over).mean())


def coverage_by(y: ArrayLike, q: ArrayLike, groups: ArrayLike) -> dict[Hashable, Coverage]:
    """Coverage of each group, in the order of the groups' text.

    >>> {k: c.share for k, c in coverage_by([1, 5, 1], [2, 2, 2], ["a", "a", "b"]).items()}
    {'a': 0.5, 'b': 1.0}
    """
    outcome, promise, group = np.asarray(y, float), np.asarray(q, float), np.asarray(groups)
    if not len(outcome) == len(promise) == len(group):
        raise ValueError("outcomes, promises and groups must be of one length")
    names: list[Hashable] = sorted(set(group.tolist()), key=str)
    found = {name: coverage(outcome[group == name], promise[group == name]) for name in names}
    return {name: one for name, one in found.items() if one is not None}


def coverage_by_month(
    y: ArrayLike, q: ArrayLike, made_at: NDArray[np.datetime64]
) -> dict[str, Coverage]:
    """Coverage of each calendar month of promising, keys like "2018-04", in time order.

    >>> at = np.array(["2018-04-30", "2018-05-01"], "datetime64[s]")
    >>> [(m, c.share) for m, c in coverage_by_month([1, 5], [2, 2], at).items()]
    [('2018-04', 1.0), ('2018-05', 0.0)]
    """
    months = np.asarray(made_at).astype("datetime64[M]").astype(str)
    return {str(month): one for month, one in coverage_by(y, q, months).items()}


def sharpness(q: ArrayLike) -> Sharpness | None:
    """How long the promises are; shorter is better at equal coverage.

    >>> sharpness([2.0, 4.0, 6.0]).mean
    4.0
    """
    promise = np.asarray(q, float)
    promise = promise[~np.isnan(promise)]
    if len(promise) == 0:
        return None
    middle, far = np.quantile(promise, [0.5, 0.9])
    return Sharpness(float(promise.mean()), float(middle), float(far), len(promise))


def _pairs(y: ArrayLike, q: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Outcome and promise where both are known; a refusal (NaN) is not a promise."""
    outcome, promise = np.asarray(y, float), np.asarray(q, float)
    if outcome.shape != promise.shape:
        raise ValueError("outcomes and promises must be of one length")
    both = ~(np.isnan(outcome) | np.isnan(promise))
    return outcome[both], promise[both]
