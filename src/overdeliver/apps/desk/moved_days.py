"""Promised days that end otherwise since the clocks have changed, as a line of the Today page."""

from collections.abc import Iterator

from django.urls import reverse

from overdeliver.apps.desk.rules import Fact
from overdeliver.apps.look import numbers
from overdeliver.apps.look.words import word
from overdeliver.apps.promises import moved_days as promises


def moved_days() -> Iterator[Fact]:
    """One line for all of them, the next due first on its page.

    The key of the line holds by how much: set aside, it comes back at the next change.
    """
    found = promises.moved()
    if not found:
        return
    due = found[0].row.due_at
    assert due is not None
    page, n = reverse("promises_moved"), len(found)
    yield Fact(
        "look",
        f"moved:{(found[0].ends - due).total_seconds():.0f}",
        str(word("desk.line.moved_name")),
        page,
        "desk.step.moved",
        page,
        "business:profile",
        (str(word("desk.line.moved", count=n, n=numbers.number(n))),),
        due=due,
    )
