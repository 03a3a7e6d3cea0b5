"""Quotes for programs: ask, accept, look up."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from overdeliver.apps.look.access import needs
from overdeliver.apps.look.schemas import Facts, Known, Moment, Reference, Short, Strict
from overdeliver.apps.quoting import actions, reads

router = Router()

Language = Literal["en", "pt", "ru", "ro", "kk"]


class QuoteIn(Strict):
    """What to quote: a service and what is known of the case."""

    service: Annotated[Short, Field(max_length=80)] = Field(examples=["parcel"])
    features: Facts = Field(
        default_factory=dict,
        description="What is known of the case: texts, numbers, yes or no",
        examples=[{"weight_kg": 1.2, "seller": "s-17"}],
    )
    level: float | None = Field(None, description="The share of such promises to keep; 0.5 to 0.99")
    placed_at: Moment | None = Field(None, description="When it is or will be ordered; now")
    language: Language | None = Field(None, description="Of the words; the business's own")


class RangeOut(Schema):
    """Eight in ten such cases lie between these, in the unit."""

    low: float
    high: float


class QuoteOut(Schema):
    """What can be promised. `shown` false: say nothing; `because` says why."""

    quote_id: str
    service: str
    lever: str
    unit: str
    promised: float | None
    promise: str = Field(description="The promise in words; empty where nothing is shown")
    due_at: datetime | None
    level: float | None = Field(description="Empty for a stated promise: no honest level is known")
    range: RangeOut | None
    shown: bool
    because: list[str]
    model: str = Field(description="Service and version; empty for a stated promise")
    made_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    order: str
    promise_id: str


class AcceptIn(Strict):
    """The order that was placed on the quoted promise."""

    order: Reference = Field(examples=["A-1042"])
    customer: Known = Field("", description="The customer's reference")
    segment: Short = ""
    channel: Short = ""
    team: Short = ""
    amount: Decimal | None = Field(None, ge=0, max_digits=18, decimal_places=4)
    currency: str = Field("", pattern="^([A-Z]{3})?$")


@router.post("/quotes", response={201: QuoteOut})
@needs("quoting.write")
def ask(request: HttpRequest, given: QuoteIn) -> Any:
    """What can be promised for this case; nothing is promised until the quote is accepted."""
    found = actions.give_quote(
        given.service,
        given.features,
        level=given.level,
        placed_at=given.placed_at,
        language=given.language or "",
    )
    return Status(201, quote_out(found))


@router.get("/quotes/{quote_id}", response=QuoteOut)
@needs("quoting.see")
def look(request: HttpRequest, quote_id: str) -> Any:
    """A quote as it was given."""
    return quote_out(reads.quote(quote_id))


@router.post("/quotes/{quote_id}/accept", response=QuoteOut)
@needs("quoting.write")
def accept(request: HttpRequest, quote_id: str, given: AcceptIn) -> Any:
    """Turn the quote into a promise about an order; the same again is the same promise."""
    return quote_out(actions.accept_quote(quote_id, **given.dict()))


def quote_out(found: reads.QuoteCard) -> dict[str, Any]:
    """A quote as programs read it."""
    known = found.low is not None and found.high is not None
    return {
        "quote_id": found.reference,
        "service": found.service,
        "lever": found.lever,
        "unit": found.unit,
        "promised": found.promised,
        "promise": found.words,
        "due_at": found.due_at,
        "level": found.level,
        "range": {"low": found.low, "high": found.high} if known else None,
        "shown": found.shown,
        "because": list(found.because),
        "model": found.model,
        "made_at": found.made_at,
        "expires_at": found.expires_at,
        "accepted_at": found.accepted_at,
        "order": found.order,
        "promise_id": found.promise,
    }
