"""What had been seen by then: decayed histories of outcomes, as of each promise's own moment.

Every quantity here is *as of* a query moment: only outcomes observed strictly before it count, and
an order placed before it without an outcome yet counts as open. So nothing that was not known when
the promise was made can reach a feature, in training as in serving.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Decayed:
    """Sums of weights ``2 ** (-age / half_life)`` and of weight times value, at each query."""

    weight: Floats
    total: Floats

    def mean(self, prior: Floats | float, strength: float) -> Floats:
        """The decayed mean, pulled to ``prior`` as if ``strength`` more outcomes had shown it."""
        return np.asarray((self.total + strength * prior) / (self.weight + strength))


class Events:
    """Dated events of keys, ready to be asked what was known at any moment.

    Parameters
    ----------
    key : integers, shape (n,), non-negative
    at : seconds, shape (n,)
        When the event became known.
    """

    def __init__(self, key: Integers, at: Floats) -> None:
        self.order = np.lexsort((at, key))
        self.key = key[self.order]
        self.at = at[self.order]
        self._origin = float(np.floor(at.min())) if len(at) else 0.0
        self._composite = _composite(self.key, self.at, self._origin)

    def before(self, key: Integers, at: Floats) -> Integers:
        """Position of the last event of ``key`` strictly before ``at``; -1 where there is none."""
        if not len(self.key):
            return np.full(len(key), -1, dtype=np.int64)
        found = np.searchsorted(self._composite, _composite(key, at, self._origin)) - 1
        return np.where((found >= 0) & (self.key[found] == key), found, -1)

    def decayed(self, value: Floats, half_life: float) -> "Scan":
        """A scan of ``value`` (in the events' own order) with a half-life in seconds."""
        return Scan(self, value[self.order], half_life)


class Scan:
    """Decayed sums along each key's events, answerable at any moment after them."""

    def __init__(self, events: Events, value: Floats, half_life: float) -> None:
        self.events = events
        self.rate = np.log(2.0) / half_life
        self.weight, self.total = _scan(events.key, events.at, value, self.rate)

    def at(self, key: Integers, at: Floats) -> Decayed:
        """Decayed weight and total per query; zero where the key has no history yet."""
        position = self.events.before(key, at)
        known = position >= 0
        if not known.any():
            return Decayed(np.zeros(len(key)), np.zeros(len(key)))
        fade = np.where(known, np.exp(-self.rate * (at - self.events.at[position])), 0.0)
        return Decayed(self.weight[position] * fade, self.total[position] * fade)


def _composite(key: Integers, at: Floats, origin: float) -> Integers:
    """Key and second in one sortable integer: 31 bits of key over 32 bits of seconds."""
    seconds = np.clip(np.floor(at - origin), 0, 2**32 - 1).astype(np.int64)
    return (key.astype(np.int64) << 32) | seconds


def _scan(key: Integers, at: Floats, value: Floats, rate: float) -> tuple[Floats, Floats]:
    """Prefix sums with decay inside each key, by doubling.

    After the pass with step k each position holds the sum of its last 2k events, so log2(longest
    key) passes suffice, and no exponential ever grows: unlike a cumulative sum of exp(+rate * t).
    """
    weight = np.ones(len(key))
    total = value.astype(np.float64).copy()
    step = 1
    while step < len(key):
        same = key[step:] == key[:-step]
        if not same.any():
            break
        fade = np.where(same, np.exp(-rate * np.where(same, at[step:] - at[:-step], 0.0)), 0.0)
        weight[step:], total[step:] = (
            weight[step:] + fade * weight[:-step],
            total[step:] + fade * total[:-step],
        )
        step *= 2
    return weight, total
