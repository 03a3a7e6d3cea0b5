"""What other chapters may know of customers and staff."""

from dataclasses import dataclass
from datetime import datetime

from overdeliver.apps.people.models import Customer, Staff
from overdeliver.vocabulary.errors import NotFound


@dataclass(frozen=True)
class CustomerCard:
    """A customer; erased ones keep their reference alone."""

    id: int
    reference: str
    name: str
    email: str
    phone: str
    language: str
    zone: str
    segment: str
    erased_at: datetime | None

    @property
    def shown(self) -> str:
        """The name, else the reference."""
        return self.name or self.reference


def customer(reference: str) -> CustomerCard:
    """One customer. NotFound: none of that reference."""
    row = Customer.objects.filter(reference=reference).first()
    if row is None:
        raise NotFound(f"customer {reference!r}: there is none of that reference")
    return _card(row)


def customers_of(ids: list[int]) -> dict[int, CustomerCard]:
    """Cards by the id other tables refer to."""
    return {row.pk: _card(row) for row in Customer.objects.filter(pk__in=ids)}


def actor_name(actor: str) -> str:
    """Who ``staff:7`` is, for people to read; other actors as they are."""
    kind, _, number = actor.partition(":")
    if kind != "staff" or not number.isdecimal():
        return actor
    row = Staff.objects.filter(pk=int(number)).first()
    return row.get_full_name() if row else actor


def _card(row: Customer) -> CustomerCard:
    return CustomerCard(
        row.pk,
        row.reference,
        row.name,
        row.email,
        row.phone,
        row.language,
        row.zone,
        row.segment,
        row.erased_at,
    )
