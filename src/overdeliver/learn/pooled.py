"""The table a careful clerk would keep: the spread of each group, pooled where a group is small.

No trees: deviations from the level of late, one distribution for all and one for each value of the
best grouping with enough outcomes. It is what small businesses get, and what the boosted model must
beat in time-ordered validation before it is used.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overdeliver.learn.spread import Spread, fit_spread

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: A group keeps a table of its own from this many effective outcomes on.
OWN_TABLE = 40


class Pooled:
    """Spreads by group code, with the spread of all behind them."""

    name = "table"

    def __init__(self, overall: Spread, groups: Mapping[int, Spread]) -> None:
        self.overall = overall
        self.groups = dict(groups)

    def of(self, code: int) -> Spread:
        """The spread that speaks for a group: its own, or everyone's."""
        return self.groups.get(code, self.overall)

    def state(self) -> dict[str, Any]:
        return {
            "overall": self.overall.state(),
            "groups": [[code, spread.state()] for code, spread in self.groups.items()],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Pooled":
        groups = {int(code): Spread.from_state(one) for code, one in state["groups"]}
        return cls(Spread.from_state(state["overall"]), groups)


def fit_pooled(group: Integers, value: Floats, weight: Floats) -> Pooled:
    """Tables from log deviations; ``group`` is -1 where there is none."""
    groups = {}
    for code, count in zip(*np.unique(group[group >= 0], return_counts=True), strict=True):
        if count >= OWN_TABLE:
            rows = group == code
            spread = fit_spread(value[rows], weight[rows])
            if spread.effective >= OWN_TABLE:
                groups[int(code)] = spread
    return Pooled(fit_spread(value, weight), groups)
