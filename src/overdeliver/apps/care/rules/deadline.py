"""By when to reassure: the business's own cancellations say."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.vocabulary.decisions import Decision

USUAL = 24.0
#: Cancellations later than this have other reasons than doubt.
HORIZON = 168


@dataclass(frozen=True, kw_only=True)
class Proposal(Decision):
    """``move`` the deadline to ``hours``, ``keep`` it, or ``wait`` for more cancellations."""

    hours: float
    n: int
    needed: int


def propose(hours: Sequence[float], now: float, policy: CarePolicy) -> Proposal:
    """The deadline of the first step, from the hours after which orders were taken back.

    ``now`` is the deadline in force. Only cancellations of the first week count.

    >>> propose([1.0] * 3, 24, CarePolicy()).verdict
    'wait'
    >>> propose([6.5] * 30, 24, CarePolicy()).hours
    6.0
    """
    early = sorted(hour for hour in hours if 0 <= hour <= HORIZON)
    n = len(early)

    def said(verdict: str, to: float, *because: str) -> Proposal:
        return Proposal(
            verdict=verdict,
            because=because,
            policy=policy.version,
            hours=to,
            n=n,
            needed=policy.needed,
        )

    if n < policy.needed:
        return said(
            "wait", now, f"{n} cancellations within a week of the order; {policy.needed} say more"
        )
    quantile = early[min(n - 1, int(policy.early_share * n))]
    to = min(max(1.0, float(floor(quantile))), USUAL)  # a day at most, whatever the data say
    came = f"{policy.early_share:.0%} of {n} cancellations had come"
    reason = f"{came} {quantile:.1f} hours after the order"
    return said("keep" if to == now else "move", to, reason)
