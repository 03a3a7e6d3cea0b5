"""Whom to ask one question, when, and who is left unasked to see what asking does."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from overdeliver.apps.business.rules import Policy
from overdeliver.vocabulary.decisions import Decision
from overdeliver.vocabulary.errors import InputError

#: Kind -> worst and best answer, and from where an answer counts as good.
QUESTIONS = {"nps": (0, 10, 9), "csat": (1, 5, 4), "ces": (1, 7, 5)}
#: A link to a question works for so long.
OPEN = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class SurveyPolicy(Policy):
    """One question after an order. Never "what do you expect?": that lowers what comes after
    (Ofir & Simonson 2007); and some are never asked, because asking is a treatment."""

    kind: ClassVar[str] = "surveys"

    on: bool = False
    question: str = "nps"  # nps, csat, ces
    hours_after: float = 48.0  # after the order is complete
    control_share: float = 0.1  # never asked

    def __post_init__(self) -> None:
        if self.question not in QUESTIONS:
            raise InputError(f"question: use one of {', '.join(QUESTIONS)}")
        if not 0 <= self.hours_after <= 24 * 60:
            raise InputError("hours_after: must lie between 0 and 1440")
        if not 0 <= self.control_share <= 0.9:
            raise InputError("control_share: must lie between 0 and 0.9")

    @property
    def wait(self) -> timedelta:
        """How long after the order is complete the question goes out."""
        return timedelta(hours=self.hours_after)


@dataclass(frozen=True, kw_only=True)
class Asking(Decision):
    """Whether a customer is asked (``asked``, ``control``) or the order is left alone (``no``)."""


def ask(customer: int | None, policy: SurveyPolicy, secret: str) -> Asking:
    """Whether the customer of a complete order is asked; the same customer always the same way.

    >>> ask(7, SurveyPolicy(), "s").verdict, ask(None, SurveyPolicy(on=True), "s").verdict
    ('no', 'no')
    >>> arms = [ask(n, SurveyPolicy(on=True, control_share=0.2), "s").verdict for n in range(2000)]
    >>> 0.17 < arms.count("control") / 2000 < 0.23
    True
    """
    if not policy.on:
        return _asking("no", "nobody is asked: the policy is off", policy)
    if customer is None:
        return _asking("no", "the order has no customer", policy)
    if _place(customer, secret) < policy.control_share:
        return _asking("control", "one of those who are never asked", policy)
    return _asking("asked", f"asked {policy.hours_after:g} hours after the order", policy)


def _place(customer: int, secret: str) -> float:
    """A place in [0, 1) that is the customer's own for ever, and that nobody can foresee."""
    digest = hashlib.sha256(f"{secret}:asking:{customer}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _asking(verdict: str, because: str, policy: SurveyPolicy) -> Asking:
    return Asking(verdict=verdict, because=(because,), policy=policy.version)
