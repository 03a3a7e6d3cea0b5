"""What other chapters may know of care."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from overdeliver.apps.care import listing
from overdeliver.apps.care.models import Due
from overdeliver.apps.people import reads as people

#: A step held for longer is no longer for today.
_LATELY = timedelta(days=7)


@dataclass(frozen=True)
class Needed:
    """Something of care that needs a person: a call, a thank-you, or a step that was held."""

    kind: str  # call, thanks, held
    id: int  # of the task, or of the step
    name: str  # of the customer, else the order
    order: str
    due_at: datetime
    reason: str = ""  # a code, of a held step


def needs_person(now: datetime, limit: int = 200) -> list[Needed]:
    """Calls and thank-yous that are due, and steps that wait for a person, the first due first."""
    tasks = list(listing.open_tasks(now)[:limit])
    held = Due.objects.filter(state="held", at__gte=now - _LATELY).select_related("run")
    steps = list(held.order_by("at")[:limit])
    ids = [task.customer_id for task in tasks] + [step.run.customer_id for step in steps]
    cards = people.customers_of([one for one in ids if one])

    def name(customer: int | None, order: str) -> str:
        card = cards.get(customer or 0)
        return card.shown if card else order

    found = [
        Needed(task.kind, task.pk, name(task.customer_id, task.order), task.order, task.due_at)
        for task in tasks
    ]
    found += [
        Needed(
            "held",
            step.pk,
            name(step.run.customer_id, step.run.order),
            step.run.order,
            step.at,
            step.reason,
        )
        for step in steps
    ]
    return sorted(found, key=lambda one: one.due_at)[:limit]
