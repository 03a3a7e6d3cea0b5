"""What this chapter does when something happens below."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Max

from overdeliver.apps.journal.events import Heard, listens
from overdeliver.apps.listening import asking, reads
from overdeliver.apps.listening.models import Feedback
from overdeliver.apps.listening.reads import of_customer
from overdeliver.apps.listening.rules import QUESTIONS
from overdeliver.apps.outreach.texts import declare
from overdeliver.apps.people.card_parts import gives_data, knows_last_seen

#: An order that was complete earlier was brought in later: its customer is not asked.
_RECENT = timedelta(days=3)
_LETTERS = Path(__file__).parent / "letters"
for _question in QUESTIONS:
    declare(
        f"question_{_question}",
        "asking",
        ("order.reference", "question.link"),
        links=("question.link",),
        folder=_LETTERS,
    )


@listens("promises.order_completed", "listening.plan_question")
def plan(heard: Heard) -> None:
    """Whether its customer is asked, unless the order was completed long ago."""
    at = datetime.fromisoformat(str(heard.data["at"]))
    if heard.at - at < _RECENT:
        asking.plan(heard.reference, at, heard.id)


@listens("people.customer_erased", "listening.blank_texts")
def blank(heard: Heard) -> None:
    """An erased customer's words are gone; the scores stay."""
    said = Feedback.objects.filter(of_customer(int(heard.data["customer"])))
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
