"""What happens to customers and staff. References only: nothing personal."""

from dataclasses import dataclass

from overdeliver.apps.journal.events import Event

#: The subject of everything that went because its time was over, beside that of the policy itself:
#: its page in the journal is the report of what was removed.
RETENTION = "policy:retention"


@dataclass(frozen=True, kw_only=True)
class CustomerChanged(Event):
    """Somebody changed a customer's details by hand; ``fields`` says which."""

    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ConsentGiven(Event):
    """A customer said yes to a purpose."""

    purpose: str


@dataclass(frozen=True, kw_only=True)
class ConsentWithdrawn(Event):
    """A customer said no to a purpose."""

    purpose: str


@dataclass(frozen=True, kw_only=True)
class CustomerErased(Event):
    """A person's data were erased; whoever holds more of them blanks it (``customer``: the id)."""

    customer: int
    because: str  # asked, retention, restored


@dataclass(frozen=True, kw_only=True)
class CustomerExported(Event):
    """A person's data were handed out."""


@dataclass(frozen=True, kw_only=True)
class StaffInvited(Event):
    """A link to join was made."""

    role: str


@dataclass(frozen=True, kw_only=True)
class StaffJoined(Event):
    """Somebody became a member of staff."""

    role: str


@dataclass(frozen=True, kw_only=True)
class StaffChanged(Event):
    """Role, team or name of a member of staff changed; ``role`` is the one he has now."""

    fields: tuple[str, ...]
    role: str


@dataclass(frozen=True, kw_only=True)
class StaffDeactivated(Event):
    """A member of staff may sign in no longer."""


@dataclass(frozen=True, kw_only=True)
class StaffReactivated(Event):
    """A member of staff may sign in again."""


@dataclass(frozen=True, kw_only=True)
class PasswordLinkMade(Event):
    """A link was made with which a member of staff chooses a new password.

    ``link`` is its number, never the link itself; ``asked``: he said that he forgot the old one.
    """

    link: int
    asked: bool


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Event):
    """A member of staff chose a new password; his sessions ended."""


@dataclass(frozen=True, kw_only=True)
class SignedOutEverywhere(Event):
    """All sessions of a member of staff ended."""


@dataclass(frozen=True, kw_only=True)
class KeyMade(Event):
    """A key for programs was made."""

    rights: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class KeyRevoked(Event):
    """A key for programs works no longer."""
