"""What to promise when lateness, padding and lost orders all have a price.

A longer promise is kept more often and loses more orders before it is made: each unit of it sends
away a share of them. The best promise weighs both (the newsvendor's fractile, with the demand that
a quoted lead time loses as in Duenyas and Hopp 1995):

    profit(q) = exp(-elasticity q)
                * (unit_margin - late_penalty P(T > q + grace) - late_cost E(T - q)+)

The prices come from the owner or from his own scores (`margin_costs`), the outcomes T from what
happened.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar

from overdeliver.learn.margin_answer import Margin, Point, Step, few, warn
from overdeliver.learn.margin_laws import Floats, Law, law_of
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.money import Money

Amount = Money | Decimal | float
POINTS = 101


@dataclass(frozen=True)
class _Terms:
    """Prices and distribution, ready to be asked for the profit of any promise."""

    law: Law
    margin: float
    slope: float
    penalty: float
    elasticity: float
    grace: float
    reference: float = 0.0

    def profit(self, q: Floats) -> Floats:
        q = np.asarray(q, dtype=np.float64)
        late = self.penalty * self.law.late(q + self.grace) + self.slope * self.law.late_by(q)
        return np.asarray(self.orders(q) * (self.margin - late))

    def orders(self, q: Floats) -> Floats:
        return np.asarray(np.exp(-self.elasticity * (q - self.reference)))


def critical_fractile(late: Amount, early: Amount) -> float:
    """The level F(q*) = late / (late + early): what a unit late costs, and a unit early.

    Both in one currency or both plain numbers. Raises InputError when negative or both zero.

    >>> [critical_fractile(late, 1) for late in (3, 9, 19)]
    [0.75, 0.9, 0.95]
    >>> critical_fractile(Money("4.50", "EUR"), Money("0.50", "EUR"))
    0.9
    """
    _currency(late, early)
    a, b = (_number(name, x) for name, x in (("late", late), ("early", early)))
    if a + b == 0:
        raise InputError("margin: late and early cannot both cost nothing")
    return a / (a + b)


def solve_margin(
    distribution: Any,
    *,
    unit_margin: Amount,
    late_cost: Amount,
    elasticity: float,
    late_penalty: Amount = 0.0,
    grace: float = 0.0,
    weights: ArrayLike | None = None,
    present: float | None = None,
    step: float = 1.0,
    whole: bool = False,
    shortest: float = 0.0,
    unit: str = "units",
) -> Margin:
    """The promise q with the largest expected profit, and what each unit away from it costs.

    Parameters
    ----------
    distribution : outcomes as an array (with ``weights``), a frozen scipy distribution, or F(q)
    unit_margin : money earned on an order that is kept, above zero
    late_cost : money lost per order and unit late
    late_penalty : money lost once on an order more than ``grace`` units late
    elasticity : share of orders lost per unit of promise (0.0073: 0.73 %), above zero
    present : today's promise; then orders and profit are counted per order taken today
    step, whole : the unit of "one more" and "one less"; only multiples of it may be promised

    Raises InputError for prices that have no best promise, NotEnoughData without outcomes.

    >>> from scipy import stats
    >>> days = stats.gamma(9, scale=5 / 9)
    >>> best = solve_margin(days, unit_margin=40, late_cost=2, elasticity=0.0073)
    >>> round(best.promise, 2), round(best.level, 3)
    (6.76, 0.855)
    """
    prices = (unit_margin, late_cost, late_penalty)
    currency = _currency(*prices)
    names = ("unit_margin", "late_cost", "late_penalty")
    margin, slope, penalty = (_number(n, p) for n, p in zip(names, prices, strict=True))
    grace, shortest = _number("grace", grace), _number("shortest", shortest)
    _solvable(margin, slope + penalty, elasticity, step)
    law = law_of(distribution, weights)
    terms = _Terms(law, margin, slope, penalty, elasticity, grace)
    q = _best_multiple(terms, shortest, step) if whole else _best(terms, shortest)
    reference = q if present is None else _number("present", present)
    terms = _Terms(law, margin, slope, penalty, elasticity, grace, reference)
    now = None if present is None else _point(terms, reference)
    best = _point(terms, q)
    overpaid = None if now is None else best.profit - now.profit
    return Margin(
        promise=q,
        level=best.level,
        late_by=float(law.late_by(np.array([q]))[0]),
        profit=best.profit,
        one_more=_step(terms, best, step),
        one_less=_step(terms, best, -step) if q - step >= shortest else None,
        curve=_curve(terms, shortest, [q, reference]),
        present=now,
        overpaid=overpaid,
        warning=warn(best, now, unit, currency),
        thin=few(law.n, best.level),
        currency=currency,
    )


def _best(terms: _Terms, shortest: float) -> float:
    """The promise of highest profit: all stretches between places, then a finer look at the best.

    Between two outcomes the profit is exp(-elasticity q) (a + b q): its summit has a closed form.
    """
    grid = terms.law.places()
    grid = np.unique(np.concatenate([[shortest], grid, grid - terms.grace]))
    grid = grid[grid >= shortest]
    late, mean_late = terms.law.late(grid), terms.law.late_by(grid)
    b = terms.slope * late
    once = terms.penalty * terms.law.late(grid + terms.grace)
    a = terms.margin - once - terms.slope * (mean_late + grid * late)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        summit = np.where(b > 0, 1 / terms.elasticity - a / b, grid)
    ends = np.append(grid[1:], grid[-1])  # at the next place the profit can only jump up
    tried = np.concatenate([grid, np.clip(summit, grid, ends)])
    found = float(tried[_first_best(terms.profit(tried), tried)])
    finer = _finer(terms, grid, found)
    before, after = terms.profit(np.array([found, finer]))
    return finer if after > before + 1e-12 * abs(before) else found


def _first_best(profit: Floats, q: Floats) -> int:
    """The position of the highest profit; of equal ones (but for rounding) the shortest promise."""
    high = profit >= profit.max() - 1e-13 * max(1.0, float(np.abs(profit).max()))
    return int(np.where(high, q, np.inf).argmin())


def _finer(terms: _Terms, grid: Floats, found: float) -> float:
    i = int(np.searchsorted(grid, found))
    low, high = float(grid[max(i - 1, 0)]), float(grid[min(i + 1, len(grid) - 1)])
    if not low < high:
        return found
    answer = minimize_scalar(
        lambda q: -float(terms.profit(np.array([q]))[0]),
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-9 * high},
    )
    return float(answer.x)


def _best_multiple(terms: _Terms, shortest: float, step: float) -> float:
    longest = max(terms.law.span[1], shortest)
    first, last = math.ceil(shortest / step - 1e-9), math.ceil(longest / step)
    if last - first > 1_000_000:
        raise InputError(f"margin: a step of {step:g} is too fine for outcomes up to {longest:g}")
    tried = np.arange(first, last + 1, dtype=np.float64) * step
    return float(tried[_first_best(terms.profit(tried), tried)])


def _point(terms: _Terms, q: float) -> Point:
    return _points(terms, np.array([q]))[0]


def _points(terms: _Terms, q: Floats) -> tuple[Point, ...]:
    figures = zip(q, 1 - terms.law.late(q), terms.orders(q), terms.profit(q), strict=True)
    return tuple(Point(*(float(x) for x in one)) for one in figures)


def _step(terms: _Terms, best: Point, step: float) -> Step:
    there = _point(terms, best.promise + step)
    return Step(there.promise, there.level, there.level - best.level, there.profit - best.profit)


def _curve(terms: _Terms, shortest: float, shown: Sequence[float]) -> tuple[Point, ...]:
    """For a slider: from the shortest outcome to one that 1 in 200 exceeds, and beyond the best."""
    places = terms.law.places()
    usual = places[terms.law.late(places) <= 0.005][0]
    low = max(shortest, min(float(places[0]), *shown))
    high = max(float(usual), *(1.25 * q for q in shown), low + 1e-9)
    return _points(terms, np.linspace(low, high, POINTS))


def _currency(*amounts: Amount) -> str | None:
    """The one currency of the amounts; zero may be plain. Raises InputError when they mix."""
    found = {a.currency if isinstance(a, Money) else None for a in amounts if a}
    if len(found) > 1:
        raise InputError("margin: give all prices in one currency, or all as plain numbers")
    return found.pop() if found else None


def _number(name: str, amount: Amount) -> float:
    value = float(amount.amount if isinstance(amount, Money) else amount)
    if not (math.isfinite(value) and value >= 0):
        raise InputError(f"margin: {name} must be a number not below zero, got {amount}")
    return value


def _solvable(margin: float, lateness: float, elasticity: float, step: float) -> None:
    if margin <= 0:
        raise InputError("margin: unit_margin must be above zero, else no order is worth having")
    if lateness <= 0:
        raise InputError("margin: lateness must cost something, else any promise will do")
    if not (math.isfinite(elasticity) and elasticity > 0):
        raise InputError(
            "margin: elasticity must be above zero, else the longest promise always pays best"
        )
    if not (math.isfinite(step) and step > 0):
        raise InputError(f"margin: step must be above zero, got {step}")
