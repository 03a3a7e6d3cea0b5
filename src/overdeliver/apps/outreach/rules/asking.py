"""How often one person is written to: one cooldown over every kind of ask, so many mails a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from overdeliver.apps.business.rules import Policy
from overdeliver.vocabulary.errors import InputError

#: What the daily limit leaves alone: what belongs to an order of one's own, and staff.
NEEDED = ("service", "staff")
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class AskingPolicy(Policy):
    """Asking is not free: it changes what people think and buy (Dholakia & Morwitz 2002)."""

    kind: ClassVar[str] = "asking"

    cooldown_days: int = 30  # after any ask nobody is asked anything for so long; 0: no cooldown
    most_a_day: int = 2  # messages to one person in 24 hours, those about his order left aside

    def __post_init__(self) -> None:
        if not 0 <= self.cooldown_days <= 365:
            raise InputError("cooldown_days: must lie between 0 and 365")
        if not 1 <= self.most_a_day <= 50:
            raise InputError("most_a_day: must lie between 1 and 50")


def asked_enough(last: datetime | None, now: datetime, policy: AskingPolicy) -> bool:
    """Whether somebody last asked at ``last`` (None: never) must not be asked again yet.

    >>> from datetime import UTC
    >>> now = datetime(2026, 3, 31, tzinfo=UTC)
    >>> [asked_enough(now - timedelta(days=n), now, AskingPolicy()) for n in (29, 30)]
    [True, False]
    """
    return last is not None and now - last < timedelta(days=policy.cooldown_days)


def room_at(sent: Sequence[datetime], now: datetime, policy: AskingPolicy) -> datetime:
    """When somebody who got messages at ``sent`` (any order) may get one more: now, or later.

    >>> from datetime import UTC
    >>> now = datetime(2026, 3, 31, 12, tzinfo=UTC)
    >>> hours = [now - timedelta(hours=n) for n in (1, 5, 30)]
    >>> room_at(hours, now, AskingPolicy()).isoformat()
    '2026-04-01T07:00:00+00:00'
    >>> room_at(hours[1:], now, AskingPolicy()) == now
    True
    """
    recent = sorted(moment for moment in sent if now - moment < _DAY)
    if len(recent) < policy.most_a_day:
        return now
    return recent[-policy.most_a_day] + _DAY
