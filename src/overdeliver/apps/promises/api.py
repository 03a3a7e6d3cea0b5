"""Orders, promises and outcomes for programs."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from overdeliver.apps.look.access import needs
from overdeliver.apps.look.schemas import Cursor, Day, Known, Limit, Listed, Moment, Short
from overdeliver.apps.promises import actions, api_batches, api_figures, reads
from overdeliver.apps.promises.api_schemas import (
    CancelIn,
    Lever,
    OrderIn,
    OrderOut,
    OutcomeIn,
    OutcomeOut,
    PromiseIn,
    PromiseOut,
    PromiseTerms,
    Verdict,
    order_out,
    order_words,
    outcome_out,
    promise_out,
)

Since = Annotated[
    Moment,
    Field(description="Made, judged or revised since. Ask the next time from when you asked"),
]
Which = Annotated[
    Literal["original", "latest"],
    Field(description="The promises as first made, or the last revision of each"),
]

#: A reference may hold slashes, so what stands behind one comes before the reference alone.
router = Router()
router.add_router("", api_batches.router)
router.add_router("", api_figures.router)


@router.post("/orders", response={201: OrderOut})
@needs("promises.write")
def place(request: HttpRequest, given: OrderIn) -> Any:
    """Take an order in; the same reference again changes nothing."""
    words = order_words(given)
    placed = actions.place_order(words.pop("reference"), **words)
    return Status(201, order_out(reads.order(placed)))


@router.get("/orders", response=Listed[OrderOut])
@needs("promises.see")
def orders(
    request: HttpRequest,
    customer: Known = "",
    service: Short = "",
    placed_since: Moment | None = None,
    placed_before: Moment | None = None,
    after: Cursor = "",
    limit: Limit = 50,
) -> Any:
    """Orders, the newest first."""
    asked = reads.OrderFilter(customer, service, placed_since, placed_before)
    found, following = reads.orders(asked, after=after, limit=limit)
    return {"items": [order_out(card) for card in found], "next": following}


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
    return Status(201, promise_out(reads.promise(made, named=False)))


@router.get("/promises", response=Listed[PromiseOut])
@needs("promises.see")
def listed(
    request: HttpRequest,
    verdict: Verdict | None = None,
    lever: Lever | None = None,
    service: Short = "",
    segment: Short = "",
    customer: Known = "",
    made_from: Day | None = None,
    made_to: Day | None = None,
    due_from: Day | None = None,
    due_to: Day | None = None,
    changed_since: Since | None = None,
    which: Which = "original",
    after: Cursor = "",
    limit: Limit = 50,
) -> Any:
    """Promises, the newest first; days are those of the business's zone."""
    asked = reads.Filter(
        verdict=verdict or "",
        lever=lever or "",
        service=service,
        segment=segment,
        customer=customer,
        made_from=made_from,
        made_to=made_to,
        due_from=due_from,
        due_to=due_to,
        changed_since=changed_since,
        revised=which == "latest",
    )
    page = reads.promises(asked, after=after, limit=limit)
    return {"items": [promise_out(row) for row in page.rows], "next": page.next}


@router.post("/promises/{path:reference}/revisions", response={201: PromiseOut})
@needs("promises.write")
def revise(request: HttpRequest, reference: str, given: PromiseTerms) -> Any:
    """Promise anew about the same order; the earlier promise stays and is scored too."""
    order_of = reads.promise(reference, named=False).order
    made = actions.make_promise(order_of, revises=reference, **given.dict())
    return Status(201, promise_out(reads.promise(made, named=False)))


@router.get("/promises/{path:reference}/revisions", response=list[PromiseOut])
@needs("promises.see")
def revisions(request: HttpRequest, reference: str) -> Any:
    """The promise as first made and every revision of it, in the order they were made."""
    return [promise_out(row) for row in reads.thread(reference)]


@router.post("/promises/{path:reference}/outcomes", response={201: PromiseOut})
@needs("promises.write")
def report(request: HttpRequest, reference: str, given: OutcomeIn) -> Any:
    """Say what came of a promise; a later outcome corrects an earlier one, both stay."""
    actions.record_outcome(reference, **given.dict())
    return Status(201, promise_out(reads.promise(reference, named=False)))


@router.get("/promises/{path:reference}/outcomes", response=list[OutcomeOut])
@needs("promises.see")
def outcomes(request: HttpRequest, reference: str) -> Any:
    """Every outcome of a promise as it was written down, the first first; one of them counts."""
    return [outcome_out(card) for card in reads.outcomes(reference)]


@router.get("/promises/{path:reference}", response=PromiseOut)
@needs("promises.see")
def one(request: HttpRequest, reference: str) -> Any:
    """One promise with how it stands."""
    return promise_out(reads.promise(reference, named=False))
