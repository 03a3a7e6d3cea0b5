"""How long it takes, as the margin solver asks it: how often later than q, and by how much."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overdeliver.vocabulary.errors import InputError, NotEnoughData

Floats = NDArray[np.float64]
Cdf = Callable[[Floats], Any]
POINTS = 4001
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)


class Law(Protocol):
    """A distribution of outcomes T in the promise's unit; arguments and answers have one shape."""

    @property
    def span(self) -> tuple[float, float]:
        """The range that holds (nearly) all outcomes."""

    def late(self, q: Floats) -> Floats:
        """P(T > q)."""

    def late_by(self, q: Floats) -> Floats:
        """E(T - q)+, the mean delay beyond q over all orders, late or not."""

    @property
    def n(self) -> float | None:
        """How many outcomes it rests on; None for a distribution that was stated."""

    def places(self) -> Floats:
        """Where to look for the best promise, in order."""


class Sample:
    """Outcomes as they were, each with a weight; everything is an exact sum.

    >>> law = Sample([1.0, 2.0, 4.0, 9.0])
    >>> law.late(np.array([2.0, 3.0])).tolist(), law.late_by(np.array([4.0])).tolist()
    ([0.5, 0.5], [1.25])
    """

    def __init__(self, values: ArrayLike, weights: ArrayLike | None = None) -> None:
        t = np.asarray(values, dtype=np.float64).ravel()
        w = np.ones(len(t)) if weights is None else np.asarray(weights, dtype=np.float64).ravel()
        if len(w) != len(t) or not (np.isfinite(w).all() and (w >= 0).all()):
            raise InputError("margin: one weight, not negative, is needed for each outcome")
        used = np.isfinite(t) & (w > 0)
        if not used.any():
            raise NotEnoughData("margin: there is no outcome to learn from")
        order = np.argsort(t[used], kind="stable")
        self._t, w = t[used][order], w[used][order] / w[used].sum()
        self._n = 1.0 / float(w @ w)  # Kish: as many equal ones would be as sure
        # From the far end, so that the tail is summed without losing digits.
        self._share = np.append(np.cumsum(w[::-1])[::-1], 0.0)
        self._sum = np.append(np.cumsum((w * self._t)[::-1])[::-1], 0.0)

    @property
    def span(self) -> tuple[float, float]:
        """The shortest and the longest outcome."""
        return float(self._t[0]), float(self._t[-1])

    @property
    def n(self) -> float | None:
        """The number of outcomes, less where their weights differ."""
        return self._n

    def late(self, q: Floats) -> Floats:
        """The share of weight above q."""
        return np.asarray(self._share[np.searchsorted(self._t, q, side="right")])

    def late_by(self, q: Floats) -> Floats:
        """The mean excess over q."""
        i = np.searchsorted(self._t, q, side="right")
        return np.asarray(np.maximum(self._sum[i] - q * self._share[i], 0.0))

    def places(self) -> Floats:
        """The outcomes themselves: between two of them nothing but the slope of demand changes."""
        return np.unique(self._t)


class Smooth:
    """A distribution given by its function F(q) = P(T <= q), a callable on arrays.

    Raises InputError where the function does not rise from 0 to 1 within what can be found by
    doubling.

    >>> from scipy import stats
    >>> law = Smooth(stats.expon(scale=2.0).cdf)
    >>> law.late_by(np.array([0.0, 2.0])).round(9).tolist()   # 2 exp(-q / 2)
    [2.0, 0.735758882]
    """

    def __init__(self, cdf: Cdf) -> None:
        self._cdf = cdf
        self._grid = _support(cdf) * np.linspace(0.0, 1.0, POINTS) ** 2  # closer near zero
        low, high = self._grid[:-1], self._grid[1:]
        self._beyond = np.append(np.cumsum(self._area(low, high)[::-1])[::-1], 0.0)

    @property
    def span(self) -> tuple[float, float]:
        """From zero to where the function has come to 1."""
        return float(self._grid[0]), float(self._grid[-1])

    @property
    def n(self) -> float | None:
        """Nothing was counted."""
        return None

    def late(self, q: Floats) -> Floats:
        """1 - F(q)."""
        share = 1.0 - np.asarray(self._cdf(np.asarray(q, dtype=np.float64)), dtype=np.float64)
        return np.clip(share, 0.0, 1.0)

    def late_by(self, q: Floats) -> Floats:
        """The integral of P(T > x) from q on, by Gauss's rule on each step of the grid."""
        q = np.asarray(q, dtype=np.float64)
        inside = np.clip(q, *self.span)
        i = np.searchsorted(self._grid, inside, side="left")
        found = self._beyond[i] + self._area(inside, self._grid[i])
        return np.asarray(found + np.maximum(self._grid[0] - q, 0.0))

    def places(self) -> Floats:
        """The grid."""
        return self._grid

    def _area(self, low: Floats, high: Floats) -> Floats:
        half = (high - low) / 2
        points = (low + high)[..., None] / 2 + half[..., None] * _NODES
        return np.asarray(half * (self.late(points) @ _WEIGHTS))


def law_of(distribution: Any, weights: ArrayLike | None = None) -> Law:
    """A sample of outcomes, a frozen distribution of scipy, or a function F(q) on arrays.

    >>> law_of([3.0, 5.0]).span
    (3.0, 5.0)
    """
    if isinstance(distribution, Sample | Smooth):
        return distribution
    cdf = getattr(distribution, "cdf", distribution if callable(distribution) else None)
    if cdf is None:
        return Sample(distribution, weights)
    if weights is not None:
        raise InputError("margin: weights go with a sample of outcomes, not with a function")
    return Smooth(cdf)


def _support(cdf: Cdf) -> float:
    """A promise so long that F has come to 1; outcomes are never below zero."""

    def at(q: float) -> float:
        return float(np.asarray(cdf(np.array([q])), dtype=np.float64)[0])

    high = 1.0
    while at(high) < 1 - 1e-9 and high < 1e12:
        high *= 2
    while at(high) >= 1 - 1e-9 and high > 1e-12:
        high /= 2
    high *= 4  # one doubling to come back, one for the tail
    if not 1 - 1e-6 <= at(high) <= 1 + 1e-9 or at(high) < at(0.0):
        raise InputError("margin: the function given is no distribution: it does not rise to 1")
    return high
