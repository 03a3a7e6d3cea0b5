"""Quotes held against outcomes: kept at each level, at the owner's own rate, at his own length."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overdeliver.learn.results import GroupKept, Kept, LevelResult, MonthKept
from overdeliver.measure.calibration import coverage_by_month, pinball
from overdeliver.measure.intervals import wilson

Floats = NDArray[np.float64]

#: Groups with fewer judged promises are not compared.
GROUP_FROM = 100
_STEPS = 40  # bisections of a level: to 1e-12


@dataclass(frozen=True)
class Judged:
    """Outcomes of the judged promises, their groups, and what would be promised at any level."""

    actual: Floats
    groups: Mapping[str, NDArray[Any]]
    promise: Callable[[float], Floats]


def level_result(judged: Judged, level: float) -> LevelResult:
    """Kept share, mean length and pinball loss of quoting everyone at ``level``."""
    promise = judged.promise(level)
    kept = judged.actual <= promise
    interval = wilson(int(kept.sum()), len(kept))
    loss = pinball(judged.actual, promise, level)
    return LevelResult(
        level=level,
        kept=float(kept.mean()),
        low=interval.low,
        high=interval.high,
        promised_mean=float(promise.mean()),
        pinball=float("nan") if loss is None else loss,
        worst_group=_worst(judged, kept),
    )


def same_kept(judged: Judged, own: Kept) -> Kept:
    """The shortest quotes that would have kept as many as the owner's own promises did.

    One level for all, found in hindsight, as the owner's own rate is.
    """
    low, high = 0.001, 0.999
    for _ in range(_STEPS):
        middle = (low + high) / 2
        enough = float((judged.actual <= judged.promise(middle)).mean()) >= own.kept
        low, high = (low, middle) if enough else (middle, high)
    return _kept(judged, high)


def same_length(judged: Judged, own: Kept) -> Kept:
    """What quotes of the owner's own mean length would have kept."""
    low, high = 0.001, 0.999
    for _ in range(_STEPS):
        middle = (low + high) / 2
        short = float(judged.promise(middle).mean()) <= own.promised_mean
        low, high = (middle, high) if short else (low, middle)
    return _kept(judged, low)


def months_kept(judged: Judged, made: Floats, level: float) -> tuple[MonthKept, ...]:
    """Kept share month by month at one level."""
    moments = made.astype("datetime64[s]")
    found = coverage_by_month(judged.actual, judged.promise(level), moments)
    return tuple(MonthKept(month, one.n, one.share) for month, one in found.items())


def _kept(judged: Judged, level: float) -> Kept:
    promise = judged.promise(level)
    return Kept(float((judged.actual <= promise).mean()), float(promise.mean()))


def _worst(judged: Judged, kept: NDArray[np.bool_]) -> GroupKept | None:
    found = [
        GroupKept({name: value}, float(kept[rows].mean()), int(rows.sum()))
        for name, values in judged.groups.items()
        for value, rows in groups_of(values)
        if rows.sum() >= GROUP_FROM
    ]
    return min(found, key=lambda one: one.kept, default=None)


def groups_of(values: NDArray[Any]) -> list[tuple[Any, NDArray[np.bool_]]]:
    """Each distinct value with its rows, the largest group first; missing is a group too."""
    plain = np.array(
        [None if one is None or one != one else one for one in values.tolist()], object
    )
    names, where = np.unique(np.array([str(one) for one in plain]), return_inverse=True)
    found = []
    for code in range(len(names)):
        rows = where == code
        found.append((plain[np.argmax(rows)], rows))
    return sorted(found, key=lambda one: -int(one[1].sum()))
