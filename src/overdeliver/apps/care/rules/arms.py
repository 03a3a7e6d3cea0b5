"""Who is held out of a plan: by chance, but the same chance for the same customer every time."""

from dataclasses import dataclass
from hashlib import sha256

from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.vocabulary.decisions import Decision

ARMS = ("treated", "held_out")


@dataclass(frozen=True, kw_only=True)
class Arm(Decision):
    """``treated`` or ``held_out``."""


def arm(plan: str, customer: str, policy: CarePolicy) -> Arm:
    """The arm of a customer (a reference) in a plan.

    The lot is drawn by a hash of plan, customer and the policy's salt: nobody can choose it, and it
    comes out the same for every order of the customer while the policy stays.

    >>> arm("order", "c-1", CarePolicy(held_out=0)).verdict
    'treated'
    """
    lot = _lot(f"{policy.salt}\n{plan}\n{customer}")
    out = lot < policy.held_out
    reason = "the lot fell on those held out" if out else "the lot fell on those cared for"
    share = f"{policy.held_out:.0%} of customers are held out to know what the plan does"
    return Arm(
        verdict="held_out" if out else "treated", because=(reason, share), policy=policy.version
    )


def _lot(text: str) -> float:
    """Between 0 and 1, evenly."""
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big") / 2**64
