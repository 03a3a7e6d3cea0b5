"""Who may do what: the one place where rights are decided."""

from collections.abc import Iterable, Mapping

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
    "quoting.see": frozenset({"manager", "analyst"}),
    "quoting.write": frozenset({"manager", "agent"}),
    "quoting.publish": frozenset({"manager"}),
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
