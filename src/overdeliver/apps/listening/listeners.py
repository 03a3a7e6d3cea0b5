"""What this chapter does when something happens below."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from django.db.models import Max

from overdeliver.apps.journal.events import Heard, listens
from overdeliver.apps.listening import reads
from overdeliver.apps.listening.models import Feedback
from overdeliver.apps.people.card_parts import gives_data, knows_last_seen


@listens("people.customer_erased", "listening.blank_texts")
def blank(heard: Heard) -> None:
    """An erased customer's words are gone; the scores stay."""
    said = Feedback.objects.filter(customer_id=int(heard.data["customer"]))
    said.exclude(text="").update(text="")


@gives_data("feedback")
def data(customer: int) -> object:
    """Everything a customer said."""
    return [asdict(one) for one in reads.said_of_customer(customer, limit=100_000)]


@knows_last_seen("feedback")
def seen(customers: Sequence[int]) -> Mapping[int, datetime]:
    """When each customer last said something."""
    rows = Feedback.objects.filter(customer_id__in=customers).values_list("customer_id")
    return {pk: at for pk, at in rows.annotate(at=Max("at")) if pk is not None}
