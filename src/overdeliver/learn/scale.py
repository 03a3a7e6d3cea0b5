"""Outcomes as logarithms and back: promises are set in factors, not in differences."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LogScale:
    """``log(outcome + offset)``; the offset keeps zero finite and whole days centred."""

    offset: float

    def log(self, outcome: ArrayLike) -> Floats:
        """Logarithm of outcomes in their unit; NaN stays NaN."""
        with np.errstate(invalid="ignore"):
            return np.asarray(np.log(np.asarray(outcome, dtype=np.float64) + self.offset))

    def back(self, value: ArrayLike) -> Floats:
        """The outcome of a logarithm."""
        return np.asarray(np.exp(np.asarray(value, dtype=np.float64)) - self.offset)


def scale_for(outcome: Floats, *, whole: bool) -> LogScale:
    """Half a unit for whole days, else a twentieth of the median; more where there are negatives.

    >>> scale_for(np.array([0.0, 10.0, 12.0]), whole=True).offset
    0.5
    """
    known = outcome[~np.isnan(outcome)]
    if not len(known):
        return LogScale(1.0)
    usual, low = float(np.median(known)), float(known.min())
    offset = 0.5 if whole else max(usual / 20, 1e-6)
    if low + offset <= 0:
        offset = (usual - low) / 2 - low + 1e-6
    return LogScale(offset)
