"""Did a change stop what it was made for? How often it came before the change, and after.

Each side is a count over a time (Poisson) with Garwood's exact interval. They are compared by the
exact conditional test: given all of them, those after fall on their share of the days.

Sources: Garwood 1936; Przyborowski & Wilenski 1940.
"""

from dataclasses import dataclass
from datetime import timedelta

from scipy import special

#: Below so many days after, or so few in all, nothing can be said.
DAYS, FEWEST = 28.0, 5
_MONTH = 30.0


@dataclass(frozen=True)
class Pace:
    """How many per 30 days, with the ends between which the true pace lies."""

    n: int
    days: float
    per_month: float
    low: float
    high: float


@dataclass(frozen=True)
class Recurrence:
    """Before and after a change; ``verdict``: stopped, less, same, more or too_early."""

    before: Pace | None
    after: Pace | None
    verdict: str


def recurrence(
    before: int, until: timedelta, after: int, since: timedelta, confidence: float = 0.95
) -> Recurrence:
    """What became of it: how many came before and after, over how long each. ValueError: below 0.

    >>> recurrence(12, timedelta(days=120), 0, timedelta(days=60)).verdict
    'stopped'
    >>> recurrence(12, timedelta(days=120), 1, timedelta(days=10)).verdict
    'too_early'
    >>> recurrence(6, timedelta(days=60), 6, timedelta(days=60)).verdict
    'same'
    """
    if before < 0 or after < 0:
        raise ValueError(f"a count cannot be negative, got {before} and {after}")
    days, later = until.total_seconds() / 86_400, since.total_seconds() / 86_400
    first, second = pace(before, days, confidence), pace(after, later, confidence)
    if first is None or second is None or later < DAYS or before + after < FEWEST:
        return Recurrence(first, second, "too_early")
    n, share, rest = before + after, later / (days + later), 1 - confidence
    if special.bdtr(after, n, share) < rest / 2:
        return Recurrence(first, second, "less" if after else "stopped")
    more = special.bdtrc(after - 1, n, share) if after else 1.0
    return Recurrence(first, second, "more" if more < rest / 2 else "same")


def pace(n: int, days: float, confidence: float = 0.95) -> Pace | None:
    """How many per 30 days with Garwood's interval; None: no time has passed.

    >>> found = pace(10, 30.0)
    >>> round(found.low, 2), round(found.high, 2)
    (4.8, 18.39)
    """
    if days <= 0:
        return None
    scale, tail = _MONTH / days, (1 - confidence) / 2
    low = float(special.gammaincinv(n, tail)) if n else 0.0
    high = float(special.gammaincinv(n + 1, 1 - tail))
    return Pace(n, days, n * scale, low * scale, high * scale)
