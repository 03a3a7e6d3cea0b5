"""The directly-follows graph: which activity came next, how often, and how long after."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from overdeliver.measure.paths.coding import Codes
from overdeliver.measure.paths.ordering import Ints
from overdeliver.measure.paths.result import Edge, Spread

_MICRO = 1e-6


@dataclass(frozen=True)
class Journeys:
    """Events in the order (case, time). ``first`` holds the row at which each case begins."""

    activity: Codes
    at: Ints
    first: Ints
    names: tuple[str, ...]

    @property
    def length(self) -> Ints:
        """The number of events of each case."""
        return np.diff(self.first, append=self.activity.size)

    @property
    def last(self) -> Ints:
        """The row at which each case ends."""
        return self.first + self.length - 1


def edges(journeys: Journeys) -> list[Edge]:
    """Each pair of activities that followed each other directly, with the seconds between them."""
    size = len(journeys.names)
    within = np.ones(max(journeys.activity.size - 1, 0), bool)
    within[journeys.first[1:] - 1] = False  # the step from one case to the next is no step
    pair = (journeys.activity[:-1].astype(np.int64) * size + journeys.activity[1:])[within]
    seconds = np.diff(journeys.at)[within]
    if pair.size == 0:
        return []
    order = _grouping(pair, size * size)
    pair, seconds = pair[order], seconds[order]
    bounds = np.flatnonzero(np.diff(pair, prepend=-1))
    parts = np.split(seconds, bounds[1:])
    return [
        Edge(journeys.names[code // size], journeys.names[code % size], spread(part))
        for code, part in zip(pair[bounds].tolist(), parts, strict=True)
    ]


def _grouping(codes: Ints, size: int) -> npt.NDArray[np.intp]:
    narrow = codes.astype(np.uint16) if size <= 1 << 16 else codes  # 16 bits sort by counting
    return np.argsort(narrow, kind="stable")


def spread(microseconds: npt.NDArray[Any]) -> Spread:
    """Mean, median and 90th percentile in seconds; the array must not be empty.

    >>> spread(np.array([1_000_000, 2_000_000, 6_000_000]))
    Spread(n=3, mean=3.0, median=2.0, p90=5.2)
    """
    ordered = np.sort(microseconds)
    return Spread(
        n=ordered.size,
        mean=float(np.mean(ordered, dtype=np.float64)) * _MICRO,
        median=_quantile(ordered, 1, 2),
        p90=_quantile(ordered, 9, 10),
    )


def _quantile(ordered: npt.NDArray[Any], over: int, under: int) -> float:
    """The quantile over/under of sorted values; the rank in integers, so no rounding moves it."""
    rank, rest = divmod((ordered.size - 1) * over, under)
    low = int(ordered[rank])
    high = int(ordered[min(rank + 1, ordered.size - 1)])
    return (low * (under - rest) + high * rest) / under * _MICRO
