"""What programs send about orders and promises, and what they read."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.conf import settings
from django.urls import reverse
from ninja import Schema
from pydantic import Field

from overdeliver.apps.look.schemas import (
    Currency,
    Facts,
    Known,
    Moment,
    Number,
    Reference,
    Rows,
    Short,
    Strict,
    Words,
)
from overdeliver.apps.promises import reads

Lever = Literal["time", "cost", "service"]
Source = Literal["quote", "contract", "advertisement", "standard", "staff"]
Verdict = Literal["broken", "met", "exceeded", "open", "unknown"]
Unit = Annotated[
    str,
    Field(
        max_length=10,
        description="Of time: minutes, hours, days, weeks; of cost: the currency; of service: rank",
        examples=["days"],
    ),
]
Amount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=4, examples=["129.90"])]
Level = Annotated[float, Field(gt=0, lt=1, examples=[0.9])]


class OrderIn(Strict):
    """An order, with everything known when the promise was made."""

    reference: Reference = Field(description="The shop's own number", examples=["A-1042"])
    placed_at: Moment = Field(description="With its offset", examples=["2026-03-05T10:15:00+05:00"])
    customer: Known = Field("", description="The customer's reference", examples=["c-7"])
    service: Annotated[Short, Field(max_length=80)] = Field(
        "", description="What is promised about: a service's short name", examples=["parcel"]
    )
    segment: Short = ""
    channel: Short = ""
    team: Short = ""
    amount: Amount | None = Field(None, description="A decimal as text; needs its currency")
    currency: Currency | None = Field(None, examples=["KZT"])
    features: Facts = Field(
        default_factory=dict,
        description="What promises are learned from: texts, numbers, yes or no; 200 at most",
        examples=[{"weight_kg": 2.5, "seller": "s-17"}],
    )


class OrderOut(Schema):
    """An order; `status_link` is the customer's own page."""

    reference: str
    customer: str
    service: str
    segment: str
    channel: str
    team: str
    placed_at: str
    completed_at: str | None
    cancelled_at: str | None
    amount: str | None = Field(description="A decimal as text")
    currency: str
    features: dict[str, Any]
    status_link: str


class CancelIn(Strict):
    """When the order was taken back; now, unless said."""

    at: Moment | None = None


class PromiseTerms(Strict):
    """How much in which unit, or until when."""

    lever: Lever
    unit: Unit
    promised: Number | None = Field(None, description="In the unit; time counts from made_at")
    due_at: Moment | None = Field(None, description="Instead of `promised`, for a promise of time")
    made_at: Moment | None = Field(None, description="Now, unless said")
    whole: bool = Field(False, description="A date: kept until the end of that day")
    level: Level | None = Field(None, description="The share of such promises meant to be kept")
    source: Source = "standard"
    words: Words = Field("", description="As the customer read it", examples=["by Friday"])
    reference: Known = Field("", description="Your own number; made up if empty")


class PromiseIn(PromiseTerms):
    """A promise about an order."""

    order: Reference = Field(examples=["A-1042"])


class PromiseOut(Schema):
    """A promise with how it stands."""

    reference: str
    order: str
    customer: str
    service: str
    lever: str
    promised: float
    unit: str
    words: str
    level: float | None
    source: str
    made_at: str
    due_at: str | None
    whole: bool
    verdict: str
    gap: float | None = Field(description="In the unit, positive in the customer's favour")
    actual: float | None
    settled_at: str | None
    revises: str
    revised: bool
    changed_at: str | None = Field(
        description="When its verdict was last drawn; see `changed_since`"
    )


class OutcomeIn(Strict):
    """What happened: a moment (for a promise of time) or an amount in the promise's unit."""

    happened_at: Moment | None = Field(None, examples=["2026-03-07T14:02:00+05:00"])
    actual: Number | None = Field(None, description="In the promise's unit; of a service its rank")
    observed_at: Moment | None = Field(None, description="When it became known")
    key: Annotated[Known, Field(max_length=160)] = Field(
        "", description="The same key again changes nothing"
    )


class OutcomeOut(Schema):
    """An outcome as it was written down; `counts`: no later one corrects it."""

    actual: float
    happened_at: str | None
    observed_at: str
    recorded_at: str
    counts: bool


class NamedOutcomeIn(OutcomeIn):
    """An outcome with the promise it belongs to."""

    promise: Reference


class OrdersIn(Strict):
    """Up to a thousand orders at once."""

    orders: Rows[OrderIn]


class PromisesIn(Strict):
    """Up to a thousand promises at once."""

    promises: Rows[PromiseIn]


class OutcomesIn(Strict):
    """Up to a thousand outcomes at once."""

    outcomes: Rows[NamedOutcomeIn]


def order_words(given: OrderIn) -> dict[str, Any]:
    """An order as the action takes it."""
    words = given.dict()
    return {**words, "currency": words["currency"] or ""}


def order_out(card: reads.OrderCard) -> dict[str, Any]:
    """An order as programs read it."""
    names = ("reference", "service", "segment", "channel", "team", "currency", "features")
    moments = ("placed_at", "completed_at", "cancelled_at")
    return {
        **{name: getattr(card, name) for name in names},
        **{name: iso(getattr(card, name)) for name in moments},
        "customer": card.customer.reference if card.customer else "",
        "amount": None if card.amount is None else f"{card.amount:f}",
        "status_link": settings.PUBLIC_URL + reverse("status", args=[card.token]),
    }


def promise_out(row: reads.Row) -> dict[str, Any]:
    """A promise as programs read it."""
    names = (
        *("reference", "order", "service", "lever", "promised", "unit", "words", "level"),
        *("source", "whole", "verdict", "gap", "actual", "revises", "revised"),
    )
    moments = ("made_at", "due_at", "settled_at", "changed_at")
    return {
        **{name: getattr(row, name) for name in names},
        **{name: iso(getattr(row, name)) for name in moments},
        "customer": row.customer_reference,
    }


def outcome_out(card: reads.OutcomeCard) -> dict[str, Any]:
    """An outcome as programs read it."""
    moments = ("happened_at", "observed_at", "recorded_at")
    return {
        "actual": card.actual,
        "counts": card.counts,
        **{name: iso(getattr(card, name)) for name in moments},
    }


def iso(moment: datetime | None) -> str | None:
    """A moment in ISO 8601 with its offset; None stays None."""
    return moment.isoformat() if moment else None
