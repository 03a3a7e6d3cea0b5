"""Orders, promises and outcomes for programs, up to a thousand in one call."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from overdeliver.apps.look.access import needs
from overdeliver.apps.look.batches import BatchOut, each
from overdeliver.apps.promises import actions
from overdeliver.apps.promises.api_schemas import (
    NamedOutcomeIn,
    OrderIn,
    OrdersIn,
    OutcomesIn,
    PromiseIn,
    PromisesIn,
    order_words,
)

router = Router()


@router.post("/batch/orders", response=BatchOut)
@needs("promises.write")
def orders(request: HttpRequest, given: OrdersIn) -> Any:
    """Take many orders in, each answered by itself: one refused row stops no other."""
    return each(given.orders, "reference", _order)


@router.post("/batch/promises", response=BatchOut)
@needs("promises.write")
def promises(request: HttpRequest, given: PromisesIn) -> Any:
    """Write many promises down, each answered by itself: one refused row stops no other."""
    return each(given.promises, "order", _promise)


@router.post("/batch/outcomes", response=BatchOut)
@needs("promises.write")
def outcomes(request: HttpRequest, given: OutcomesIn) -> Any:
    """Report many outcomes, each answered by itself: one refused row stops no other."""
    return each(given.outcomes, "promise", _outcome)


def _order(row: OrderIn) -> tuple[str, str]:
    words = order_words(row)
    return actions.place_order(words.pop("reference"), **words), ""


def _promise(row: PromiseIn) -> tuple[str, str]:
    words = row.dict()
    return actions.make_promise(words.pop("order"), **words), ""


def _outcome(row: NamedOutcomeIn) -> tuple[str, str]:
    words = row.dict()
    promise = words.pop("promise")
    return promise, actions.record_outcome(promise, **words)
