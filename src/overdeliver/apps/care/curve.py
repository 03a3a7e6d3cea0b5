"""When orders are taken back: the business's own curve, by hours since the order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.care.rules.deadline import HORIZON, Proposal, propose
from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.apps.promises import fates
from overdeliver.measure.intervals import wilson

_PAST = timedelta(days=365)
MARKS = (1, 2, 4, 8, 12, 24, 36, 48, 72, 120, 168)
_WIDE, _HIGH, _LEFT, _TOP = 640, 190, 46, 12


@dataclass(frozen=True)
class Mark:
    """The share of orders taken back within so many hours, with its interval."""

    hours: int
    n: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Picture:
    """The curve as the page draws it."""

    line: str
    band: str
    deadline: str  # coordinates are texts: a template would write a comma for the point
    ticks: Sequence[tuple[str, int]]
    levels: Sequence[tuple[str, float]]
    width: int = _WIDE
    height: int = _HIGH + 30
    floor: int = _HIGH
    left: int = _LEFT


@dataclass(frozen=True)
class Curve:
    """What is known of cancellations; no marks where there are too few of them."""

    orders: int
    marks: Sequence[Mark]
    proposal: Proposal
    picture: Picture | None


def curve(deadline: float) -> Curve:
    """The curve of orders of the last year that are a week old, beside the deadline in force."""
    policy, now = business.policy(CarePolicy), timezone.now()
    young = timedelta(hours=HORIZON)
    placed, back = fates.taken_back_since(now - _PAST)
    fresh, _ = fates.taken_back_since(now - young)
    hours = [
        (one.cancelled_at - one.placed_at) / timedelta(hours=1)
        for one in back
        if one.cancelled_at and one.placed_at < now - young
    ]
    early = [hour for hour in hours if 0 <= hour <= HORIZON]
    proposal, orders = propose(early, deadline, policy), placed - fresh
    if proposal.verdict == "wait" or not orders:
        return Curve(orders, (), proposal, None)
    marks = [_mark(hour, early, orders) for hour in MARKS]
    return Curve(orders, marks, proposal, _picture(marks, deadline))


def _mark(hour: int, early: Sequence[float], orders: int) -> Mark:
    n = sum(one <= hour for one in early)
    bounds = wilson(n, orders)
    return Mark(hour, n, n / orders, bounds.low, bounds.high)


def _picture(marks: Sequence[Mark], deadline: float) -> Picture:
    top = max(mark.high for mark in marks) or 1.0

    def x(hours: float) -> str:
        return f"{_LEFT + (min(hours, HORIZON) / HORIZON) ** 0.5 * (_WIDE - _LEFT - 10):.1f}"

    def y(share: float) -> str:
        return f"{_HIGH - share / top * (_HIGH - _TOP):.1f}"

    zero = [f"{x(0)},{y(0)}"]
    upper = [f"{x(one.hours)},{y(one.high)}" for one in marks]
    lower = [f"{x(one.hours)},{y(one.low)}" for one in reversed(marks)]
    return Picture(
        line=" ".join(zero + [f"{x(one.hours)},{y(one.share)}" for one in marks]),
        band=" ".join(zero + upper + lower),
        deadline=x(deadline),
        ticks=[(x(hour), hour) for hour in (0, 4, 12, 24, 48, 72, 120, 168)],
        levels=[(y(share), share) for share in (0.0, top / 2, top)],
    )
