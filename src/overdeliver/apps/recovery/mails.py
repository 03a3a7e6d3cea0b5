"""What a customer is written to about his complaint."""

from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from overdeliver.apps.business import reads as business
from overdeliver.apps.look.numbers import moment
from overdeliver.apps.look.words import word
from overdeliver.apps.outreach import texts
from overdeliver.apps.outreach.actions import Draft, enqueue
from overdeliver.apps.outreach.reads import takes_mail
from overdeliver.apps.outreach.rules.filling import fill, one_line
from overdeliver.apps.outreach.writing import Occasion, enqueue_template
from overdeliver.apps.people import reads as people
from overdeliver.apps.recovery.models import Case
from overdeliver.apps.recovery.reads import CaseCard
from overdeliver.apps.recovery.rules.complaint import mail_of
from overdeliver.vocabulary.moments import zone_named

_FOLDER = Path(__file__).parent / "letters"
_CASE = ("case.number", "case.link")
_BODY = "\ue000"  # stands for the answer until everything else is filled in

texts.declare(
    "case_received",
    "service",
    (*_CASE, "case.answer_by"),
    links=("case.link",),
    folder=_FOLDER,
)
texts.declare(
    "case_answer", "service", (*_CASE, "answer.text"), links=("case.link",), folder=_FOLDER
)
texts.declare("case_judge", "service", _CASE, links=("case.link",), folder=_FOLDER)
texts.declare("case_review", "asking", ("review.places",), links=("review.places",), folder=_FOLDER)


def link_of(token: str) -> str:
    """The address of the customer's own page of a complaint."""
    return f"{settings.PUBLIC_URL}{reverse('complaint', args=[token])}"


def address_of(row: Case) -> str:
    """Where the customer is written to: as he said, else as he is known; empty: nowhere."""
    card = people.customer_of(row.customer_id) if row.customer_id else None
    return _address(row.contact, card)


def address_known(card: CaseCard) -> str:
    """The same for a card."""
    return _address(card.contact, card.customer)


def _address(contact: str, customer: people.CustomerCard | None) -> str:
    """What cannot be written to is none: then the answer stands on his page, and somebody calls."""
    found = mail_of(contact) or (customer.email if customer else "")
    return found if takes_mail(found) else ""


def say_received(row: Case, cause: int) -> int:
    """Tell the customer that it came in and when he is answered; 0: there is no address."""
    return _template("case_received", f"case-received:{row.pk}", row, cause)


def ask_to_judge(row: Case) -> int:
    """Ask the customer to judge again; 0: there is no address."""
    return _template("case_judge", f"case-judge:{row.pk}:{row.steps}", row, None)


def ask_for_review(row: Case, places: tuple[str, ...], cause: int) -> int:
    """The same neutral words to everybody; 0: there is no address."""
    values = {"review.places": "  ".join(places)}
    return _template("case_review", f"case-review:{row.pk}", row, cause, values)


def send_answer(row: Case, words: str, step: str) -> int:
    """Send what was written as it was written, in its paragraphs; 0: there is no address."""
    address = address_of(row)
    if not address:
        return 0
    here = business.business()
    wording = texts.chosen("case_answer", _tongue(row), here.language if here else "")
    with translation.override(wording.language):
        values = {**_values(row), "greeting": _greeting(row), "answer.text": _BODY}
        text = fill(wording.text, values, ("case.link",)).replace(_BODY, words)
    return enqueue(
        Draft(
            key=f"case-{step}:{row.pk}:{row.steps}",
            channel="mail",
            purpose="service",
            because="recovery.because.case_answer",
            address=address,
            customer=row.customer_id,
            subject=one_line(fill(wording.subject, values)),
            text=text,
            about=f"case:{row.pk}",
            template="case_answer",
            language=wording.language,
        )
    )


def _template(
    name: str, key: str, row: Case, cause: int | None, more: Mapping[str, str] | None = None
) -> int:
    address = address_of(row)
    if not address:
        return 0
    return enqueue_template(
        name,
        Occasion(key=key, because=f"recovery.because.{name}", about=f"case:{row.pk}", cause=cause),
        lambda: {**_values(row), **(more or {})},
        customer=row.customer_id,
        address=address,
        language=_tongue(row),
    )


def _values(row: Case) -> dict[str, str]:
    here = business.business()
    with timezone.override(zone_named(here.zone if here else "UTC")):
        return {
            "business.name": here.name if here else "",
            "case.number": str(row.pk),
            "case.link": link_of(row.token),
            "case.answer_by": moment(row.answer_by),
        }


def _greeting(row: Case) -> str:
    name = one_line(row.name)
    if not name and row.customer_id:
        name = one_line(people.customer_of(row.customer_id).name)
    if name:
        return str(word("outreach.greeting.named", name=name).unescape())
    return str(word("outreach.greeting.plain"))


def _tongue(row: Case) -> str:
    if row.language:
        return row.language
    card = people.customer_of(row.customer_id) if row.customer_id else None
    return card.language[:2] if card else ""
