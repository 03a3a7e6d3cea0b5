"""What to promise one case: the learned promise, else the stated one, else nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from overdeliver.apps.quoting.rules.policy import PromisingPolicy
from overdeliver.apps.quoting.rules.steps import rounded_up
from overdeliver.vocabulary.decisions import Decision
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.gap import Lever
from overdeliver.vocabulary.hours import BusinessHours
from overdeliver.vocabulary.moments import (
    SECONDS,
    aware,
    day_of,
    days_between,
    end_of_day,
    plus_days,
)

Source = Literal["learned", "stated", "none"]
#: The range beside a promise: eight in ten outcomes lie in it.
RANGE = (0.1, 0.9)
MOST = 0.995


@dataclass(frozen=True)
class Reason:
    """A reason as a key of words with what is filled in, and as a plain English sentence."""

    key: str
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """The service as far as a promise of it goes."""

    service: str
    lever: Lever
    unit: str
    whole: bool
    fallback: float | None
    zone: str


@dataclass(frozen=True)
class Foreseen:
    """What the published model says of one case: promises at levels, in the unit."""

    model: str  # service and version
    outcomes: int  # seen by the model
    needed: int  # the least number of outcomes for the level
    promise: float  # at the level asked for
    middle: float  # half of such cases stay below
    low: float  # eight in ten ...
    high: float  # ... lie between these


@dataclass(frozen=True, kw_only=True)
class Promised(Decision):
    """The verdict is ``promise``, ``stated`` or ``hide``; numbers are in the service's unit.

    ``level`` is None where no honest level is known (a stated promise). ``moved``: the end was
    moved to when somebody is there, so it is said as a moment, not as a length.
    """

    source: Source
    promised: float | None
    low: float | None
    high: float | None
    due_at: datetime | None
    level: float | None
    shown: bool
    moved: bool
    reasons: tuple[Reason, ...]


def choose_promise(
    subject: Subject,
    foreseen: Foreseen | None,
    policy: PromisingPolicy,
    *,
    level: float,
    made_at: datetime,
    hours: BusinessHours | None = None,
) -> Promised:
    """The shortest promise kept at ``level``, as it is said; with too little data the stated one.

    InputError: the level is no share below 0.995, or the moment has no zone.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 5, 12, tzinfo=UTC)
    >>> courier = Subject("courier", "time", "minutes", False, 60, "UTC")
    >>> seen = Foreseen("courier 3", 400, 9, 41.2, 28.0, 20.0, 41.2)
    >>> found = choose_promise(courier, seen, PromisingPolicy(), level=0.9, made_at=noon)
    >>> found.promised, found.due_at.isoformat()
    (45.0, '2026-03-05T12:45:00+00:00')
    >>> choose_promise(courier, None, PromisingPolicy(), level=0.9, made_at=noon).source
    'stated'
    """
    if not 0 < level <= MOST:
        raise InputError(f"level: {level:g} must lie between 0 and {MOST}")
    aware(made_at)
    if foreseen is None:
        return _stated(subject, policy, made_at, hours, _no_model(subject))
    needed = max(foreseen.needed, policy.least_outcomes)
    if foreseen.outcomes < needed:
        few = Reason(
            "few",
            f"{foreseen.outcomes} outcomes are known, {needed} are needed for {level:.0%}",
            {"n": foreseen.outcomes, "need": needed, "level": level},
        )
        return _stated(subject, policy, made_at, hours, few)
    return _learned(subject, foreseen, policy, level, made_at, hours)


def _learned(
    subject: Subject,
    foreseen: Foreseen,
    policy: PromisingPolicy,
    level: float,
    made_at: datetime,
    hours: BusinessHours | None,
) -> Promised:
    promised = foreseen.promise
    if policy.rounded and not _dated(subject):
        promised = rounded_up(promised, subject.unit)
    reasons = [
        Reason(
            "learned",
            f"learned from {foreseen.outcomes} outcomes: {level:.0%} of cases like this one stay"
            f" within {foreseen.promise:.6g} {subject.unit}",
            {
                "n": foreseen.outcomes,
                "level": level,
                "length": foreseen.promise,
                "unit": subject.unit,
            },
        ),
        Reason(
            "range",
            f"eight in ten take {foreseen.low:.4g} to {foreseen.high:.4g} {subject.unit}",
            {"low": foreseen.low, "high": foreseen.high, "unit": subject.unit},
        ),
    ]
    if promised != foreseen.promise:
        reasons.append(
            Reason(
                "rounded",
                f"said as {promised:.6g} {subject.unit}, as people say it",
                {"length": promised, "unit": subject.unit},
            )
        )
    promised, due_at, moved = _ends(subject, promised, policy, made_at, hours, reasons)
    unsure = _unsure(foreseen, policy, 1.0 if _dated(subject) else 0.0)
    if unsure:
        reasons.append(unsure)
    return Promised(
        verdict="hide" if unsure else "promise",
        because=tuple(reason.text for reason in reasons),
        policy=policy.version,
        source="learned",
        promised=promised,
        low=foreseen.low,
        high=max(foreseen.high, foreseen.low),
        due_at=due_at,
        level=level,
        shown=unsure is None,
        moved=moved,
        reasons=tuple(reasons),
    )


def _unsure(foreseen: Foreseen, policy: PromisingPolicy, room: float) -> Reason | None:
    """Why the promise is hidden; ``room``: the first day counts, so that "today" is not zero."""
    times = (foreseen.promise + room) / max(foreseen.middle + room, 1e-9)
    if not policy.widest or times <= policy.widest:
        return None
    return Reason(
        "unsure",
        f"hidden: the promise is {times:.1f} times the middle outcome, the policy allows"
        f" {policy.widest:g}",
        {"times": times, "most": policy.widest},
    )


def _no_model(subject: Subject) -> Reason:
    if subject.lever == "service":
        return Reason("booked", "a class is booked, not foreseen")
    return Reason("no_model", "no model of this service is published yet")


def _stated(
    subject: Subject,
    policy: PromisingPolicy,
    made_at: datetime,
    hours: BusinessHours | None,
    why: Reason,
) -> Promised:
    reasons = [why]
    promised, due_at, moved = subject.fallback, None, False
    if promised is None:
        reasons.append(
            Reason("nothing_stated", "and no promise is stated for it: nothing is shown")
        )
    else:
        reasons.append(
            Reason(
                "stated",
                f"the stated promise holds: {promised:.6g} {subject.unit}",
                {"length": promised, "unit": subject.unit},
            )
        )
        promised, due_at, moved = _ends(
            subject, promised, policy, made_at, hours, reasons, working=True
        )
    return Promised(
        verdict="hide" if promised is None else "stated",
        because=tuple(reason.text for reason in reasons),
        policy=policy.version,
        source="none" if promised is None else "stated",
        promised=promised,
        low=None,
        high=None,
        due_at=due_at,
        level=None,
        shown=promised is not None,
        moved=moved,
        reasons=tuple(reasons),
    )


def _dated(subject: Subject) -> bool:
    """Whether the promise is a date, kept until the end of that day."""
    return subject.lever == "time" and subject.whole and subject.unit in ("days", "weeks")


def _ends(
    subject: Subject,
    promised: float,
    policy: PromisingPolicy,
    made_at: datetime,
    hours: BusinessHours | None,
    reasons: list[Reason],
    *,
    working: bool = False,
) -> tuple[float, datetime | None, bool]:
    """The promise, its last moment, and whether opening hours moved it.

    A learned length has the nights in it already, so only an end while closed is moved, to the
    next opening; one that begins and ends while closed begins at that opening. A stated one
    (``working``) counts open time.
    """
    if subject.lever != "time":
        return promised, None, False
    if _dated(subject):
        return _day_ends(subject, promised, policy, made_at, hours, reasons)
    plain = made_at + timedelta(seconds=promised * SECONDS[subject.unit])
    if hours is None or not policy.within_hours or SECONDS[subject.unit] > 3600:
        return promised, plain, False
    from_opening = working or hours.next_open(made_at) > plain  # nothing of it lies in open hours
    due_at = hours.plus(made_at, plain - made_at) if from_opening else hours.next_open(plain)
    if due_at <= plain:
        return promised, plain, False
    reasons.append(Reason("hours", "moved to when we are open"))
    return (due_at - made_at).total_seconds() / SECONDS[subject.unit], due_at, True


def _day_ends(
    subject: Subject,
    promised: float,
    policy: PromisingPolicy,
    made_at: datetime,
    hours: BusinessHours | None,
    reasons: list[Reason],
) -> tuple[float, datetime, bool]:
    times = 7 if subject.unit == "weeks" else 1
    due_at = _end_of(made_at, int(promised) * times, subject.zone)
    if hours is None or not policy.open_days:
        return promised, due_at, False
    open_day = due_at
    for _ in range(60):
        if hours.shifts_on(day_of(open_day, subject.zone)):
            break
        open_day = _end_of(open_day, 1, subject.zone)
    if open_day == due_at or not hours.shifts_on(day_of(open_day, subject.zone)):
        return promised, due_at, False
    reasons.append(Reason("open_day", "moved to the next day on which we are open"))
    days = days_between(made_at, open_day, subject.zone)
    if times == 7:  # whole weeks stay whole: the next one whose day is open is too far, keep days
        return promised, due_at, False
    return float(days), open_day, True


def _end_of(made_at: datetime, days: int, zone: str) -> datetime:
    there = plus_days(made_at, days, zone)
    return end_of_day(day_of(there, zone), zone)
