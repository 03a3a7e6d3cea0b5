"""When a message may go: not before its moment, not after it, not while people sleep."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import ClassVar, Literal

from overdeliver.apps.business.rules import Policy
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.hours import BusinessHours
from overdeliver.vocabulary.moments import at_wall, zone_named


@dataclass(frozen=True, kw_only=True)
class OutboxPolicy(Policy):
    """When messages rest. Hours are wall clocks of the customer's zone, from 0 to 24."""

    kind: ClassVar[str] = "outbox"

    quiet_from: float = 21.0  # from then on nobody is written to ...
    quiet_to: float = 8.0  # ... until then; the same as above: no quiet hours
    quiet_purposes: tuple[str, ...] = ("reassurance", "asking", "marketing", "stories")
    grace_hours: float = 6.0  # what is overdue by more waits for a person: after an outage

    def __post_init__(self) -> None:
        for name in ("quiet_from", "quiet_to"):
            if not 0 <= getattr(self, name) <= 24:
                raise InputError(f"{name}: {getattr(self, name):g} must lie between 0 and 24")
        if not 0.25 <= self.grace_hours <= 168:
            raise InputError("grace_hours: must lie between 0.25 and 168")

    def rests(self, purpose: str) -> bool:
        """Whether messages of a purpose keep the quiet hours."""
        return self.quiet_from != self.quiet_to and purpose in self.quiet_purposes


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A message that is due, as far as time is concerned."""

    next_at: datetime
    not_after: datetime | None
    zone: str  # whose quiet hours count; empty: none
    released: bool  # a person said: send it anyway
    patient: bool = False  # late does no harm: to a program, or a link that ends by itself


@dataclass(frozen=True)
class Turn:
    """Whether it goes now, later, or not by itself, and why."""

    what: Literal["go", "later", "hold"]
    at: datetime | None = None
    reason: str = ""


def turn(
    message: Waiting, now: datetime, policy: OutboxPolicy, restored_at: datetime | None = None
) -> Turn:
    """What becomes of a message that is due now.

    Too late, or overdue beyond the grace (the worker stood still, or an old copy was started), or
    due before a copy was restored (it may have gone out since the copy was made): held for a
    person. In quiet hours: later. What a person released goes.
    """
    if message.released:
        return Turn("go")
    if message.not_after is not None and now > message.not_after:
        return Turn("hold", reason="late")
    if restored_at is not None and message.next_at <= restored_at:
        return Turn("hold", reason="restored")
    if not message.patient and now - message.next_at > timedelta(hours=policy.grace_hours):
        return Turn("hold", reason="overdue")
    awake = after_quiet(now, message.zone, policy) if message.zone else now
    if awake <= now:
        return Turn("go")
    if message.not_after is not None and awake > message.not_after:
        return Turn("hold", reason="late")
    return Turn("later", at=awake)


def after_quiet(moment: datetime, zone: str, policy: OutboxPolicy) -> datetime:
    """The moment itself, or the end of the quiet hours it falls into, by the zone's wall clock.

    >>> from datetime import UTC
    >>> late = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)  # 00:30 in Bucharest; at 3 the clocks jump
    >>> after_quiet(late, "Europe/Bucharest", OutboxPolicy()).isoformat()
    '2026-03-29T08:00:00+03:00'
    """
    start, end = _clock(policy.quiet_from), _clock(policy.quiet_to)
    if start == end:
        return moment
    wall = moment.astimezone(zone_named(zone)).replace(tzinfo=None)
    at = wall.time()
    if start < end:
        quiet, day = start <= at < end, wall.date()
    else:
        quiet = at >= start or at < end
        day = wall.date() + timedelta(days=1) if at >= start else wall.date()
    return at_wall(datetime.combine(day, end), zone) if quiet else moment


def when_open(moment: datetime, hours: BusinessHours | None) -> datetime:
    """The moment itself while the business is open, else its next opening; it never opens: itself.

    For what asks for an answer: a call, a message that will be replied to.
    """
    if hours is None:
        return moment
    try:
        return hours.next_open(moment)
    except InputError:
        return moment


def _clock(hour: float) -> time:
    minutes = round(hour * 60) % (24 * 60)
    return time(minutes // 60, minutes % 60)
