"""What other chapters may know of customers and staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from overdeliver.apps.people.folding import folded
from overdeliver.apps.people.models import Consent, Customer, Staff
from overdeliver.apps.people.rules import agreed
from overdeliver.vocabulary.errors import InputError, NotFound


@dataclass(frozen=True)
class CustomerCard:
    """A customer; erased ones keep their reference alone."""

    id: int
    reference: str
    name: str
    email: str
    phone: str
    postal: str  # lines, as on an envelope, without the name
    language: str
    zone: str
    segment: str
    erased_at: datetime | None

    @property
    def shown(self) -> str:
        """The name, else the reference."""
        return self.name or self.reference


@dataclass(frozen=True)
class OwnerCard:
    """An owner who still works here; an empty language is the business's."""

    id: int
    name: str
    email: str
    language: str


def owners() -> list[OwnerCard]:
    """Every owner who may sign in, who came first first."""
    rows = Staff.objects.filter(role="owner", is_active=True).order_by("pk")
    return [OwnerCard(row.pk, row.name, row.email, row.language) for row in rows]


def customer(reference: str) -> CustomerCard:
    """One customer. NotFound: none of that reference."""
    row = Customer.objects.filter(reference=reference).first()
    if row is None:
        raise NotFound(f"customer {reference!r}: there is none of that reference")
    return _card(row)


def customers_of(ids: list[int]) -> dict[int, CustomerCard]:
    """Cards by the id other tables refer to."""
    return {row.pk: _card(row) for row in Customer.objects.filter(pk__in=ids)}


def customers_named(references: Sequence[str]) -> dict[str, CustomerCard]:
    """Cards by reference; those nobody has are left out."""
    rows = Customer.objects.filter(reference__in=references)
    return {row.reference: _card(row) for row in rows}


def customer_of(number: int) -> CustomerCard:
    """One customer by the id other tables refer to. NotFound: there is none."""
    row = Customer.objects.filter(pk=number).first()
    if row is None:
        raise NotFound(f"customer {number}: there is none of that number")
    return _card(row)


def agreed_to(purpose: str, customers: Sequence[int]) -> set[int]:
    """Those of these customers (by id) who may be written to for a purpose now.

    Erased ones never may. The latest yes or no counts; while nothing was said, what
    `rules.PURPOSES` says. InputError: no such purpose.
    """
    here = Customer.objects.filter(pk__in=customers, erased_at__isnull=True)
    said: dict[int, bool] = {}
    rows = Consent.objects.filter(customer__in=customers, purpose=purpose).order_by("at", "id")
    for customer, given in rows.values_list("customer_id", "given"):
        said[customer] = given
    found = here.values_list("pk", flat=True)
    return {number for number in found if agreed(purpose, said.get(number))}


def some_customers(
    text: str = "", *, after: str = "", limit: int = 50
) -> tuple[list[CustomerCard], str]:
    """Customers in the order they came in, and where the next ones begin (empty at the end).

    ``text`` is part of a name, mail, phone or reference. InputError: a cursor that is none.
    """
    rows = Customer.objects.order_by("pk")
    for word in folded(text).split():
        rows = rows.filter(search__contains=word)
    if after:
        if not (after.isascii() and after.isdecimal() and len(after) <= 18):
            raise InputError("the page asked for does not exist; start from the first")
        rows = rows.filter(pk__gt=int(after))
    found = list(rows[: limit + 1])
    following = str(found[limit - 1].pk) if len(found) > limit else ""
    return [_card(row) for row in found[:limit]], following


def with_address(email: str, limit: int = 5) -> list[int]:
    """Customers (by id) with exactly this mail address."""
    rows = Customer.objects.filter(email=email, erased_at__isnull=True) if email else None
    return [] if rows is None else list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def search_ids(text: str, limit: int = 500) -> list[int]:
    """Customers whose name, mail, phone or reference holds a text, without accents and case."""
    words = folded(text).split()
    if not words:
        return []
    rows = Customer.objects.all()
    for word in words:
        rows = rows.filter(search__contains=word)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def _card(row: Customer) -> CustomerCard:
    return CustomerCard(
        row.pk,
        row.reference,
        row.name,
        row.email,
        row.phone,
        row.postal,
        row.language,
        row.zone,
        row.segment,
        row.erased_at,
    )
