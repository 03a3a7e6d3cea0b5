"""How outcomes scatter around what was expected of them.

A residual is ``(log outcome - expected) / scale``; the spread is its weighted distribution.
Promises at a level use the conformal rank ``level * (n + 1) / n`` (Vovk, Gammerman, Shafer 2005),
with ``n`` the effective number of outcomes (Kish 1965: squared sum of weights over sum of squares).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overdeliver.measure.minimum import minimum_outcomes

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """A distribution of residuals: ``share[i]`` of outcomes lie at or below ``residual[i]``."""

    residual: Floats
    share: Floats
    effective: float

    def supports(self, level: float) -> bool:
        """Whether enough outcomes were seen for an honest promise at ``level``."""
        return self.effective + 1e-9 >= minimum_outcomes(level)

    def quantile(self, level: ArrayLike) -> Floats:
        """The residual that ``level`` of outcomes stay below; it stops at the largest seen.

        >>> fit_spread(np.arange(9.0), np.ones(9)).quantile(0.9)
        array(8.)
        """
        wanted = np.asarray(level, dtype=np.float64) * (1 + 1 / max(self.effective, 1.0))
        return np.asarray(np.interp(wanted, self.share, self.residual))

    def level_of(self, residual: ArrayLike) -> Floats:
        """The level at which ``residual`` would be promised: the inverse of `quantile`."""
        share = np.interp(np.asarray(residual, dtype=np.float64), self.residual, self.share)
        return np.asarray(share / (1 + 1 / max(self.effective, 1.0)))

    def state(self) -> dict[str, Any]:
        return {"residual": self.residual, "share": self.share, "effective": self.effective}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Spread":
        return cls(state["residual"], state["share"], float(state["effective"]))


def fit_spread(residual: Floats, weight: Floats) -> Spread:
    """The weighted distribution of residuals; both of shape (n,).

    Raises ValueError when there is none.
    """
    if not len(residual):
        raise ValueError("no outcome was observed: a spread needs at least one")
    order = np.argsort(residual, kind="stable")
    share = np.cumsum(weight[order])
    points, shares = _distinct(residual[order], share / share[-1])
    return Spread(points, shares, float(weight.sum() ** 2 / (weight**2).sum()))


def _distinct(residual: Floats, share: Floats) -> tuple[Floats, Floats]:
    """One point per residual, both strictly rising, so that the two directions are inverse."""
    last = np.append(residual[1:] != residual[:-1], True)
    points, shares = residual[last], share[last]
    rises = np.append(True, np.diff(shares) > 0)
    points, shares = points[rises], shares[rises]
    if len(points) == 1:  # one value seen: a hair of width keeps the inverse defined
        return np.array([points[0] - 1e-9, points[0]]), np.array([0.0, max(shares[0], 1e-9)])
    return points, shares
