"""Variants: sequences of activities, found by hashing, then compared, so no two are confused."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from overdeliver.measure.paths.follows import Journeys
from overdeliver.measure.paths.ordering import Ints
from overdeliver.measure.paths.result import Rework, Variant

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Ways:
    """The distinct sequences: for each the case that stands for it and how many cases took it."""

    case: Ints
    count: Ints


def ways(journeys: Journeys, *, seed: int = 0) -> Ways:
    """Group cases by their sequence of activities.

    A case's hash is the sum over its events of (random number of the activity) x (random odd number
    of the position) modulo 2**64. Every case is then compared with the one that stands for its
    group; should two sequences ever share a hash, other random numbers are drawn.
    """
    position = _positions(journeys)
    while True:
        hashes = _hashes(journeys, position, np.random.default_rng(seed))
        _, case, group, count = np.unique(
            hashes, return_index=True, return_inverse=True, return_counts=True
        )
        if _all_equal(journeys, position, case[group]):
            return Ways(case, count)
        seed += 1


def _positions(journeys: Journeys) -> Ints:
    """0, 1, 2 ... within each case."""
    rows = np.arange(journeys.activity.size, dtype=np.int64)
    return rows - np.repeat(journeys.first, journeys.length)


def _hashes(journeys: Journeys, position: Ints, random: np.random.Generator) -> Hashes:
    span = (0, np.iinfo(np.uint64).max)
    of_activity = random.integers(*span, size=len(journeys.names), dtype=np.uint64, endpoint=True)
    longest = int(position.max()) + 1
    of_place = random.integers(*span, size=longest, dtype=np.uint64, endpoint=True) | np.uint64(1)
    terms = of_activity[journeys.activity]
    terms *= of_place[position]
    return np.add.reduceat(terms, journeys.first)


def _all_equal(journeys: Journeys, position: Ints, standing: Ints) -> bool:
    """Whether each case has the length and the activities of the case that stands for it."""
    length = journeys.length
    if not np.array_equal(length, length[standing]):
        return False
    twin = np.repeat(journeys.first[standing], length)
    twin += position
    return np.array_equal(journeys.activity, journeys.activity[twin])


def variants(journeys: Journeys, found: Ways, keep: int | None) -> list[Variant]:
    """The most frequent ways with their names; among equally frequent ones those first by name."""
    order = np.argsort(-found.count, kind="stable")
    if keep is not None and keep < order.size:
        least = found.count[order[keep - 1]] if keep else np.inf
        order = order[found.count[order] >= least]  # ties at the edge are settled by name below
    named = [Variant(_steps(journeys, int(found.case[i])), int(found.count[i])) for i in order]
    return sorted(named, key=lambda way: (-way.cases, way.steps))[:keep]


def _steps(journeys: Journeys, case: int) -> tuple[str, ...]:
    start = int(journeys.first[case])
    stop = int(journeys.last[case]) + 1
    return tuple(journeys.names[code] for code in journeys.activity[start:stop].tolist())


def rework(journeys: Journeys, found: Ways) -> list[Rework]:
    """Activities repeated within a case: counted once per way, times the cases that took it."""
    size, length = len(journeys.names), journeys.length[found.case]
    way = np.repeat(np.arange(found.case.size, dtype=np.int64), length)
    offset = np.arange(way.size, dtype=np.int64) - np.repeat(np.cumsum(length) - length, length)
    activity = journeys.activity[journeys.first[found.case][way] + offset]
    key, times = np.unique(way * size + activity, return_counts=True)
    key, times = key[times > 1], times[times > 1]
    weight = found.count[key // size]
    cases = np.bincount(key % size, weights=weight, minlength=size)
    repeats = np.bincount(key % size, weights=weight * (times - 1), minlength=size)
    return [
        Rework(journeys.names[code], int(cases[code]), int(repeats[code]))
        for code in np.flatnonzero(cases).tolist()
    ]
