"""The moments that set plans off, and what ends them."""

from datetime import datetime

from django.utils import timezone

from overdeliver.apps.care import contents as contents
from overdeliver.apps.care import listing
from overdeliver.apps.care.models import Material, Run, Task
from overdeliver.apps.care.plans import make_starters
from overdeliver.apps.care.starting import Occasion, begin
from overdeliver.apps.care.stopping import blank_customer, stop_order
from overdeliver.apps.journal.events import Heard, listens
from overdeliver.apps.people import reads as people
from overdeliver.apps.people.card_parts import Part, gives_data, shows_part
from overdeliver.apps.promises import fates
from overdeliver.apps.promises import reads as promises


@listens("promises.order_placed", "care.begin_order")
def placed(heard: Heard) -> None:
    """An order came in: reassure; a customer's first: welcome."""
    order = promises.order(heard.reference)
    begin(Occasion("order", order.reference, order.placed_at, f"order:{order.reference}"))
    if order.customer and fates.first_order_of(order.customer.id) == order.reference:
        key = f"first:{order.customer.id}"
        begin(Occasion("first_visit", order.reference, order.placed_at, key))


@listens("promises.order_completed", "care.begin_delivery")
def completed(heard: Heard) -> None:
    """Everything ordered is there."""
    at = datetime.fromisoformat(str(heard.data["at"]))
    begin(Occasion("delivery", heard.reference, at, f"delivery:{heard.reference}"))


@listens("promises.promise_exceeded", "care.begin_exceeded")
def exceeded(heard: Heard) -> None:
    """Better than promised: one such moment for an order."""
    if heard.data.get("latest", True):
        order = str(heard.data["order"])
        begin(Occasion("exceeded", order, heard.at, f"exceeded:{order}"))


@listens("recovery.case_closed", "care.begin_recovered")
def recovered(heard: Heard) -> None:
    """A broken promise was made good; a case without an order sets nothing off."""
    if order := str(heard.data.get("order", "")):
        key = f"recovered:{heard.reference}"
        begin(Occasion("broken_and_recovered", order, timezone.now(), key))


@listens("business.business_set_up", "care.make_starters")
def set_up(heard: Heard) -> None:
    """The kind of business says which plans it begins with."""
    make_starters()


@listens("promises.order_cancelled", "care.stop_order")
def cancelled(heard: Heard) -> None:
    """The order was taken back: nothing more is sent about it."""
    stop_order(heard.reference, "cancelled")


@listens("recovery.case_opened", "care.note_complaint")
def complained(heard: Heard) -> None:
    """A complaint: the effect of plans counts it."""
    if order := str(heard.data.get("order", "")):
        Run.objects.filter(order=order, complained_at=None).update(complained_at=heard.at)


@listens("people.customer_erased", "care.blank_customer")
def erased(heard: Heard) -> None:
    """Nothing more is sent, and nothing personal is kept."""
    blank_customer(int(heard.data["customer"]), heard.reference)


@shows_part("care", place=40)
def part(customer: int) -> Part:
    """What was done for a customer, the latest first."""
    rows = listing.runs_of(customer, limit=5)
    if not rows:
        return None
    return "care/card.html", {"runs": rows, "customer": people.customer_of(customer)}


@gives_data("care")
def data(customer: int) -> object:
    """Every plan set off for a customer with steps and notes; what he is quoted with."""
    notes = {
        row.due_id: {"outcome": row.outcome, "note": row.note, "done_at": row.done_at}
        for row in Task.objects.filter(customer_id=customer)
    }
    runs = [
        {
            "plan": row.run.plan.slug,
            "order": row.run.order,
            "moment": row.run.moment_at,
            "arm": row.run.arm,
            "steps": [
                {
                    "channel": one.due.channel,
                    "text": one.due.content,
                    "at": one.due.at,
                    "state": one.due.state,
                    "reason": one.due.reason,
                    **notes.get(one.due.pk, {}),
                }
                for one in row.steps
            ],
        }
        for row in listing.runs_of(customer, limit=10_000)
    ]
    told = Material.objects.filter(customer_id=customer).order_by("pk")
    said = ("title", "text", "source", "consent", "active", "changed_at")
    return {"plans": runs, "quoted": list(told.values(*said))}
