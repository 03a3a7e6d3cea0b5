"""Whether a step goes now, waits for a person, or never goes."""

from dataclasses import dataclass
from datetime import datetime

from overdeliver.vocabulary.decisions import Decision

#: Why a step does not go, as codes; the words stand under ``care.reason``.
DROPS = ("held_out", "erased", "cancelled", "no_consent", "no_address", "off", "by_hand")
HOLDS = ("late", "too_late", "broken", "restored", "overdue", "failed")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a step that is due."""

    not_after: datetime
    reachable: bool = True  # there is an address for its channel
    agreed: bool = True  # to being reassured
    erased: bool = False
    cancelled: bool = False
    broken: bool = False  # a promise of the order stands broken and is not made good
    active: bool = True  # the plan is on
    restored: bool = False  # it was due before an old copy was brought back: it may have gone
    overdue: bool = False  # nobody was at work for longer than the grace
    released: bool = False  # a person said: send it anyway


@dataclass(frozen=True, kw_only=True)
class Going(Decision):
    """``go``, ``hold`` for a person, or ``drop``; ``reason`` is a code, empty where it goes."""

    reason: str = ""


_SAID = {
    "erased": "the customer was erased",
    "cancelled": "the order was taken back",
    "no_consent": "the customer does not want it",
    "off": "the plan is off",
    "late": "its moment has passed",
    "restored": "it was due before the data were restored: it may have gone",
    "overdue": "the worker stood still",
    "broken": "a promise of this order is broken: praise would hurt now",
    "no_address": "there is no address for this channel",
}


def may_go(facts: Facts, now: datetime, version: int) -> Going:
    """Whether a step goes now. What a person released goes late, but never against a no.

    >>> from datetime import UTC, timedelta
    >>> noon = datetime(2026, 3, 5, 12, tzinfo=UTC)
    >>> may_go(Facts(not_after=noon), noon, 1).verdict
    'go'
    >>> may_go(Facts(not_after=noon), noon + timedelta(seconds=1), 1).reason
    'late'
    """
    drops = (
        ("erased", facts.erased),
        ("cancelled", facts.cancelled),
        ("no_consent", not facts.agreed),
        ("no_address", not facts.reachable),
        ("off", not facts.active and not facts.released),
    )
    holds = (
        ("broken", facts.broken and not facts.released),
        ("restored", facts.restored and not facts.released),
        ("late", now > facts.not_after and not facts.released),
        ("overdue", facts.overdue and not facts.released),
    )
    for verdict, reasons in (("drop", drops), ("hold", holds)):
        for reason, holds_true in reasons:
            if holds_true:
                return Going(
                    verdict=verdict, because=(_SAID[reason],), policy=version, reason=reason
                )
    said = "a person said so" if facts.released else "it is due, and nothing speaks against it"
    return Going(verdict="go", because=(said,), policy=version)
