"""Promises and orders as pages, lists and other chapters know them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from overdeliver.apps.business import reads as business
from overdeliver.apps.people import reads as people
from overdeliver.apps.promises import rules
from overdeliver.apps.promises.models import Order, Standing


@dataclass(frozen=True)
class Row:
    """One promise with how it stands."""

    id: int
    reference: str
    order: str
    customer: str  # the name shown
    customer_reference: str
    service: str
    segment: str
    lever: str
    promised: float
    unit: str
    words: str
    level: float | None
    source: str
    made_at: datetime
    due_at: datetime | None
    whole: bool
    verdict: str
    gap: float | None
    actual: float | None
    settled_at: datetime | None
    revises: str
    revised: bool
    channel: str = ""
    team: str = ""
    made_by: str = ""
    batch: str = ""
    changed_at: datetime | None = None  # how it stands, last
    service_name: str = ""
    classes: tuple[str, ...] = ()  # of a service lever, lowest first
    zone: str = "UTC"  # the business's when it was made

    @property
    def due_day(self) -> date | None:
        """The day that was promised, wherever the clocks put its end since; None: no day was."""
        if not self.whole or self.lever != "time":
            return None
        terms = rules.Terms("time", self.promised, self.unit, self.made_at, True, self.zone)
        return rules.promised_day(terms)


@dataclass(frozen=True)
class OrderCard:
    """An order as other chapters know it."""

    id: int
    reference: str
    customer: people.CustomerCard | None
    service: str
    segment: str
    channel: str
    team: str
    placed_at: datetime
    completed_at: datetime | None
    cancelled_at: datetime | None
    amount: Decimal | None
    currency: str
    features: dict[str, Any] = field(default_factory=dict)
    token: str = ""
    next_step: str = ""


def rows_of(found: Iterable[Standing], *, named: bool = True) -> list[Row]:
    """Standings, selected with their promise, order, customer and original, as rows.

    ``named``: with the service's name and classes, which costs a look at the services.
    """
    standings = list(found)
    asked = named and bool(standings)
    known = {one.slug: one for one in business.services(active=False)} if asked else {}
    return [_row(one, known) for one in standings]


def order_card(row: Order) -> OrderCard:
    """An order with its customer."""
    return order_cards([row])[0]


def order_cards(rows: Sequence[Order]) -> list[OrderCard]:
    """Orders with their customers, looked up once."""
    who = {row.customer_id for row in rows if row.customer_id}
    customers = people.customers_of(sorted(who)) if who else {}
    return [_order(row, customers) for row in rows]


def _order(row: Order, customers: Mapping[int, people.CustomerCard]) -> OrderCard:
    return OrderCard(
        row.pk,
        row.reference,
        customers.get(row.customer_id or 0),
        row.service,
        row.segment,
        row.channel,
        row.team,
        row.placed_at,
        row.completed_at,
        row.cancelled_at,
        row.amount,
        row.currency,
        row.features,
        row.token,
        row.next_step,
    )


def _row(row: Standing, services: Mapping[str, business.ServiceCard]) -> Row:
    made, placed = row.promise, row.promise.order
    customer = placed.customer
    service = services.get(placed.service)
    return Row(
        id=made.pk,
        reference=made.reference,
        order=placed.reference,
        customer=(customer.name or customer.reference) if customer else "",
        customer_reference=customer.reference if customer else "",
        service=placed.service,
        segment=placed.segment,
        lever=made.lever,
        promised=made.promised,
        unit=made.unit,
        words=made.words,
        level=made.level,
        source=made.source,
        made_at=made.made_at,
        due_at=made.due_at,
        whole=made.whole and made.unit in ("days", "weeks"),
        verdict=row.verdict,
        gap=row.gap,
        actual=row.actual,
        settled_at=row.settled_at,
        revises=made.revises.reference if made.revises else "",
        revised=not row.latest,
        channel=placed.channel,
        team=placed.team,
        made_by=made.made_by,
        batch=made.batch,
        changed_at=row.changed_at,
        service_name=service.name if service else placed.service,
        zone=made.zone or "UTC",
        classes=service.classes if service else (),
    )
