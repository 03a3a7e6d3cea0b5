"""What other systems are told: which events, in which form; references only, never a person."""

from collections.abc import Collection, Mapping
from typing import Any

from overdeliver.vocabulary.errors import InputError

#: What may be told.
EVENTS = (
    "promises.promise_made",
    "promises.promise_revised",
    "promises.promise_broken",
    "promises.promise_met",
    "promises.promise_exceeded",
    "promises.order_cancelled",
    "promises.order_completed",
    "recovery.case_opened",
    "recovery.case_closed",
    "recovery.escalated",
    "quoting.quote_accepted",
    "quoting.model_published",
    "quoting.drift_raised",
)
TEST = "overdeliver.test"
#: The fields of an event that are references; the rest is asked for through the API.
REFERENCES = ("order", "promise", "revises", "replaces", "version")


def wanted(name: str, chosen: Collection[str]) -> bool:
    """Whether an endpoint that chose some events is told this one; none chosen: all of them.

    >>> wanted("promises.promise_met", []), wanted("promises.promise_met", ["quoting.x"])
    (True, False)
    """
    return name == TEST or (name in EVENTS and (not chosen or name in chosen))


def check_events(chosen: Collection[str]) -> list[str]:
    """The events chosen, in their order. InputError: one is none that may be told."""
    if unknown := set(chosen) - set(EVENTS):
        raise InputError(f"events: {sorted(unknown)[0]!r} is none that is told")
    return [name for name in EVENTS if name in chosen]


def references(subject: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What an event's receiver is told of it.

    >>> references("promise:p-1", {"order": "o-1", "gap": 2.0})
    {'subject': 'promise:p-1', 'order': 'o-1'}
    """
    kept = {key: data[key] for key in REFERENCES if data.get(key) is not None}
    return {"subject": subject, **kept}
