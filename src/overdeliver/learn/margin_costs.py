"""What lateness costs: from one's own scores or lost repeats, else a stated prior with its source.

The score falls off not at zero but some way beyond it (the cliff), so the cost of lateness has
three parts: a jump, the delay that is forgiven before it, and a slope for each unit late. In money
only where the owner says what a point of score or a repeat order is worth.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from overdeliver.learn.margin import Amount
from overdeliver.measure.answers import NotEnough
from overdeliver.measure.intervals import newcombe
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.money import Money

if TYPE_CHECKING:
    from overdeliver.measure.cliff import Cliff
    from overdeliver.measure.repeat import RepeatRate


@dataclass(frozen=True)
class LateCost:
    """Ready for ``solve_margin``: ``late_penalty``, ``late_cost`` and ``grace``.

    The penalty has a range ``low`` to ``high`` (95 %, or as the source gives it).
    """

    late_penalty: Amount
    late_cost: Amount
    grace: float
    low: Amount
    high: Amount
    source: str


@dataclass(frozen=True)
class Prior:
    """A figure from the literature, for where one's own data says nothing yet."""

    value: float
    low: float
    high: float
    source: str


_CUI = (
    "Cui, Lu, Sun and Golden 2024, MSOM 26(1), working paper: one web shop, 212,340 orders;"
    " a day slower -0.51 % of sales, a day faster +0.73 %, here the middle"
)
#: Share of orders lost per day of promise; a web shop's, for lack of any other.
ELASTICITY_PER_DAY = Prior(0.0062, 0.0051, 0.0073, _CUI)
#: A unit of shortfall weighs so many times a unit of excess.
ASYMMETRY = Prior(2.25, 2.25, 2.25, "Tversky and Kahneman 1992, the median subject")
#: Share of a rider's later spending lost after a trip more than five minutes late.
LATE_TAXI = Prior(0.075, 0.05, 0.10, "Halperin, Ho, List and Muir 2022, 1.5 million riders")
TAXI_GRACE_MINUTES = 5.0


def elasticity_prior(unit: str) -> Prior | NotEnough:
    """The share of orders lost per unit of promise where one's own is not known.

    Seen for days only: for minutes, or for money, there is no figure to lean on.

    >>> elasticity_prior("days").value
    0.0062
    >>> elasticity_prior("minutes").reason
    'how many orders a longer promise loses is known from research for days only, not for minutes'
    """
    if unit == "days":
        return ELASTICITY_PER_DAY
    return NotEnough(
        "how many orders a longer promise loses is known from research for days only,"
        f" not for {unit}"
    )


def from_scores(cliff: "Cliff | NotEnough", value_per_point: Amount) -> LateCost | NotEnough:
    """Jump and slope of one's own scores, each point worth ``value_per_point``.

    ``cliff`` is `overdeliver.measure.cliff.cliff` of the cases, in the promise's unit. The slope
    counts from the promise on, the jump beyond the cliff's place. A cliff that could be chance, or
    a jump upwards, is no cost. Raises InputError for a value below zero.

    >>> from overdeliver.measure.cliff import Cliff
    >>> found = Cliff(at=-1.5, at_low=-1.5, at_high=-1.5, size=-1.2, low=-1.4, high=-1.0,
    ...     slope_late=0.05, slope_early=0.01, n=900, p_value=0.002, significant=True)
    >>> cost = from_scores(found, Money("3", "EUR"))
    >>> cost.late_penalty, cost.grace, cost.late_cost
    (Money('3.6', 'EUR'), 1.5, Money('0.15', 'EUR'))
    """
    if isinstance(cliff, NotEnough):
        return cliff
    if not cliff.significant or cliff.high >= 0:
        return NotEnough(f"no fall of the score beyond chance in {cliff.n:,} scored cases", cliff.n)
    return LateCost(
        late_penalty=_times(value_per_point, -cliff.size),
        late_cost=_times(value_per_point, max(0.0, cliff.slope_late)),
        grace=max(0.0, -cliff.at),
        low=_times(value_per_point, -cliff.high),
        high=_times(value_per_point, -cliff.low),
        source=f"own scores: {cliff.n:,} cases around a fall at {-cliff.at:g} units late",
    )


def from_repeats(
    rates: "Sequence[RepeatRate] | NotEnough", value_per_repeat: Amount
) -> LateCost | NotEnough:
    """The repeat orders that a broken promise loses, each worth ``value_per_repeat``.

    ``rates`` is `overdeliver.measure.repeat.repeat_by_verdict`. One jump for late at all, no slope:
    repeats are too rare to see one. NotEnough where the 95 % interval of the difference
    (Newcombe) holds zero.

    >>> from overdeliver.measure.repeat import RepeatRate
    >>> rates = [RepeatRate("broken", 2000, 100, None), RepeatRate("met", 9000, 900, None)]
    >>> from_repeats(rates, Money("20", "EUR")).late_penalty
    Money('1.00', 'EUR')
    """
    if isinstance(rates, NotEnough):
        return rates
    counts = {rate.verdict: (rate.repeated, rate.n) for rate in rates}
    again, broken = counts.get("broken", (0, 0))
    fine = [counts.get(verdict, (0, 0)) for verdict in ("met", "exceeded")]
    kept_again, kept = (sum(pair[i] for pair in fine) for i in (0, 1))
    if min(broken, kept) == 0:
        return NotEnough("repeats after both broken and kept promises are needed")
    bounds = newcombe(kept_again, kept, again, broken)
    if bounds.low <= 0:
        return NotEnough(
            f"no loss of repeat orders beyond chance after {broken:,} broken promises", broken
        )
    lost = kept_again / kept - again / broken
    return LateCost(
        late_penalty=_times(value_per_repeat, round(lost, 12)),
        late_cost=_times(value_per_repeat, 0.0),
        grace=0.0,
        low=_times(value_per_repeat, bounds.low),
        high=_times(value_per_repeat, bounds.high),
        source=f"own repeat orders after {broken:,} broken and {kept:,} kept promises",
    )


def late_cost_prior(business: str, later_spending: Amount) -> LateCost | NotEnough:
    """A stated cost where one's own data says nothing; there is one for taxis only.

    ``later_spending`` is what a customer is expected to spend from now on.

    >>> late_cost_prior("taxi", Money("40", "EUR")).late_penalty
    Money('3.000', 'EUR')
    """
    if business != "taxi":
        return NotEnough(
            f"research gives no price of lateness for {business}: state your own, or collect scores"
        )
    found = LATE_TAXI
    low, value, high = (_times(later_spending, x) for x in (found.low, found.value, found.high))
    return LateCost(
        late_penalty=value,
        late_cost=_times(later_spending, 0.0),
        grace=TAXI_GRACE_MINUTES,
        low=low,
        high=high,
        source=found.source,
    )


def _times(value: Amount, times: float) -> Amount:
    plain = float(value.amount if isinstance(value, Money) else value)
    if not (math.isfinite(plain) and plain >= 0):
        raise InputError(f"margin: a worth must be a number not below zero, got {value}")
    if isinstance(value, Money):
        return value * Decimal(repr(times))
    return plain * times
