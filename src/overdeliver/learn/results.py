"""What an honest backtest reports: frozen answers, no behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Kept:
    """A share of promises kept and the mean promise, in the cases' unit, over the same cases."""

    kept: float
    promised_mean: float


@dataclass(frozen=True)
class GroupKept:
    """The kept share of one group, with the number of its cases."""

    by: Mapping[str, Any]
    kept: float
    n: int


@dataclass(frozen=True)
class LevelResult:
    """What quoting at one level would have kept, with a 95 % Wilson interval."""

    level: float
    kept: float
    low: float
    high: float
    promised_mean: float
    pinball: float
    worst_group: GroupKept | None = None


@dataclass(frozen=True)
class MonthKept:
    """The kept share of one month of promising at the asked level; ``month`` is "2018-04"."""

    month: str
    n: int
    kept: float


@dataclass(frozen=True)
class LeftOut:
    """A column not used as a feature, and why."""

    column: str
    reason: str


@dataclass(frozen=True)
class Instead:
    """What to promise one group next, at the asked level.

    ``one_less`` and ``one_more`` are the kept rates if each promise were a unit shorter or longer.
    """

    by: Mapping[str, Any]
    n: int
    promised_now: float | None
    kept_now: float | None
    promise: float
    level: float
    kept_expected: float
    one_less: float | None
    one_more: float | None
    usual_low: float  # eight in ten outcomes lay between these two
    usual_high: float
    because: str


@dataclass(frozen=True)
class Backtest:
    """Quotes made in time order, each with what was known then, held against what came.

    ``own``, ``at_same_kept``, ``at_same_length`` and ``levels`` speak of the same ``n`` cases:
    promises from ``start`` on whose outcome is known and which were not refused.
    """

    start: date
    n: int
    own: Kept | None
    at_same_kept: Kept | None
    at_same_length: Kept | None
    levels: tuple[LevelResult, ...]
    refused: int
    model: str
    because: str
    refits: int
    months: tuple[MonthKept, ...]
    instead: tuple[Instead, ...]
    features_used: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
