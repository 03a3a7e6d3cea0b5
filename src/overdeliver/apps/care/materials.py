"""Materials: what customers are given to read again and to show at home."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from overdeliver.apps.care import events
from overdeliver.apps.care.models import Material
from overdeliver.apps.journal.actions import record
from overdeliver.apps.outreach.rules.telling import languages
from overdeliver.apps.outreach.texts import TONGUES
from overdeliver.apps.people import reads as people
from overdeliver.vocabulary.errors import InputError, NotFound

#: In the order they are shown.
KINDS = ("guide", "summary", "memo", "testimonial")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A material as typed; ``customer`` is a reference, ``consent`` says how a yes was given."""

    kind: str
    language: str
    title: str
    text: str
    source: str = ""
    customer: str = ""
    consent: str = ""
    service: str = ""
    until: date | None = None
    active: bool = True


def keep(draft: Draft, number: int | None = None) -> int:
    """Add a material, or change one; returns its number.

    InputError: a field is wrong, or a testimonial says not whose it is and that he agreed.
    NotFound: no such material or customer.
    """
    customer = _checked(draft)
    fields = {
        "kind": draft.kind,
        "language": draft.language,
        "title": draft.title.strip(),
        "text": draft.text.replace("\r\n", "\n").strip(),
        "source": draft.source.strip(),
        "customer_id": customer,
        "consent": draft.consent.strip(),
        "service": draft.service,
        "until": draft.until,
        "active": draft.active,
        "changed_at": timezone.now(),
    }
    with transaction.atomic():
        if number is None:
            number, change = Material.objects.create(**fields).pk, "added"
        else:
            if not Material.objects.filter(pk=number).update(**fields):
                raise NotFound(f"material {number}: there is none of that number")
            change = "changed" if draft.active else "taken away"
        record(events.MaterialChanged(subject=f"material:{number}", change=change))
    return number


def shown(language: str, here: str, service: str, today: date) -> list[Material]:
    """What a reader of a language is shown of a service today, in the best language there is.

    Testimonials stand only while their customer agrees to being quoted.
    """
    rows = Material.objects.filter(Q(until=None) | Q(until__gte=today), active=True)
    rows = rows.filter(Q(service="") | Q(service=service)).order_by("-changed_at", "pk")
    found = _allowed(list(rows))
    wanted = languages(language, here)
    best: list[Material] = []
    for kind in KINDS:
        of = [row for row in found if row.kind == kind]
        tongue = next((one for one in wanted if any(row.language == one for row in of)), "")
        best += [row for row in of if row.language == tongue]
    return best


def _allowed(rows: Sequence[Material]) -> list[Material]:
    told = [row.customer_id for row in rows if row.customer_id]
    agreed = people.agreed_to("stories", told) if told else set()
    return [row for row in rows if row.customer_id is None or row.customer_id in agreed]


def _checked(draft: Draft) -> int | None:
    if draft.kind not in KINDS:
        raise InputError(f"kind: use one of {', '.join(KINDS)}")
    if draft.language not in TONGUES:
        raise InputError(f"language: use one of {', '.join(TONGUES)}")
    if not draft.title.strip() or not draft.text.strip():
        raise InputError("text: a title and a text are needed")
    for name, most in (("title", 200), ("text", 10_000), ("source", 300), ("consent", 300)):
        if len(getattr(draft, name)) > most or "\x00" in getattr(draft, name):
            raise InputError(f"{name}: at most {most} letters")
    customer = people.customer(draft.customer).id if draft.customer else None
    if draft.kind != "testimonial":
        return customer
    if not draft.source.strip():
        raise InputError("source: a testimonial says who said it, where and when")
    if customer is None and not draft.consent.strip():
        raise InputError("consent: say how the customer agreed to being quoted, or name him")
    if customer is not None and not people.agreed_to("stories", [customer]):
        raise InputError("customer: he has not agreed to being quoted")
    return customer


@dataclass(frozen=True)
class Row:
    """A material in the list; ``shown``: customers see it now; ``why`` not: a word's part."""

    material: Material
    customer: str
    shown: bool
    why: str


def listed(text: str = "", kind: str = "", language: str = "") -> list[Row]:
    """Every material, the last changed first."""
    rows = Material.objects.order_by("kind", "-changed_at", "pk")
    given = {"kind": kind, "language": language}
    rows = rows.filter(**{name: value for name, value in given.items() if value})
    found = [row for row in rows if text.casefold() in f"{row.title} {row.text}".casefold()]
    told = [row.customer_id for row in found if row.customer_id]
    agreed, cards = people.agreed_to("stories", told), people.customers_of(told)
    today = timezone.localdate()

    def why(row: Material) -> str:
        if not row.active:
            return "off"
        if row.until and row.until < today:
            return "expired"
        return "no_consent" if row.customer_id and row.customer_id not in agreed else ""

    return [
        Row(row, cards[row.customer_id].shown if row.customer_id else "", not why(row), why(row))
        for row in found
    ]


def values_of(number: int) -> dict[str, str]:
    """A material as its form shows it. NotFound: there is none of that number."""
    row = Material.objects.filter(pk=number).first()
    if row is None:
        raise NotFound(f"material {number}: there is none of that number")
    texts = ("kind", "language", "title", "text", "source", "consent", "service")
    return {
        **{name: getattr(row, name) for name in texts},
        "customer": people.customer_of(row.customer_id).reference if row.customer_id else "",
        "until": row.until.isoformat() if row.until else "",
        "active": "yes" if row.active else "",
    }
