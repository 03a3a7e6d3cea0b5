"""Whether one more apology helps, and what may be offered instead."""

from dataclasses import dataclass

from overdeliver.apps.recovery.rules.policies import REMEDIES, RemedyPolicy
from overdeliver.vocabulary.decisions import Decision
from overdeliver.vocabulary.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Apology(Decision):
    """``apologise``, or ``remedy``: apologies are used up and something must come with it."""


def apology(before: int, policy: RemedyPolicy, *, remedy: str) -> Apology:
    """Whether the customer is apologised to, who heard ``before`` apologies within the window.

    ``remedy``: what comes with it; "apology" or empty is nothing. InputError: no such remedy.

    >>> apology(0, RemedyPolicy(), remedy="").verdict, apology(2, RemedyPolicy(), remedy="").verdict
    ('apologise', 'remedy')
    >>> apology(2, RemedyPolicy(), remedy="refund").verdict
    'apologise'
    """
    if remedy and remedy not in REMEDIES:
        raise InputError(f"remedy: use one of {', '.join(REMEDIES)}")
    used = f"{before} apologies within {policy.apology_days} days, {policy.most_apologies} at most"
    if before < policy.most_apologies:
        return Apology(verdict="apologise", because=(used,), policy=policy.version)
    if remedy in ("", "apology"):
        more = "one more apology would do harm: offer a refund, a credit, or to do it again"
        return Apology(verdict="remedy", because=(used, more), policy=policy.version)
    came = f"a {remedy} comes with it"
    return Apology(verdict="apologise", because=(used, came), policy=policy.version)


def check_choice(remedy: str, policy: RemedyPolicy) -> str:
    """A remedy the customer chose. InputError: it is not offered.

    >>> check_choice("redo", RemedyPolicy(offered=("redo",)))
    'redo'
    """
    if remedy not in policy.offered:
        raise InputError("choice: that is not offered")
    return remedy
