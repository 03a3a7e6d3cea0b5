"""How sure a number is: intervals, exact tests, and the fewest outcomes a level needs.

Sources: Wilson 1927; Newcombe 1998 (method 10); Welch 1947; Benjamini & Hochberg 1995;
Fisher 1935. Only ``scipy.special`` is imported: ``scipy.stats`` would triple the start-up time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """The two ends between which the true value lies, as far as the data can tell."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether the value lies within, ends included."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Rate:
    """A share between 0 and 1 with its interval."""

    rate: float
    low: float
    high: float


def wilson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Wilson's score interval for a share; ``n`` of at least 1, else ValueError.

    >>> wilson(91, 100).holds(0.9), wilson(91, 100).holds(0.8)
    (True, False)
    """
    if not 0 <= successes <= n or n < 1:
        raise ValueError(f"a share needs 0 <= successes <= n and n >= 1, got {successes} of {n}")
    z = _normal(confidence)
    share = successes / n
    middle = share + z * z / (2 * n)
    spread = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = ((middle + way * spread) / (1 + z * z / n) for way in (-1, 1))
    return Interval(min(share, max(0.0, low)), max(share, min(1.0, high)))


def rate(successes: int, n: int, confidence: float = 0.95) -> Rate | None:
    """The share with its Wilson interval; None when there is nothing to share.

    >>> rate(0, 0) is None
    True
    >>> rate(9, 10).rate
    0.9
    """
    if n < 1:
        return None
    bounds = wilson(successes, n, confidence)
    return Rate(successes / n, bounds.low, bounds.high)


def mean_interval(
    mean: float | None, std: float | None, n: int, confidence: float = 0.95
) -> Interval | None:
    """Student's interval for a mean from its sample standard deviation; None below two values.

    >>> round(mean_interval(5.0, 2.0, 16).low, 3)
    3.934
    """
    if mean is None or std is None or n < 2:
        return None
    half = _student(n - 1, confidence) * std / sqrt(n)
    return Interval(mean - half, mean + half)


def difference_of_means(
    mean_a: float,
    std_a: float,
    n_a: int,
    mean_b: float,
    std_b: float,
    n_b: int,
    confidence: float = 0.95,
) -> Interval | None:
    """Welch's interval for ``mean_a - mean_b``; None when a side has fewer than two values.

    >>> round(difference_of_means(10, 2, 50, 9, 2, 50).low, 3)
    0.206
    """
    if n_a < 2 or n_b < 2:
        return None
    part_a, part_b = std_a**2 / n_a, std_b**2 / n_b
    gap, error = mean_a - mean_b, sqrt(part_a + part_b)
    if error == 0:
        return Interval(gap, gap)
    freedom = (part_a + part_b) ** 2 / (part_a**2 / (n_a - 1) + part_b**2 / (n_b - 1))
    half = _student(freedom, confidence) * error
    return Interval(gap - half, gap + half)


def newcombe(
    successes_a: int, n_a: int, successes_b: int, n_b: int, confidence: float = 0.95
) -> Interval:
    """Newcombe's interval (method 10) for a share minus another share.

    >>> round(newcombe(56, 70, 48, 80).low, 4)   # his own example
    0.0524
    """
    share_a, share_b = successes_a / n_a, successes_b / n_b
    a, b = wilson(successes_a, n_a, confidence), wilson(successes_b, n_b, confidence)
    gap = share_a - share_b
    down = sqrt((share_a - a.low) ** 2 + (b.high - share_b) ** 2)
    up = sqrt((a.high - share_a) ** 2 + (share_b - b.low) ** 2)
    return Interval(gap - down, gap + up)


def correlation_interval(r: float, n: int, confidence: float = 0.95) -> Interval | None:
    """Fisher's interval for a correlation; None below four pairs.

    >>> round(correlation_interval(0.5, 103).low, 3)
    0.339
    """
    if n < 4 or not isfinite(r):
        return None
    held = min(max(r, -1 + 1e-12), 1 - 1e-12)
    middle, half = float(np.arctanh(held)), _normal(confidence) / sqrt(n - 3)
    return Interval(float(np.tanh(middle - half)), float(np.tanh(middle + half)))


def benjamini_hochberg(p_values: Sequence[float], q: float = 0.05) -> list[bool]:
    """Which findings stand when many were looked at; at most ``q`` of them false on average.

    >>> benjamini_hochberg([0.001, 0.02, 0.04, 0.8])
    [True, True, False, False]
    """
    m = len(p_values)
    ranked = sorted(range(m), key=p_values.__getitem__)
    last = max((k for k, i in enumerate(ranked, 1) if p_values[i] <= q * k / m), default=0)
    stands = set(ranked[:last])
    return [i in stands for i in range(m)]


def binomial_test(successes: int, n: int, share: float) -> float:
    """Exact two-sided p-value that ``successes`` of ``n`` come from a true ``share``.

    The smaller tail doubled, so it agrees with the Clopper-Pearson interval.

    >>> round(binomial_test(2, 10, 0.5), 6)
    0.109375
    """
    below = float(special.bdtr(successes, n, share))
    above = 1.0 if successes == 0 else float(special.bdtrc(successes - 1, n, share))
    return min(1.0, 2 * min(below, above))


def fisher_test(successes: int, n: int, rest_successes: int, rest_n: int) -> float:
    """Exact two-sided p-value that a group and the rest share one rate (Fisher).

    The smaller tail doubled. With a large rest it equals ``binomial_test`` against the rest's
    rate; with a small rest it stays honest where that one flags too much, because the rest's
    rate is itself only measured.

    >>> round(fisher_test(1, 10, 9, 10), 6)
    0.001093
    """
    total, kept = n + rest_n, successes + rest_successes
    low, high = max(0, kept - rest_n), min(n, kept)
    # Terms fall off faster than a bell curve's: ten standard deviations hold all that count, and
    # cutting the longer tail short never makes it the smaller one.
    reach = int(10 * sqrt(n * (kept / total) * (1 - kept / total)) + 40)
    first = max(low, successes - reach)
    chances = _hypergeometric(first, min(high, successes + reach), n, kept, total)
    here = successes - first
    return min(1.0, 2 * float(min(chances[: here + 1].sum(), chances[here:].sum())))


@lru_cache
def _normal(confidence: float) -> float:
    return float(special.ndtri((1 + confidence) / 2))


@lru_cache(maxsize=4096)
def _student(freedom: float, confidence: float) -> float:
    return float(special.stdtrit(freedom, (1 + confidence) / 2))


def _hypergeometric(first: int, last: int, n: int, kept: int, total: int) -> Floats:
    """The chances of ``first``, ... ``last`` kept in a group of ``n`` when all share one pot."""
    k = np.arange(first, last + 1)
    counts = np.array([kept, total - kept, total, n, total - n])
    pot = special.gammaln(counts + 1.0)
    parts = np.concatenate([k, kept - k, n - k, total - kept - n + k]) + 1.0
    logs = special.gammaln(parts).reshape(4, -1).sum(axis=0)
    chances: Floats = np.exp(pot[0] + pot[1] - (pot[2] - pot[3] - pot[4]) - logs)
    return chances
