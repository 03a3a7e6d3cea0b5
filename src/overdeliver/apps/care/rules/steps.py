"""A plan: dated steps after a moment. What each step is, whom it concerns, when it comes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from overdeliver.apps.outreach.rules.timing import OutboxPolicy, after_quiet, when_open
from overdeliver.vocabulary.decisions import Decision
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.hours import BusinessHours
from overdeliver.vocabulary.moments import at_wall, aware, zone_named

MOMENTS = ("order", "delivery", "exceeded", "broken_and_recovered", "anniversary", "first_visit")
CHANNELS = ("mail", "letter", "call", "thanks")
#: Channels that a person serves: they keep business hours, not the customer's quiet hours.
BY_PERSON = ("call", "thanks")
MOST_STEPS = 12
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_LONGEST = 400 * 24.0
_TRIES = 14


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step. ``after`` and ``within`` are hours after the moment: not before, not later.

    ``clock`` (``10:00``): at that time of day, the first that comes after ``after``; of the
    customer's zone for what is sent, of the business's for what a person does. The rest are
    conditions; an empty one asks nothing. ``owner``: who does it, by the id of staff; 0: anybody.
    """

    channel: str
    content: str
    after: float = 0.0
    within: float = 24.0
    clock: str = ""
    lever: str = ""
    service: str = ""
    segment: str = ""
    amount_from: str = ""
    first_only: bool = False
    owner: int = 0

    def __post_init__(self) -> None:
        if self.channel not in CHANNELS:
            raise InputError(f"channel: use one of {', '.join(CHANNELS)}")
        if not self.content:
            raise InputError("content: choose a text")
        if not 0 <= self.after <= _LONGEST:
            raise InputError(f"after: must lie between 0 and {_LONGEST:g} hours")
        if not self.after < self.within <= _LONGEST:
            raise InputError(f"within: must come after the delay, and within {_LONGEST:g} hours")
        if self.clock and not _CLOCK.fullmatch(self.clock):
            raise InputError("clock: write a time such as 10:00")
        if self.lever not in ("", "time", "cost", "service"):
            raise InputError("lever: use one of time, cost, service")
        if self.amount_from and amount(self.amount_from) is None:
            raise InputError("amount_from: write an amount such as 120")

    def data(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def step_of(data: Mapping[str, Any]) -> Step:
    """A step from stored data; fields that are gone are left out."""
    names = {field.name for field in fields(Step)}
    return Step(**{name: value for name, value in data.items() if name in names})


def checked(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps of a plan. InputError: there is none, there are too many, or two are the same."""
    if not 1 <= len(steps) <= MOST_STEPS:
        raise InputError(f"plan: it needs between 1 and {MOST_STEPS} steps")
    if len(set(steps)) < len(steps):
        raise InputError("plan: two of its steps are the same")
    return tuple(steps)


def amount(text: str) -> Decimal | None:
    """An amount as typed, or None: it is none.

    >>> amount("12,50"), amount("many")
    (Decimal('12.50'), None)
    """
    try:
        found = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found < 10**12 else None


@dataclass(frozen=True, kw_only=True)
class Case:
    """What conditions may ask of an order."""

    levers: frozenset[str] = frozenset()
    service: str = ""
    segment: str = ""
    amount: Decimal | None = None
    first: bool = False


@dataclass(frozen=True, kw_only=True)
class Concern(Decision):
    """Whether a step concerns a case: ``yes`` or ``no``."""


def concerns(step: Step, case: Case, version: int) -> Concern:
    """Whether a step of a plan of this version concerns a case.

    >>> only_first = Step(channel="mail", content="hello", first_only=True)
    >>> concerns(only_first, Case(first=False), 1).because
    ('it is not the first order',)
    """
    floor = amount(step.amount_from) if step.amount_from else None
    missing = (
        (bool(step.lever) and step.lever not in case.levers, f"no promise of {step.lever}"),
        (bool(step.service) and step.service != case.service, "it is another service"),
        (bool(step.segment) and step.segment != case.segment, "it is another segment"),
        (floor is not None and (case.amount is None or case.amount < floor), "the amount is lower"),
        (step.first_only and not case.first, "it is not the first order"),
    )
    because = tuple(reason for lacks, reason in missing if lacks)
    verdict = "no" if because else "yes"
    return Concern(verdict=verdict, because=because or ("its conditions hold",), policy=version)


@dataclass(frozen=True)
class Clocks:
    """Whose clocks count: the customer's zone, the business's, its hours, the quiet hours."""

    customer: str
    business: str
    hours: BusinessHours | None
    quiet: OutboxPolicy


@dataclass(frozen=True, kw_only=True)
class Planned(Decision):
    """When a step comes: ``at``, and not after ``not_after``; ``hold``: it cannot come in time."""

    at: datetime
    not_after: datetime


def planned(step: Step, moment: datetime, clocks: Clocks, version: int) -> Planned:
    """When a step comes after a moment; one that would come too late is held for a person.

    >>> from datetime import UTC
    >>> clocks = Clocks("Asia/Almaty", "Asia/Almaty", None, OutboxPolicy())
    >>> late = datetime(2026, 3, 5, 19, tzinfo=UTC)  # midnight in Almaty
    >>> planned(Step(channel="mail", content="x"), late, clocks, 1).at.isoformat()
    '2026-03-06T08:00:00+05:00'
    """
    first = aware(moment) + timedelta(hours=step.after)
    not_after = aware(moment) + timedelta(hours=step.within)
    person = step.channel in BY_PERSON
    at = _at_clock(first, step.clock, clocks.business if person else clocks.customer)
    because = [f"{step.after:g} hours after the moment"]
    if at != first:
        because.append(f"at {step.clock}")
    found = _ready(at, step, clocks)
    if found != at:
        because.append("when the business is open" if person else "after the quiet hours")
    if found > not_after:
        because.append(f"that is later than {step.within:g} hours after the moment")
    return Planned(
        verdict="hold" if found > not_after else "wait",
        because=tuple(because),
        policy=version,
        at=found,
        not_after=not_after,
    )


def _ready(at: datetime, step: Step, clocks: Clocks) -> datetime:
    """When somebody is there to do it, and nobody is woken by it: letters do not ring."""
    if step.channel == "letter":
        return at
    if step.channel == "thanks":
        return when_open(at, clocks.hours)
    if step.channel == "mail":
        return _awake(at, clocks)
    for _ in range(_TRIES):  # the business's hours and the customer's nights, until both fit
        found = when_open(_awake(at, clocks), clocks.hours)
        if found == at:
            break
        at = found
    return at


def _awake(at: datetime, clocks: Clocks) -> datetime:
    if not clocks.quiet.rests("reassurance"):
        return at
    return after_quiet(at, clocks.customer, clocks.quiet)


def _at_clock(first: datetime, clock: str, zone: str) -> datetime:
    """The first time the clocks of a zone show ``clock`` at or after a moment."""
    found = _CLOCK.fullmatch(clock) if clock else None
    if found is None:
        return first
    wall = time(int(found[1]), int(found[2]))
    day = first.astimezone(zone_named(zone)).date() - timedelta(days=1)
    while True:
        at = at_wall(datetime.combine(day, wall), zone)
        if at >= first:
            return at
        day += timedelta(days=1)
