"""Net promoter score, and the share at the top of a scale, each with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from overdeliver.measure.intervals import Interval, Rate, rate
from overdeliver.vocabulary.errors import InputError

PROMOTER, PASSIVE = 9, 7


@dataclass(frozen=True)
class Nps:
    """Promoters (9-10) less detractors (0-6), in points of 100; passives (7-8) count in ``n``."""

    n: int
    promoters: int
    passives: int
    detractors: int
    value: float
    interval: Interval


def nps(scores: Sequence[float], confidence: float = 0.95) -> Nps | None:
    """The net promoter score of answers from 0 to 10, or None without any.

    The variance of the score is (p + d - (p - d)^2) / n for shares p and d; the interval is the
    normal one, kept within -100 and 100. InputError: an answer outside 0 to 10.

    >>> found = nps([9, 9, 10, 8, 7, 6, 3, 10, 9, 0])
    >>> found.value, found.promoters, found.detractors, round(found.interval.low)
    (20.0, 5, 3, -34)
    """
    if wrong := [one for one in scores if not 0 <= one <= 10]:
        raise InputError(f"score {wrong[0]:g}: the scale is 0 to 10")
    n = len(scores)
    if not n:
        return None
    promoters = sum(one >= PROMOTER for one in scores)
    detractors = sum(one < PASSIVE for one in scores)
    p, d = promoters / n, detractors / n
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * sqrt(max(p + d - (p - d) ** 2, 0) / n)
    value = p - d
    bounds = Interval(100 * max(value - half, -1.0), 100 * min(value + half, 1.0))
    return Nps(n, promoters, n - promoters - detractors, detractors, 100 * value, bounds)


def top_share(scores: Sequence[float], top: float, confidence: float = 0.95) -> Rate | None:
    """The share of answers at ``top`` or above with its interval (CSAT: 4 of 5, CES: 5 of 7).

    >>> top_share([5, 4, 3, 5], 4).rate
    0.75
    """
    return rate(sum(one >= top for one in scores), len(scores), confidence)
