"""The moments that set plans off, and what ends them."""

from datetime import datetime

from django.utils import timezone

from overdeliver.apps.care import contents as contents
from overdeliver.apps.care.plans import make_starters
from overdeliver.apps.care.starting import Occasion, begin
from overdeliver.apps.journal.events import Heard, listens
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
