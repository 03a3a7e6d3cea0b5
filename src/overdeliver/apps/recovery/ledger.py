"""The first answer as a promise in the ledger, on an order of its own that is no purchase."""

from datetime import datetime

from overdeliver.apps.people import reads as people
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises.rules import NO_PURCHASE
from overdeliver.apps.recovery.models import Case


def reference_of(number: int) -> str:
    """How the ledger calls a complaint's order and promise.

    >>> reference_of(17)
    'case-17'
    """
    return f"case-{number}"


def promise_answer(row: Case) -> str:
    """Write the promise of the first answer down; a second time changes nothing."""
    name = reference_of(row.pk)
    order = promises.place_order(
        name,
        placed_at=row.received_at,
        customer=people.customer_of(row.customer_id).reference if row.customer_id else "",
        channel=NO_PURCHASE,
    )
    return promises.make_promise(
        order,
        lever="time",
        unit="hours",
        due_at=row.answer_by,
        made_at=row.received_at,
        reference=name,
        source="standard",
    )


def answered(row: Case, at: datetime) -> str:
    """The first answer went out; returns the verdict. A second time changes nothing."""
    promise_answer(row)
    return promises.record_outcome(reference_of(row.pk), happened_at=at, key=reference_of(row.pk))
