"""What to promise each group next, and why, in words an owner would use."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overdeliver.learn.judge import Judged, groups_of
from overdeliver.learn.results import Instead

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

#: A group gets a line of its own from this many judged promises on.
_FROM = 50
_MOST = 12  # groups per column


def instead_rows(judged: Judged, promised: Floats, level: float, unit: str) -> tuple[Instead, ...]:
    """One line for all, then one for each large enough group of each column."""
    promise = judged.promise(level)
    everyone = np.ones(len(promise), dtype=bool)
    rows = [_line({}, everyone, judged.actual, promised, promise, level, unit)]
    for name, values in judged.groups.items():
        large = [(v, r) for v, r in groups_of(values) if r.sum() >= _FROM][:_MOST]
        rows += [
            _line({name: value}, where, judged.actual, promised, promise, level, unit)
            for value, where in large
        ]
    return tuple(rows)


def _line(
    by: Mapping[str, Any],
    where: Booleans,
    actual: Floats,
    promised: Floats,
    promise: Floats,
    level: float,
    unit: str,
) -> Instead:
    came, own, new = actual[where], promised[where], promise[where]
    stated = not np.isnan(own).any()
    low, high = middle_eight(came)
    return Instead(
        by=by,
        n=len(came),
        promised_now=float(own.mean()) if stated else None,
        kept_now=float((came <= own).mean()) if stated else None,
        promise=float(new.mean()),
        level=level,
        kept_expected=float((came <= new).mean()),
        one_less=float((came <= new - 1).mean()),
        one_more=float((came <= new + 1).mean()),
        usual_low=low,
        usual_high=high,
        because=in_words(came, unit),
    )


def in_words(actual: Floats, unit: str) -> str:
    """What outcomes like these did: the middle eight of ten, and where nine of ten lay.

    >>> in_words(np.arange(1.0, 11.0), "days")
    'of 10 like these 8 in 10 took 1 to 9 days, and 9 in 10 came within 9 days'
    """
    low, high = middle_eight(actual)
    places = 0 if high >= 10 or np.array_equal(actual, np.round(actual)) else 1
    first, last = f"{low:.{places}f}", f"{high:.{places}f}"
    return (
        f"of {len(actual)} like these 8 in 10 took {first} to {last} {unit}, "
        f"and 9 in 10 came within {last} {unit}"
    )


def middle_eight(actual: Floats) -> tuple[float, float]:
    """The outcomes between which the middle eight of ten lie.

    >>> middle_eight(np.arange(1.0, 11.0))
    (1.0, 9.0)
    """
    low, high = np.quantile(actual, [0.1, 0.9], method="inverted_cdf")
    return float(low), float(high)
