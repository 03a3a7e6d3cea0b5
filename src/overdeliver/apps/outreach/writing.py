"""Messages written from texts: in the reader's language, with what is filled in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal.actions import decide, record
from overdeliver.apps.look.words import word
from overdeliver.apps.outreach import events, texts
from overdeliver.apps.outreach.actions import Draft, enqueue
from overdeliver.apps.outreach.models import Template
from overdeliver.apps.outreach.rules.filling import check, fill, one_line
from overdeliver.apps.outreach.rules.telling import ToldPolicy, tell
from overdeliver.apps.people import reads as people
from overdeliver.vocabulary.errors import InputError

#: What is filled in, by field; called with the text's language in force.
Values = Callable[[], Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """Why somebody is written to.

    ``key``: the same twice is one message; ``about``: the journal's subject; ``cause``: its event.
    ``because``: the key of the word that says why.
    """

    key: str
    because: str
    about: str = ""
    cause: int | None = None


def enqueue_template(
    name: str,
    occasion: Occasion,
    values: Values,
    *,
    customer: int | None = None,
    channel: str = "mail",
    address: str = "",
    language: str = "",
    by_hand: bool = False,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    data: Mapping[str, Any] | None = None,
) -> int:
    """Write a mail or a letter from a text, in the caller's transaction; returns its number.

    To the customer's address of that channel and in his language, unless others are given.
    ``not_before`` and ``not_after`` are aware moments. RuntimeError: there is no transaction.
    NotFound: no such text. InputError: there is no address, or no such channel.
    """
    kind = texts.kind(name)
    card = people.customer_of(customer) if customer else None
    here = business.business()
    wording = texts.chosen(
        name,
        language or (card.language[:2] if card else ""),
        here.language if here else "",
    )
    with translation.override(wording.language):
        filled = {
            "greeting": greeting(card.name if card else ""),
            "business.name": here.name if here else "",
            **values(),
        }
    return enqueue(
        Draft(
            key=occasion.key,
            channel=channel,
            purpose=kind.purpose,
            because=occasion.because,
            address=address or (_address_of(card, channel) if card else ""),
            customer=customer,
            subject=one_line(fill(wording.subject, filled)),
            text=fill(wording.text, filled, kind.links),
            about=occasion.about,
            cause=occasion.cause,
            template=name,
            language=wording.language,
            by_hand=by_hand,
            not_before=not_before,
            not_after=not_after,
            data=data,
        )
    )


def tell_customer(name: str, occasion: Occasion, values: Values, *, customer: int | None) -> int:
    """Tell a customer of an event (``promise_revised``) as the policy says, and keep why.

    In the caller's transaction. Returns the message's number, 0 where nothing was written.
    """
    card = people.customer_of(customer) if customer else None
    agreed = bool(customer) and bool(people.agreed_to("service", [customer or 0]))
    decision = tell(
        name, business.policy(ToldPolicy), address=bool(card and card.email), agreed=agreed
    )
    decide(decision, rule="outreach.rules.telling.tell", subject=occasion.about)
    if decision.verdict == "no":
        return 0
    by_hand = decision.verdict == "draft"
    return enqueue_template(name, occasion, values, customer=customer, by_hand=by_hand)


def save_text(name: str, language: str, subject: str, text: str) -> None:
    """The business's own text of a message in a language, from now on.

    NotFound: no such text. InputError: no such language, it is empty, or names a field that there
    is not.
    """
    kind = texts.kind(name)
    if language not in texts.TONGUES:
        raise InputError(f"language: use one of {', '.join(texts.TONGUES)}")
    plain_subject, plain = one_line(subject), text.replace("\r\n", "\n").strip()
    if not plain_subject or not plain:
        raise InputError("text: a subject and a text are needed")
    if len(plain_subject) > 200 or len(plain) > 10_000:
        raise InputError("text: 200 characters of subject and 10000 of text at most")
    check(plain_subject, kind.all_fields)
    check(plain, kind.all_fields)
    with transaction.atomic():
        row, made = Template.objects.select_for_update().get_or_create(
            name=name, language=language, defaults={"subject": plain_subject, "text": plain}
        )
        if not made:
            row.subject, row.text, row.version = plain_subject, plain, row.version + 1
            row.changed_at = timezone.now()
            row.save()
        record(
            events.TemplateChanged(
                subject=f"template:{name}", language=language, version=row.version
            )
        )


def set_back(name: str, language: str) -> None:
    """The built-in text again. NotFound: no such text."""
    texts.kind(name)
    with transaction.atomic():
        if Template.objects.filter(name=name, language=language).delete()[0]:
            record(events.TemplateChanged(subject=f"template:{name}", language=language, version=0))


def _address_of(card: people.CustomerCard, channel: str) -> str:
    """Where a customer is reached. InputError: nothing is known of a letter's way to him."""
    if channel != "letter":
        return card.phone if channel == "call" else card.email
    if not card.postal:
        raise InputError("letter: the customer has no postal address")
    return f"{card.name}\n{card.postal}"


def greeting(name: str) -> str:
    """How a message begins, in the language in force."""
    plain = one_line(name)
    return (
        str(word("outreach.greeting.named", name=plain).unescape())
        if plain
        else str(word("outreach.greeting.plain"))
    )
