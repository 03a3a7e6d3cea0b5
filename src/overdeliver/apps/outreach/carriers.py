"""Who carries the messages of a channel. Chapters above may bring their own: register in the
chapter's ``listeners`` module, which is loaded at the start.

    @carries("letter")
    def print_it(parcel: Parcel) -> Outcome: ...      # raises nothing; says what came of it

    @offers_unsubscribe
    def link(customer: int, purpose: str) -> str: ...  # an https address, RFC 8058
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from overdeliver.apps.outreach.rules.answers import Outcome


@dataclass(frozen=True)
class Parcel:
    """A message as its carrier gets it."""

    id: int
    channel: str
    purpose: str
    message_id: str
    address: str
    subject: str
    text: str
    language: str
    customer: int | None
    attempt: int
    data: Mapping[str, Any] = field(default_factory=dict)
    because: str = ""  # the key of the word that says why it was written


Carrier = Callable[[Parcel], Outcome]
Unsubscribe = Callable[[int, str], str]

_CARRIERS: dict[str, Carrier] = {}
_UNSUBSCRIBE: list[Unsubscribe] = []


def carries(channel: str) -> Callable[[Carrier], Carrier]:
    """Register who carries a channel; without one its messages are handed to a person."""

    def register(carrier: Carrier) -> Carrier:
        _CARRIERS[channel] = carrier
        return carrier

    return register


def carrier_of(channel: str) -> Carrier | None:
    """Who carries a channel, or None: a person does."""
    return _CARRIERS.get(channel)


def drop_carrier(channel: str) -> None:
    """From now on a person carries the channel."""
    _CARRIERS.pop(channel, None)


def offers_unsubscribe(link: Unsubscribe) -> Unsubscribe:
    """Register who makes the link with which a customer says no to a purpose with one click."""
    _UNSUBSCRIBE[:] = [link]
    return link


def unsubscribe_link(customer: int | None, purpose: str) -> str:
    """The link, or nothing where nobody offers one yet."""
    return _UNSUBSCRIBE[0](customer, purpose) if _UNSUBSCRIBE and customer else ""
