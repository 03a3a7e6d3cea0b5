"""Orders, promises and outcomes for programs."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from overdeliver.apps.look.access import needs
from overdeliver.apps.look.schemas import (
    Currency,
    Cursor,
    Day,
    Limit,
    Listed,
    Moment,
    Number,
    Reference,
    Short,
    Strict,
)
from overdeliver.apps.promises import actions, reads
from overdeliver.vocabulary.errors import OverdeliverError

#: A reference may hold slashes, so what stands behind one comes before the reference alone.
router = Router()

Lever = Literal["time", "cost", "service"]
Source = Literal["quote", "contract", "advertisement", "standard", "staff"]
Verdict = Literal["broken", "met", "exceeded", "open", "unknown"]
Unit = Annotated[str, Field(max_length=10, examples=["days"])]
Amount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=4, examples=["129.90"])]


class OrderIn(Strict):
    """An order, with everything known when the promise was made."""

    reference: Reference = Field(examples=["A-1042"])
    placed_at: Moment = Field(examples=["2026-03-05T10:15:00+05:00"])
    customer: str = Field("", max_length=200, description="The customer's reference")
    service: str = Field("", max_length=80)
    segment: Short = ""
    channel: Short = ""
    team: Short = ""
    amount: Amount | None = None
    currency: Currency | None = None
    features: dict[str, Any] = Field(default_factory=dict, examples=[{"weight_kg": 2.5}])


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
    amount: str | None
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
    level: float | None = Field(None, gt=0, lt=1, description="The share meant to be kept")
    source: Source = "standard"
    words: str = Field("", max_length=300, description="As the customer read it")
    reference: str = Field("", max_length=200, description="Your own number; made up if empty")


class PromiseIn(PromiseTerms):
    """A promise about an order."""

    order: Reference


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


class OutcomeIn(Strict):
    """What happened: a moment (for a promise of time) or an amount in the promise's unit."""

    happened_at: Moment | None = None
    actual: Number | None = None
    observed_at: Moment | None = Field(None, description="When it became known")
    key: str = Field("", max_length=160, description="The same key again changes nothing")


class OutcomesIn(Strict):
    """Up to a thousand outcomes at once."""

    outcomes: list["NamedOutcomeIn"] = Field(min_length=1, max_length=1000)


class NamedOutcomeIn(OutcomeIn):
    """An outcome with the promise it belongs to."""

    promise: Reference


class OutcomeAnswer(Schema):
    """What became of one line: its verdict, or why it was refused."""

    promise: str
    verdict: str = ""
    refused: str = ""


class OutcomesOut(Schema):
    """Lines in, lines stored and lines refused: nothing is lost."""

    stored: int
    refused: int
    answers: list[OutcomeAnswer]


@router.post("/orders", response={201: OrderOut})
@needs("promises.write")
def place(request: HttpRequest, given: OrderIn) -> Any:
    """Take an order in; the same reference again changes nothing."""
    words = given.dict()
    words["currency"] = words["currency"] or ""
    actions.place_order(words.pop("reference"), **words)
    return Status(201, order_out(reads.order(given.reference)))


@router.post("/orders/{path:reference}/cancel", response=OrderOut)
@needs("promises.write")
def cancel(request: HttpRequest, reference: str, given: CancelIn) -> Any:
    """The order is taken back: its open promises can no longer be known."""
    actions.cancel_order(reference, at=given.at)
    return order_out(reads.order(reference))


@router.get("/orders/{path:reference}", response=OrderOut)
@needs("promises.see")
def order(request: HttpRequest, reference: str) -> Any:
    """One order."""
    return order_out(reads.order(reference))


@router.post("/promises", response={201: PromiseOut})
@needs("promises.write")
def make(request: HttpRequest, given: PromiseIn) -> Any:
    """Write a promise down, for ever."""
    words = given.dict()
    made = actions.make_promise(words.pop("order"), **words)
    return Status(201, promise_out(reads.promise(made)))


@router.get("/promises", response=Listed[PromiseOut])
@needs("promises.see")
def listed(
    request: HttpRequest,
    verdict: Verdict | None = None,
    lever: Lever | None = None,
    service: str = Query("", max_length=80),
    customer: str = Query("", max_length=200),
    made_from: Day | None = None,
    made_to: Day | None = None,
    due_from: Day | None = None,
    due_to: Day | None = None,
    after: Cursor = "",
    limit: Limit = 50,
) -> Any:
    """Promises, the newest first; days are those of the business's zone."""
    asked = reads.Filter(
        verdict=verdict or "",
        lever=lever or "",
        service=service,
        customer=customer,
        made_from=made_from,
        made_to=made_to,
        due_from=due_from,
        due_to=due_to,
    )
    page = reads.promises(asked, after=after, limit=limit)
    return {"items": [promise_out(row) for row in page.rows], "next": page.next}


@router.post("/outcomes", response=OutcomesOut)
@needs("promises.write")
def report_many(request: HttpRequest, given: OutcomesIn) -> Any:
    """Many outcomes at once, each answered by itself: one refused line stops no other."""
    answers = []
    for one in given.outcomes:
        words = one.dict()
        promise = words.pop("promise")
        try:
            answers.append(
                {"promise": promise, "verdict": actions.record_outcome(promise, **words)}
            )
        except OverdeliverError as error:
            answers.append({"promise": promise, "refused": str(error)})
    refused = sum("refused" in answer for answer in answers)
    return {"stored": len(answers) - refused, "refused": refused, "answers": answers}


@router.post("/promises/{path:reference}/revisions", response={201: PromiseOut})
@needs("promises.write")
def revise(request: HttpRequest, reference: str, given: PromiseTerms) -> Any:
    """Promise anew about the same order; the earlier promise stays and is scored too."""
    order_of = reads.promise(reference).order
    made = actions.make_promise(order_of, revises=reference, **given.dict())
    return Status(201, promise_out(reads.promise(made)))


@router.post("/promises/{path:reference}/outcomes", response={201: PromiseOut})
@needs("promises.write")
def report(request: HttpRequest, reference: str, given: OutcomeIn) -> Any:
    """Say what came of a promise; a later outcome corrects an earlier one, both stay."""
    actions.record_outcome(reference, **given.dict())
    return Status(201, promise_out(reads.promise(reference)))


@router.get("/promises/{path:reference}", response=PromiseOut)
@needs("promises.see")
def one(request: HttpRequest, reference: str) -> Any:
    """One promise with how it stands."""
    return promise_out(reads.promise(reference))


def order_out(card: reads.OrderCard) -> dict[str, Any]:
    """An order as programs read it."""
    names = ("reference", "service", "segment", "channel", "team", "currency", "features")
    moments = ("placed_at", "completed_at", "cancelled_at")
    return {
        **{name: getattr(card, name) for name in names},
        **{name: _iso(getattr(card, name)) for name in moments},
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
    return {
        **{name: getattr(row, name) for name in names},
        **{name: _iso(getattr(row, name)) for name in ("made_at", "due_at", "settled_at")},
        "customer": row.customer_reference,
    }


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None
