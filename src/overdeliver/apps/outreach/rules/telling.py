"""Which events are told to the customer by mail, and in which language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from overdeliver.apps.business.rules import Policy
from overdeliver.vocabulary.decisions import Decision
from overdeliver.vocabulary.errors import InputError

#: no: nothing; draft: written, and a person sends it; yes: sent.
CHOICES = ("no", "draft", "yes")
#: Where a text is missing in a language, these are tried in turn.
FALLBACK = {
    "kk": ("kk", "ru", "en"),
    "ru": ("ru", "en"),
    "ro": ("ro", "en"),
    "pt": ("pt", "en"),
    "en": ("en",),
}


@dataclass(frozen=True, kw_only=True)
class ToldPolicy(Policy):
    """What customers are told without being asked."""

    kind: ClassVar[str] = "telling"

    promise_made: str = "no"
    status_link: str = "no"  # where an order's page is, once; the other texts hold the link too
    promise_revised: str = "yes"
    promise_broken: str = "draft"

    def __post_init__(self) -> None:
        for name in ("promise_made", "status_link", "promise_revised", "promise_broken"):
            if getattr(self, name) not in CHOICES:
                raise InputError(f"{name}: use one of {', '.join(CHOICES)}")


@dataclass(frozen=True, kw_only=True)
class Telling(Decision):
    """Whether the customer is told: ``no``, ``draft`` or ``yes``."""


def text_for(happened: str, policy: ToldPolicy) -> str:
    """Which text tells what happened; a promise that is not told itself: where its order stands.

    >>> text_for("promise_made", ToldPolicy(status_link="yes"))
    'status_link'
    >>> text_for("promise_made", ToldPolicy(status_link="yes", promise_made="draft"))
    'promise_made'
    >>> text_for("promise_made", ToldPolicy()), text_for("promise_broken", ToldPolicy())
    ('promise_made', 'promise_broken')
    """
    quiet = happened == "promise_made" and policy.promise_made == "no"
    return "status_link" if quiet and policy.status_link != "no" else happened


def tell(name: str, policy: ToldPolicy, *, address: bool, agreed: bool) -> Telling:
    """Whether an event is told to the customer.

    >>> tell("promise_revised", ToldPolicy(), address=True, agreed=True).verdict
    'yes'
    >>> tell("promise_broken", ToldPolicy(), address=False, agreed=True).because
    ('there is no mail address',)
    """
    chosen = getattr(policy, name)
    if chosen == "no":
        return _telling("no", f"{name} is not told", policy)
    if not address:
        return _telling("no", "there is no mail address", policy)
    if not agreed:
        return _telling("no", "the customer does not want to be written to", policy)
    if chosen == "draft":
        return _telling("draft", f"{name} is written and sent by a person", policy)
    return _telling("yes", f"{name} is told", policy)


def languages(own: str, here: str) -> Sequence[str]:
    """The languages a text is looked for in: the customer's, the business's, English.

    >>> languages("kk", "ro"), languages("", "pt"), languages("uk", "")
    (('kk', 'ru', 'en', 'ro'), ('pt', 'en'), ('en',))
    """
    found = [*FALLBACK.get(own, ()), *FALLBACK.get(here, ()), "en"]
    return tuple(dict.fromkeys(found))


def _telling(verdict: str, reason: str, policy: ToldPolicy) -> Telling:
    return Telling(verdict=verdict, because=(reason,), policy=policy.version)
