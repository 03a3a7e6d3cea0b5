"""What needs a person today, in which order, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from overdeliver.apps.business.rules import Policy
from overdeliver.vocabulary.errors import InputError

#: The kinds of line, the most urgent first.
KINDS = ("win_back", "rescue", "send", "care", "import", "decide", "look")


@dataclass(frozen=True, kw_only=True)
class TodayPolicy(Policy):
    """How far the Today page looks."""

    kind: ClassVar[str] = "today"
    risk_hours: float = 4.0  # an open promise with at most so much time left is at risk,
    risk_share: float = 0.25  # but not before this share of its own length is all that is left
    broken_days: int = 7  # a broken promise older than this is no longer for today
    import_hours: float = 1.0  # an import that waits for a person stands here after so long
    lines_of_a_kind: int = 8  # more of a kind are one line that opens the list

    def __post_init__(self) -> None:
        if not 0 <= self.risk_hours <= 240:
            raise InputError("risk_hours: must lie between 0 and 240")
        if not 0 < self.risk_share <= 1:
            raise InputError("risk_share: must lie above 0 and not above 1")
        if not 1 <= self.broken_days <= 90:
            raise InputError("broken_days: must lie between 1 and 90")
        if not 0 <= self.import_hours <= 240:
            raise InputError("import_hours: must lie between 0 and 240")
        if not 1 <= self.lines_of_a_kind <= 50:
            raise InputError("lines_of_a_kind: must lie between 1 and 50")


@dataclass(frozen=True, kw_only=True)
class LoyaltyPolicy(Policy):
    """From which visit on a customer counts as regular, and as loyal."""

    kind: ClassVar[str] = "loyalty"
    regular_from: int = 3
    loyal_from: int = 6

    def __post_init__(self) -> None:
        if not 2 <= self.regular_from <= 50:
            raise InputError("regular_from: must lie between 2 and 50")
        if not self.regular_from < self.loyal_from <= 200:
            raise InputError("loyal_from: must lie above regular_from and not above 200")


@dataclass(frozen=True)
class Fact:
    """One thing that may need a person, as other chapters know it."""

    kind: str
    key: str  # kind:reference; what a mark remembers
    name: str  # who, or what
    url: str  # of who or what it is
    step: str  # the next step: the key of its word
    step_url: str
    subject: str  # of the journal
    because: tuple[str, ...]
    due: datetime | None = None
    happened: datetime | None = None
    amount: float = 0.0  # how bad, for the order among equals
    about: str = ""  # the key of the word that says why; empty: that of the kind


@dataclass(frozen=True)
class Marked:
    """What a person did about a line."""

    state: str  # done, later
    until: datetime | None


@dataclass(frozen=True)
class Group:
    """The lines of one kind: those shown, and how many more there are."""

    kind: str
    shown: Sequence[Fact]
    more: int

    @property
    def n(self) -> int:
        """All of them."""
        return len(self.shown) + self.more


def lines(facts: Iterable[Fact], marks: dict[str, Marked], now: datetime) -> list[Fact]:
    """The facts that need a person now: not set aside, the most urgent first.

    A line set aside until later comes back at that moment; one done does not.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 5, 12, tzinfo=UTC)
    >>> late = Fact("win_back", "broken:p-1", "Anna", "/", "", "/", "promise:p-1", ("late",))
    >>> soon = Fact("rescue", "risk:p-2", "Ion", "/", "", "/", "promise:p-2", ("soon",), due=noon)
    >>> done = {"risk:p-2": Marked("done", None)}
    >>> [fact.name for fact in lines([soon, late], {}, noon)]
    ['Anna', 'Ion']
    >>> [fact.name for fact in lines([soon, late], done, noon)]
    ['Anna']
    """
    return sorted((one for one in facts if not _aside(marks.get(one.key), now)), key=_urgency)


def grouped(found: Sequence[Fact], policy: TodayPolicy) -> list[Group]:
    """The lines by kind, so many of each; kinds without a line are left out."""
    most = policy.lines_of_a_kind
    kinds = ((kind, [one for one in found if one.kind == kind]) for kind in KINDS)
    return [Group(kind, of[:most], max(len(of) - most, 0)) for kind, of in kinds if of]


def _aside(mark: Marked | None, now: datetime) -> bool:
    if mark is None:
        return False
    return mark.state == "done" or mark.until is None or mark.until > now


def _urgency(fact: Fact) -> tuple[int, float, float]:
    due = fact.due.timestamp() if fact.due else float("inf")
    return KINDS.index(fact.kind), due, -fact.amount


def last_moment(due: datetime, closes: datetime | None, *, whole: bool) -> datetime:
    """Until when somebody can still do something about a promise.

    A date is kept until midnight, but nobody is there after ``closes``, the end of the last shift
    of that day; None: closed all day, or no hours are set.
    """
    return min(due, closes) if whole and closes else due


def at_risk(
    made: datetime, due: datetime, last: datetime, now: datetime, policy: TodayPolicy
) -> bool:
    """Whether an open promise is close to breaking: little time left, as time and as a share.

    >>> from datetime import UTC
    >>> made = datetime(2026, 3, 5, 12, tzinfo=UTC)
    >>> at = lambda minutes: made + timedelta(minutes=minutes)
    >>> [at_risk(made, at(40), at(40), at(passed), TodayPolicy()) for passed in (5, 31, 45)]
    [False, True, False]
    """
    if now > due:
        return False  # it is broken, which is another line
    left = max(last - now, timedelta(0))
    return left <= min(timedelta(hours=policy.risk_hours), (due - made) * policy.risk_share)


def looks_until(now: datetime, midnight: datetime, policy: TodayPolicy) -> datetime:
    """How far ahead open promises are looked at: the rest of the day, and what is at risk."""
    return max(midnight, now + timedelta(hours=policy.risk_hours))
