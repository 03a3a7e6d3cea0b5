"""Who may do what: the one place where rights are decided. And what customers agree to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from overdeliver.apps.business.rules import Policy
from overdeliver.vocabulary.errors import InputError

#: From the one who may do everything to the one who looks at figures.
ROLES: tuple[str, ...] = ("owner", "manager", "agent", "analyst")

#: Every right there is, with the roles that have it besides the owner, who has all.
RIGHTS: Mapping[str, frozenset[str]] = {
    "today.see": frozenset({"manager", "agent", "analyst"}),
    "today.act": frozenset({"manager", "agent"}),
    "promises.see": frozenset({"manager", "agent", "analyst"}),
    "promises.write": frozenset({"manager", "agent"}),
    "figures.see": frozenset({"manager", "analyst"}),
    "customers.see": frozenset({"manager", "agent", "analyst"}),
    "customers.write": frozenset({"manager", "agent"}),
    "customers.export": frozenset({"manager"}),
    "customers.erase": frozenset(),
    "cases.see": frozenset({"manager", "agent", "analyst"}),
    "cases.write": frozenset({"manager", "agent"}),
    "cases.manage": frozenset({"manager"}),
    "quoting.see": frozenset({"manager", "analyst"}),
    "quoting.write": frozenset({"manager", "agent"}),
    "quoting.publish": frozenset({"manager"}),
    "care.see": frozenset({"manager", "agent", "analyst"}),
    "care.write": frozenset({"manager", "agent"}),
    "care.manage": frozenset({"manager"}),
    "imports.see": frozenset({"manager", "analyst"}),
    "imports.write": frozenset({"manager"}),
    "journal.see": frozenset({"manager", "analyst", "agent"}),
    "settings.see": frozenset({"manager"}),
    "settings.write": frozenset({"manager"}),
    "people.manage": frozenset(),
    "keys.manage": frozenset(),
    "own.account": frozenset({"manager", "agent", "analyst"}),
}
#: What a key for programs may be given.
KEY_RIGHTS: tuple[str, ...] = (
    "promises.see",
    "promises.write",
    "customers.see",
    "customers.write",
    "quoting.see",
    "quoting.write",
    "figures.see",
    "journal.see",
    "imports.write",
    "care.see",
    "care.write",
    "cases.see",
    "cases.write",
)


def rights_of_role(role: str) -> frozenset[str]:
    """Every right of a role.

    >>> "customers.erase" in rights_of_role("owner"), "settings.see" in rights_of_role("agent")
    (True, False)
    """
    return frozenset(right for right, roles in RIGHTS.items() if role == "owner" or role in roles)


def rights_of_key(given: Iterable[str]) -> frozenset[str]:
    """The rights of a key: what it was given, as far as keys may have it."""
    return frozenset(given) & frozenset(KEY_RIGHTS)


#: What customers may agree to, and what holds while nothing was said: messages about an order of
#: one's own come with the order, everything else waits for a yes.
PURPOSES: Mapping[str, bool] = {
    "service": True,
    "reassurance": True,
    "asking": False,
    "marketing": False,
    "stories": False,  # being quoted as a testimonial
    "storage": True,  # keeping what goes beyond the order: needs, notes, preferences
}


def agreed(purpose: str, said: bool | None) -> bool:
    """Whether a purpose is allowed, given the latest yes or no (None: nothing was said).

    InputError: no such purpose.

    >>> agreed("service", None), agreed("marketing", None), agreed("service", False)
    (True, False, False)
    """
    if purpose not in PURPOSES:
        raise InputError(f"purpose {purpose!r}: use one of {', '.join(PURPOSES)}")
    return PURPOSES[purpose] if said is None else said


@dataclass(frozen=True, kw_only=True)
class SigningPolicy(Policy):
    """How staff sign in."""

    kind: ClassVar[str] = "signing"

    second_factor_for: tuple[str, ...] = ()  # roles that see nothing without a second factor
    invitation_days: int = 3  # a link to join works for so long
    password_link_hours: int = 1

    def __post_init__(self) -> None:
        if unknown := set(self.second_factor_for) - set(ROLES):
            raise InputError(f"second_factor_for: {sorted(unknown)[0]!r} is no role")
        if not 1 <= self.invitation_days <= 60:
            raise InputError(f"invitation_days: {self.invitation_days} must lie between 1 and 60")
        if not 1 <= self.password_link_hours <= 168:
            raise InputError("password_link_hours: must lie between 1 and 168")


@dataclass(frozen=True, kw_only=True)
class RetentionPolicy(Policy):
    """How long people's data are kept; 0 months is for ever."""

    kind: ClassVar[str] = "retention"

    customers_months: int = 0  # after the last thing that happened with a customer
    quotes_days: int = 180  # after a quote that nobody accepted ran out; 0 days is for ever
    uploads_days: int = 180  # after the last step of an import; its report stays
    calls_days: int = 30  # what a shop's call said, after it came
    links_days: int = 90  # the page of an order or a complaint, after nothing of it is open

    def __post_init__(self) -> None:
        for name in ("quotes_days", "uploads_days", "calls_days", "links_days"):
            if not 0 <= getattr(self, name) <= 3650:
                raise InputError(f"{name}: must lie between 0 (for ever) and 3650")
        if not 0 <= self.customers_months <= 600:
            raise InputError("customers_months: must lie between 0 (for ever) and 600")
