"""What happens to messages out. References only: no address, no text."""

from dataclasses import dataclass

from overdeliver.apps.journal.events import Event


@dataclass(frozen=True, kw_only=True)
class MessageQueued(Event):
    """A message was written and waits for its moment (``message:NUMBER``)."""

    channel: str
    purpose: str
    about: str
    draft: bool


@dataclass(frozen=True, kw_only=True)
class MessageSent(Event):
    """The other side has taken it."""

    channel: str
    about: str


@dataclass(frozen=True, kw_only=True)
class MessageHeld(Event):
    """It was not sent: a person decides. ``reason`` is a short code."""

    channel: str
    about: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class MessageFailed(Event):
    """It was given up."""

    channel: str
    about: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class MessageUnknown(Event):
    """Nobody knows whether it went out: it must not be doubled, so a person looks."""

    channel: str
    about: str


@dataclass(frozen=True, kw_only=True)
class MessageCancelled(Event):
    """It will not be sent: the address is blocked, there is no consent, or a person said so."""

    channel: str
    about: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class MessageHandled(Event):
    """A person sent it anyway, marked it as done, or took that back."""

    change: str  # released, done, undone


@dataclass(frozen=True, kw_only=True)
class MessageReturned(Event):
    """A mail came back, or its reader complained to the provider: hard, soft, complaint, other."""

    channel: str
    about: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PrintRunStarted(Event):
    """Letters are being printed (``print_run:NUMBER``)."""

    letters: int


@dataclass(frozen=True, kw_only=True)
class PrintRunUndone(Event):
    """Nothing of a print run came out: its letters wait again."""

    letters: int


@dataclass(frozen=True, kw_only=True)
class MessagesBlanked(Event):
    """What messages to an erased customer held of a person was blanked (``customer:REF``)."""

    messages: int


@dataclass(frozen=True, kw_only=True)
class TemplateChanged(Event):
    """A text of messages was changed or set back (``template:NAME``)."""

    language: str
    version: int


@dataclass(frozen=True, kw_only=True)
class AddressBlocked(Event):
    """An address must not be written to any more (``address:HASH``)."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class AddressUnblocked(Event):
    """It may be written to again."""


@dataclass(frozen=True, kw_only=True)
class EndpointAdded(Event):
    """Another system is told what happens (``endpoint:NUMBER``)."""


@dataclass(frozen=True, kw_only=True)
class EndpointChanged(Event):
    """What an endpoint is told, its secret, or whether it is told at all."""

    change: str  # events, secret, enabled, disabled, replayed
    reason: str = ""
