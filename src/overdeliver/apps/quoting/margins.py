"""The margin solver for a page: what a promise keeps, what it costs, and what would pay best."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overdeliver.apps.quoting.rules.steps import step_of
from overdeliver.learn.margin import critical_fractile, solve_margin
from overdeliver.learn.margin_answer import Margin
from overdeliver.learn.margin_costs import elasticity_prior
from overdeliver.measure.answers import NotEnough
from overdeliver.vocabulary.errors import InputError, NotEnoughData

Floats = NDArray[np.float64]
ORDERS = 1000


@dataclass(frozen=True)
class Choice:
    """One promise as the slider shows it; money is per order, or None while prices are missing."""

    promise: float
    kept: float
    late_by: float  # mean delay over all orders, in the unit
    orders: float | None  # for each order taken at the chosen promise
    profit: float | None


@dataclass(frozen=True)
class Weighed:
    """The chosen promise beside the best one, one unit more and one unit less."""

    chosen: Choice
    best: Choice | None
    more: Choice
    less: Choice | None
    overpaid: float | None  # lost against the best, over 1,000 orders
    too_long: bool  # the chosen one is longer than the best
    elasticity: float  # as used
    prior: str  # where the elasticity comes from when it was not given
    thin: bool  # too few outcomes for the level found
    lacking: str  # which price is missing: margin, late, elasticity; empty: none
    curve: tuple[Choice, ...]
    step: float
    shortest: float
    longest: float


def weigh(
    spread: Sequence[float],
    prices: Mapping[str, float],
    *,
    promise: float | None,
    unit: str,
    whole: bool,
    outcomes: int,
) -> Weighed:
    """What one promise for all brings on outcomes like the past ones.

    ``spread`` are outcomes of equal weight, ``promise`` the one to look at (the best where None).
    InputError: a price is none; NotEnoughData: there is no outcome.

    >>> found = weigh(range(1, 101), {"late_cost": 9, "early_cost": 1}, promise=80, unit="days",
    ...     whole=True, outcomes=100)
    >>> found.chosen.kept, found.best.promise
    (0.8, 90.0)
    """
    actual = np.sort(np.asarray(spread, dtype=np.float64))
    if not len(actual):
        raise NotEnoughData("no outcome is known yet")
    step = 1.0 if whole else step_of(float(np.median(actual)), unit)
    lacking, elasticity, prior = _lacking(prices, unit)
    solver = _Solver(actual, prices, elasticity, step, whole, unit)
    best = _best(solver, lacking, prices)
    at = float(np.median(actual)) if promise is None and best is None else promise
    at = best.promise if at is None and best is not None else float(at or 0.0)
    if not math.isfinite(at) or at < 0:
        raise InputError(f"promise: {at:g} must be a number not below 0")
    money = not lacking
    chosen = solver.at(at, at, money)
    best_here = None if best is None else solver.at(best.promise, at, money)
    overpaid = None
    if best_here is not None and best_here.profit is not None and chosen.profit is not None:
        overpaid = max((best_here.profit - chosen.profit) * ORDERS, 0.0)
    longest = max(float(np.quantile(actual, 0.995)), at, best.promise if best else 0.0) * 1.1
    longest = math.ceil(longest / step) * step
    points = np.linspace(0.0, longest, 61)
    return Weighed(
        chosen=chosen,
        best=best_here,
        more=solver.at(at + step, at, money),
        less=solver.at(at - step, at, money) if at - step >= 0 else None,
        overpaid=overpaid,
        too_long=best_here is not None and at > best_here.promise,
        elasticity=elasticity,
        prior=prior,
        thin=bool(best and best.thin(outcomes)),
        lacking=lacking,
        curve=tuple(solver.at(float(q), at, money) for q in points),
        step=step,
        shortest=0.0,
        longest=longest,
    )


@dataclass(frozen=True)
class _Best:
    promise: float
    level: float

    def thin(self, outcomes: int) -> bool:
        """Whether so many outcomes cannot vouch for the level."""
        return self.level >= 1 or outcomes * (1 - self.level) < self.level - 1e-9


@dataclass(frozen=True)
class _Solver:
    actual: Floats
    prices: Mapping[str, float]
    elasticity: float
    step: float
    whole: bool
    unit: str

    def at(self, promise: float, chosen: float, money: bool) -> Choice:
        """What a promise keeps and brings; orders and profit per order taken at the chosen one."""
        kept = float((self.actual <= promise + 1e-9).mean())
        late_by = float(np.maximum(self.actual - promise, 0.0).mean())
        if not money:
            return Choice(promise, kept, late_by, None, None)
        late = float((self.actual > promise + self.prices["grace"] + 1e-9).mean())
        orders = math.exp(-self.elasticity * (promise - chosen))
        earned = self.prices["unit_margin"] - self.prices["late_penalty"] * late
        profit = orders * (earned - self.prices["late_cost"] * late_by)
        return Choice(promise, kept, late_by, orders, profit)

    def solve(self) -> Margin:
        """The library's solver on these prices."""
        return solve_margin(
            self.actual,
            unit_margin=self.prices["unit_margin"],
            late_cost=self.prices["late_cost"],
            late_penalty=self.prices["late_penalty"],
            grace=self.prices["grace"],
            elasticity=self.elasticity,
            step=self.step,
            whole=self.whole,
            unit=self.unit,
        )


def _best(solver: _Solver, lacking: str, prices: Mapping[str, float]) -> _Best | None:
    if not lacking:
        found = solver.solve()
        return _Best(found.promise, found.level)
    late, early = prices.get("late_cost", 0.0), prices.get("early_cost", 0.0)
    if not (late > 0 and early > 0):
        return None
    level = critical_fractile(late, early)
    return _Best(float(np.quantile(solver.actual, level, method="inverted_cdf")), level)


def _lacking(prices: Mapping[str, float], unit: str) -> tuple[str, float, str]:
    """The price that is missing, the elasticity to use, and its source where it is a prior."""
    for name in prices:
        if not (math.isfinite(prices[name]) and prices[name] >= 0):
            raise InputError(f"{name}: {prices[name]:g} must be a number not below 0")
    elasticity, prior = prices.get("elasticity", 0.0), ""
    if elasticity <= 0:
        known = elasticity_prior(unit)
        if isinstance(known, NotEnough):
            elasticity = 0.0
        else:
            elasticity, prior = known.value, known.source
    if prices.get("unit_margin", 0.0) <= 0:
        return "margin", elasticity, prior
    if prices.get("late_cost", 0.0) + prices.get("late_penalty", 0.0) <= 0:
        return "late", elasticity, prior
    return ("" if elasticity > 0 else "elasticity"), elasticity, prior
