"""What other chapters show on a customer's card, hand out with a person's data, and know of when
a customer was last seen. They stand above this chapter, so they register here, in their
``listeners`` module (it is loaded at the start):

    from overdeliver.apps.people.card_parts import gives_data, knows_last_seen, shows_part

    @shows_part("promises", place=10)
    def part(customer: int) -> Part: ...          # a template and its context, or None

    @gives_data("promises")
    def data(customer: int) -> object: ...        # JSON values: articles 15 and 20 of the GDPR

    @knows_last_seen("promises")
    def seen(customers: Sequence[int]) -> Mapping[int, datetime]: ...
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from overdeliver.apps.journal.events import plain

#: A template below the chapter's folder, and what it needs; None: nothing to show.
Part = tuple[str, dict[str, Any]] | None
Shows = Callable[[int], Part]
Gives = Callable[[int], object]
Sees = Callable[[Sequence[int]], Mapping[int, datetime]]

_PARTS: dict[str, tuple[int, Shows]] = {}
_DATA: dict[str, Gives] = {}
_SEEN: dict[str, Sees] = {}


def shows_part(name: str, *, place: int = 100) -> Callable[[Shows], Shows]:
    """Register a part of the card; lower places stand higher. Once per name."""

    def register(part: Shows) -> Shows:
        _PARTS[name] = (place, part)
        return part

    return register


def gives_data(name: str) -> Callable[[Gives], Gives]:
    """Register what a chapter holds about a customer, as JSON values, under a name of its own."""

    def register(data: Gives) -> Gives:
        _DATA[name] = data
        return data

    return register


def knows_last_seen(name: str) -> Callable[[Sees], Sees]:
    """Register when customers were last seen (orders, answers): retention counts from there."""

    def register(seen: Sees) -> Sees:
        _SEEN[name] = seen
        return seen

    return register


def parts_of(customer: int) -> list[tuple[str, dict[str, Any]]]:
    """The card's parts for a customer's id, in their order."""
    made = (part(customer) for _, part in sorted(_PARTS.values(), key=lambda one: one[0]))
    return [part for part in made if part is not None]


def data_of(customer: int) -> dict[str, Any]:
    """What every chapter above holds about a customer's id, as JSON values."""
    return {name: plain(data(customer)) for name, data in sorted(_DATA.items())}


def last_seen(customers: Sequence[int]) -> dict[int, datetime]:
    """The latest moment any chapter knows of, for those of these ids that it knows."""
    latest: dict[int, datetime] = {}
    for seen in _SEEN.values():
        for customer, at in seen(customers).items():
            latest[customer] = max(at, latest.get(customer, at))
    return latest
