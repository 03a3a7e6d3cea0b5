"""What a call says has happened, in words every sender shares."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from overdeliver.vocabulary.errors import InputError


@dataclass(frozen=True)
class OrderSeen:
    """An order as it was placed; ``method`` is its shipping method."""

    reference: str
    placed_at: datetime
    customer: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    amount: Decimal | None = None
    currency: str = ""
    channel: str = ""
    segment: str = ""
    team: str = ""
    service: str = ""
    method: str = ""
    features: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None  # promised by the sender itself
    promised: float | None = None


@dataclass(frozen=True)
class Happened:
    """What was promised has come: ``how`` is shipped or delivered."""

    reference: str
    at: datetime
    how: str


@dataclass(frozen=True)
class TakenBack:
    """The order was cancelled."""

    reference: str
    at: datetime


@dataclass(frozen=True)
class Refunded:
    """Money went back; the promise is scored as it was kept."""

    reference: str
    at: datetime


@dataclass(frozen=True)
class DataAsked:
    """A person wants to know what is held of him: article 15 of the GDPR."""

    reference: str


@dataclass(frozen=True)
class ToErase:
    """A person's data are to be erased, under every reference he may have: article 17."""

    references: tuple[str, ...]


@dataclass(frozen=True)
class ShopGone:
    """The shop has taken the connection away and wants everything of it forgotten."""


Change = OrderSeen | Happened | TakenBack | Refunded | DataAsked | ToErase | ShopGone
#: What says who somebody is and nothing else: not kept once it is done.
PRIVATE = (DataAsked, ToErase, ShopGone)


@dataclass(frozen=True)
class Reading:
    """A call understood: its changes, and about which order; ``known`` is false for topics that
    nobody here reads."""

    changes: tuple[Change, ...] = ()
    subject: str = ""
    known: bool = True


def moment(value: Any, *, utc: bool = False) -> datetime | None:
    """A moment as the shops write them; None for none. InputError: no moment, or without zone.

    ``utc``: a clock without zone is universal.
    """
    if not value:
        return None
    try:
        found = datetime.fromisoformat(str(value).strip().replace("Z", "+00:00"))
    except ValueError:
        raise InputError(f"moment {str(value)[:40]!r}: write it in ISO 8601") from None
    if found.tzinfo is None:
        if not utc:
            raise InputError(f"moment {str(value)[:40]!r}: it says no zone")
        found = found.replace(tzinfo=UTC)
    return found


def needed(value: Any, name: str) -> datetime:
    """A moment that has to be there. InputError: it is not."""
    found = moment(value, utc=True)
    if found is None:
        raise InputError(f"{name}: no moment given")
    return found


def money(value: Any) -> Decimal | None:
    """An amount as text or number; None for none. InputError: it is no amount."""
    if value in (None, ""):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise InputError(f"amount {str(value)[:40]!r}: a number is needed") from None


def part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object inside an object; empty where there is none."""
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}


def listed(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of objects inside an object; empty where there is none."""
    found = data.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def text(value: Any, longest: int = 200) -> str:
    """A text that fits; empty for what is none."""
    return str(value)[:longest] if isinstance(value, str | int) and value != "" else ""


def guest(email: str) -> str:
    """The reference of somebody of whom only the mail is known, which the reference hides."""
    plain = email.strip().casefold()
    return f"guest-{hashlib.sha256(plain.encode()).hexdigest()[:20]}" if plain else ""
