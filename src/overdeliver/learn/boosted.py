"""Location and scale by boosted trees, the shape by one pooled spread.

The logarithm of the outcome is expected to be ``mu(x)``, its scatter ``sigma(x)``; the standardised
residuals, taken out of sample fold by fold, give one distribution (`Spread`) for all. A promise at
a level is then ``exp(mu + sigma * quantile(level))``: quantiles cannot cross and two forests serve
every level.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from overdeliver.learn.binning import Bins, fit_bins
from overdeliver.learn.forest import Forest
from overdeliver.learn.spread import Spread, fit_spread

Floats = NDArray[np.float64]

#: The location is the mean of so many forests: their luck with columns evens out.
_FINALS = 2
_SMALLEST_RESIDUAL = 1e-3


@dataclass(frozen=True)
class Located:
    """Where outcomes are expected and how far they scatter, on the log scale."""

    mu: Floats
    sigma: Floats


class Boosted:
    """A fitted location-scale model over a feature matrix."""

    name = "boosted"

    def __init__(self, bins: Bins, location: Forest, scale: Forest, spread: Spread) -> None:
        self.bins = bins
        self.location = location
        self.scale = scale
        self.spread = spread

    def locate(self, matrix: Floats) -> Located:
        """Expected log outcome and scatter of each row."""
        codes = self.bins.codes(matrix)
        return Located(self.location.raw(codes), np.exp(self.scale.raw(codes)))

    def locate_one(self, row: list[float]) -> tuple[float, float]:
        """The same for one row, in plain Python."""
        codes = self.bins.codes_of_one(row)
        return self.location.raw_one(codes), float(np.exp(self.scale.raw_one(codes)))

    def state(self) -> dict[str, Any]:
        return {
            "edges": list(self.bins.edges),
            "location": self.location.state(),
            "scale": self.scale.state(),
            "spread": self.spread.state(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Boosted":
        return cls(
            Bins(tuple(state["edges"])),
            Forest.from_state(state["location"]),
            Forest.from_state(state["scale"]),
            Spread.from_state(state["spread"]),
        )


def fit_boosted(
    matrix: Floats,
    value: Floats,
    weight: Floats,
    fold: NDArray[np.int64],
    fair: NDArray[np.bool_],
    *,
    seed: int = 0,
) -> Boosted:
    """Fit on ``value``, the log outcomes less their level.

    ``fold`` (values 0..k-1) says which rows are held out together for the residuals: blocks of time
    where rows are dated. ``fair`` rows alone give the spread.
    """
    bins = fit_bins(matrix)
    codes = bins.codes(matrix)
    rows = len(value)
    expected = np.empty(rows)
    for one in np.unique(fold):
        learn, held = fold != one, fold == one
        model = _location(seed, rows).fit(codes[learn], value[learn], weight[learn])
        expected[held] = model.predict(codes[held])
    residual = value - expected
    size = np.abs(residual) + _SMALLEST_RESIDUAL
    scale = Forest.of(_scale(seed, rows).fit(codes, size, weight))
    finals = [
        Forest.of(_location(seed + turn, rows).fit(codes, value, weight)) for turn in range(_FINALS)
    ]
    standard = residual[fair] / np.exp(scale.raw(codes[fair]))
    spread = fit_spread(standard, weight[fair])
    return Boosted(bins, Forest.mean_of(finals), scale, spread)


def _location(seed: int, rows: int) -> HistGradientBoostingRegressor:
    return HistGradientBoostingRegressor(
        max_iter=180,
        learning_rate=0.05,
        max_leaf_nodes=8,
        min_samples_leaf=_leaf(rows),
        l2_regularization=20.0,
        max_features=0.2,
        early_stopping=False,
        random_state=seed,
    )


def _scale(seed: int, rows: int) -> HistGradientBoostingRegressor:
    return HistGradientBoostingRegressor(
        loss="gamma",
        max_iter=60,
        learning_rate=0.06,
        max_leaf_nodes=8,
        min_samples_leaf=2 * _leaf(rows),
        l2_regularization=5.0,
        max_features=0.3,
        early_stopping=False,
        random_state=seed,
    )


def _leaf(rows: int) -> int:
    """Thirty rows to a leaf, fewer where there are few."""
    return int(min(30, max(5, rows // 40)))
