"""What the margin solver answers, and the sentences that go with it."""

from dataclasses import dataclass
from decimal import Decimal

from overdeliver.measure.minimum import minimum_outcomes
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.money import Money

#: A present promise is worth a word when it costs more than this share of the best profit.
WORTH_A_WORD = 0.001
ORDERS = 1000


@dataclass(frozen=True)
class Point:
    """What a promise brings: the share kept, orders and profit for each order now taken."""

    promise: float
    level: float
    orders: float  # 1 at the present promise (at the best one where none was given)
    profit: float  # per order taken at that promise, in the money of the prices


@dataclass(frozen=True)
class Step:
    """What one unit more or less changes."""

    promise: float
    level: float
    level_change: float
    profit_change: float


@dataclass(frozen=True)
class Margin:
    """The promise that pays best. ``late_by`` is the mean delay E(T - q)+ over all orders.

    ``overpaid`` is what the present promise costs per order against the best one, ``warning`` says
    so in a sentence; ``thin`` says when the outcomes are too few for the level found.
    """

    promise: float
    level: float
    late_by: float
    profit: float
    one_more: Step
    one_less: Step | None  # None where the promise cannot be shorter
    curve: tuple[Point, ...]
    present: Point | None
    overpaid: float | None
    warning: str | None
    thin: str | None
    currency: str | None

    def money(self, per_order: float, orders: int = ORDERS) -> Money:
        """A figure of this answer over so many orders, rounded to the coin.

        Raises InputError where the prices were plain numbers without a currency.
        """
        if self.currency is None:
            raise InputError("margin: the prices were given without a currency")
        return Money(Decimal(repr(per_order)) * orders, self.currency).rounded()


def warn(best: Point, now: Point | None, unit: str, currency: str | None) -> str | None:
    """A sentence for a present promise that pays noticeably less than the best one, else None."""
    if now is None or best.profit - now.profit <= WORTH_A_WORD * abs(best.profit):
        return None
    lost = (best.profit - now.profit) * ORDERS
    what = f"{lost:,.2f}" if currency is None else str(Money(Decimal(repr(lost)), currency))
    text = f"you promise {now.promise:g} {unit}, {best.promise:.4g} would pay best: "
    if now.promise > best.promise:
        return text + f"you pay {what} per {ORDERS:,} orders for safety"
    return text + f"lateness costs you {what} per {ORDERS:,} orders"


def few(n: float | None, level: float) -> str | None:
    """A sentence where ``n`` outcomes cannot vouch for the level, else None."""
    if n is None:
        return None
    if level >= 1:
        return f"the promise is as long as the longest of {n:.0f} outcomes: more are needed"
    need = minimum_outcomes(f"{level:.4f}") if 0.001 < level < 0.9999 else 1
    if n >= need:
        return None
    return f"{n:.0f} outcomes are few for a promise kept at {level:.0%}: {need} are needed"
