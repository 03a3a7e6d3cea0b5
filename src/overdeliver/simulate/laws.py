"""The law of an outcome, and its exact quantiles.

An outcome is ``exp(log_mean + spread * g(Z))`` with a standard normal ``Z`` and
``g(z) = z + tail * max(z, 0)**2``: log-normal with a heavier slow side. ``g`` rises, so quantiles
and levels have a closed form. A promise of calendar days that starts at the fraction ``f`` of a
day is settled after ``floor(outcome + f)`` days.
"""

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
from scipy.special import ndtr, ndtri

from overdeliver.simulate.kinds import Spec
from overdeliver.simulate.world import DAY, Floats, Ints, World, scenario_of


@dataclass(frozen=True)
class Law:
    """The law of every case; arrays of one length."""

    log_mean: Floats
    spread: Floats
    tail: Floats
    day_fraction: Floats  # NaN where the outcome is not counted in calendar days

    def draw(self, rng: np.random.Generator) -> Floats:
        """One outcome per case, before it is counted in days."""
        noise = rng.standard_normal(self.log_mean.shape)
        return np.exp(self.log_mean + self.spread * _heavier(noise, self.tail))

    def counted(self, value: Floats) -> Floats:
        """An outcome as it is counted: whole calendar days where the promise was a date."""
        days = np.floor(value + np.nan_to_num(self.day_fraction))
        return np.where(np.isnan(self.day_fraction), value, days)

    def quantile(self, level: float) -> Floats:
        """The value that an outcome stays within with probability ``level``, per case."""
        noise = _heavier(np.full(self.log_mean.shape, ndtri(level)), self.tail)
        return self.counted(np.exp(self.log_mean + self.spread * noise))

    def level(self, promised: Floats) -> Floats:
        """The probability that an outcome stays within ``promised``, per case."""
        whole = np.floor(promised) + 1 - np.nan_to_num(self.day_fraction)
        limit = np.where(np.isnan(self.day_fraction), promised, whole)
        with np.errstate(divide="ignore"):
            scaled = (np.log(np.maximum(limit, 0.0)) - self.log_mean) / self.spread
        return np.asarray(ndtr(_lighter(scaled, self.tail)), dtype=np.float64)


def _heavier(noise: Floats, tail: Floats) -> Floats:
    heavier: Floats = noise + tail * np.maximum(noise, 0.0) ** 2
    return heavier


def _lighter(scaled: Floats, tail: Floats) -> Floats:
    """The inverse of ``_heavier``."""
    positive = np.maximum(scaled, 0.0)
    slow = 2.0 * positive / (1.0 + np.sqrt(1.0 + 4.0 * tail * positive))
    return np.where(scaled > 0.0, slow, scaled)


def law_of(
    world: World, spec: Spec, placed: Ints, names: dict[str, Ints], measures: dict[str, Floats]
) -> Law:
    """The law of the outcome of ``spec`` for orders placed then, with these features."""
    kind, day = world.kind, placed // DAY
    passed = placed / world.seconds
    log_mean = np.full(placed.shape, np.log(spec.base)) + kind.drift * passed
    log_mean += kind.season * np.sin(2 * np.pi * (day - 270) / 365.25)
    spread = np.full(placed.shape, spec.spread)
    for name, codes in names.items():
        log_mean += world.effects[name][codes] + world.drifts[name][codes] * passed
        spread *= world.spreads[name][codes]
    for name, values in measures.items():
        measure = kind.measures[name]
        log_mean += measure.elasticity * np.log(values / measure.median)
    slower = np.array([*(scenario.slower for scenario in world.scenarios), 0.0])
    log_mean += slower[scenario_of(world, day)]
    fraction = (placed % DAY) / DAY if spec.calendar else np.full(placed.shape, np.nan)
    return Law(log_mean, spread, np.full(placed.shape, spec.tail), fraction)


def law_in(truth: pa.Table) -> Law:
    """The laws held by the table ``truth`` of :func:`overdeliver.simulate.business.business`.

    One law per row, in the order of the rows: ``law_in(truth).quantile(0.9)`` is the promise kept
    with probability 0.9, ``law_in(truth).level(promised)`` the probability that a promise is kept.
    """
    return Law(*(truth.column(field.name).to_numpy().astype(np.float64) for field in fields(Law)))
