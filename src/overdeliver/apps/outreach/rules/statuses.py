"""The statuses of a message and the ways between them."""

from collections.abc import Mapping

from overdeliver.apps.outreach.rules.channels import CHANNELS
from overdeliver.vocabulary.errors import Conflict

#: queued waits for its moment; leased is being sent by a worker; held, unknown and failed wait for
#: a person: its moment passed or it must not go by itself; it may have gone out; it was given up.
WAYS: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"leased", "held", "cancelled"}),
    "leased": frozenset({"sent", "queued", "held", "failed", "unknown", "cancelled"}),
    "held": frozenset({"queued", "sent", "cancelled", "unknown"}),  # unknown: being printed
    "failed": frozenset({"queued", "sent", "cancelled"}),
    "unknown": frozenset({"queued", "sent", "cancelled", "held"}),
    "sent": frozenset(),
    "cancelled": frozenset(),
}
STATUSES = tuple(WAYS)
#: Those that wait for a person.
WAITING = ("held", "unknown", "failed")

#: What a person may do, and the status it leads to.
ACTS: Mapping[str, str] = {"release": "queued", "cancel": "cancelled", "done": "sent"}


def sources(goal: str) -> list[str]:
    """The statuses from which one may be reached.

    >>> sources("unknown")
    ['leased', 'held']
    """
    return [status for status, goals in WAYS.items() if goal in goals]


def acts(status: str, channel: str) -> list[str]:
    """What a person may do with a message.

    >>> acts("held", "mail"), acts("queued", "mail"), acts("sent", "mail")
    (['release', 'done', 'cancel'], ['cancel'], [])
    >>> acts("held", "letter")
    ['done', 'cancel']
    """
    if status in WAITING:
        return ["release", "done", "cancel"] if CHANNELS[channel].by_itself else ["done", "cancel"]
    return ["cancel"] if status == "queued" else []


def check_act(act: str, status: str, channel: str) -> str:
    """The status an act leads to. Conflict: a message of this status cannot be treated so."""
    if act not in acts(status, channel):
        raise Conflict(f"message: it is {status}; {act} is not possible")
    return ACTS[act]


def way_back(was: str, status: str) -> str:
    """The status before a person acted. Conflict: there is nothing to take back any more.

    >>> way_back("held", "cancelled")
    'held'
    """
    if not was or status not in ACTS.values():
        raise Conflict("message: there is nothing to take back any more")
    return was
