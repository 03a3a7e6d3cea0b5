"""What needs a person today, in which order, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from overdeliver.apps.business.rules import Policy

#: The kinds of line, the most urgent first.
KINDS = ("win_back", "rescue", "decide", "look", "begin")


@dataclass(frozen=True, kw_only=True)
class TodayPolicy(Policy):
    """How far the Today page looks, in hours and days."""

    kind: ClassVar[str] = "today"
    risk_hours: float = 4.0  # an open promise due within this time is at risk
    broken_days: int = 7  # a broken promise older than this is no longer for today
    most: int = 100  # lines shown


@dataclass(frozen=True)
class Fact:
    """One thing that may need a person, as other chapters know it."""

    kind: str
    key: str  # kind:reference; what a mark remembers
    name: str  # who, or what
    url: str
    subject: str  # of the journal, for "why?"
    due: datetime | None = None
    happened: datetime | None = None
    amount: float = 0.0  # how bad, for the order among equals
    words: tuple[tuple[str, str], ...] = ()  # filled into the line's text
    because: tuple[str, ...] = ()


@dataclass(frozen=True)
class Marked:
    """What a person did about a line."""

    state: str  # done, later
    until: datetime | None


def lines(
    facts: Iterable[Fact], marks: dict[str, Marked], now: datetime, policy: TodayPolicy
) -> list[Fact]:
    """The facts that need a person now: not set aside, the most urgent first.

    A line set aside until later comes back at that moment; one done does not.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 5, 12, tzinfo=UTC)
    >>> late = Fact("win_back", "broken:p-1", "Anna", "/", "promise:p-1")
    >>> soon = Fact("rescue", "risk:p-2", "Ion", "/", "promise:p-2", due=noon)
    >>> done = {"risk:p-2": Marked("done", None)}
    >>> [fact.name for fact in lines([soon, late], {}, noon, TodayPolicy())]
    ['Anna', 'Ion']
    >>> [fact.name for fact in lines([soon, late], done, noon, TodayPolicy())]
    ['Anna']
    """
    open_ = [fact for fact in facts if not _aside(marks.get(fact.key), now)]
    return sorted(open_, key=_urgency)[: policy.most]


def _aside(mark: Marked | None, now: datetime) -> bool:
    if mark is None:
        return False
    return mark.state == "done" or mark.until is None or mark.until > now


def _urgency(fact: Fact) -> tuple[int, float, float]:
    due = fact.due.timestamp() if fact.due else float("inf")
    return KINDS.index(fact.kind), due, -fact.amount


def risk_until(now: datetime, policy: TodayPolicy) -> datetime:
    """Open promises due before this moment are at risk."""
    return now + timedelta(hours=policy.risk_hours)


def counts(found: Sequence[Fact]) -> dict[str, int]:
    """How many lines of each kind."""
    return {kind: sum(fact.kind == kind for fact in found) for kind in KINDS}
