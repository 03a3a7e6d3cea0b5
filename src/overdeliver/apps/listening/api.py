"""Feedback for programs."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from overdeliver.apps.listening import actions, reads
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.schemas import Cursor, Known, Limit, Listed, Moment, Short, Strict, Text

router = Router()

Kind = Literal["survey", "review", "complaint"]
Mark = Annotated[float, Field(allow_inf_nan=False, ge=-1000, le=1000)]


class FeedbackIn(Strict):
    """A score with its scale, a text, or both; about an order, a customer, or both."""

    kind: Kind
    customer: Known = Field("", description="The customer's reference")
    order: Known = Field("", description="The order's reference")
    score: Mark | None = Field(None, description="On the scale, which it needs", examples=[4])
    scale_min: Mark | None = Field(None, description="The worst answer", examples=[1])
    scale_max: Mark | None = Field(None, description="The best answer", examples=[5])
    text: Text = ""
    language: Annotated[Short, Field(max_length=10)] = Field("", examples=["kk"])
    channel: Annotated[Short, Field(max_length=50)] = Field("", examples=["mail"])
    at: Moment | None = Field(None, description="When it was said; now, unless given")
    reference: Known = Field("", description="Your own number; told again it changes nothing")


class FeedbackOut(Schema):
    """What was written down."""

    reference: str


class SaidOut(Schema):
    """A score, a text, or both."""

    reference: str
    at: str
    kind: str
    customer: str
    order: str
    score: float | None
    scale_min: float | None
    scale_max: float | None
    text: str
    language: str
    channel: str


@router.post("/feedback", response={201: FeedbackOut})
@needs("promises.write")
def take(request: HttpRequest, given: FeedbackIn) -> Any:
    """Write down what a customer said."""
    words = given.dict()
    low, high = words.pop("scale_min"), words.pop("scale_max")
    scale = None if low is None or high is None else (low, high)
    return Status(201, {"reference": actions.take_feedback(scale=scale, **words)})


@router.get("/feedback", response=Listed[SaidOut])
@needs("customers.see")
def listed(
    request: HttpRequest,
    kind: Kind | None = None,
    customer: Known = "",
    order: Known = "",
    since: Annotated[Moment | None, Field(description="Said since")] = None,
    after: Cursor = "",
    limit: Limit = 50,
) -> Any:
    """What customers said, the last written down first."""
    found, following = reads.some_feedback(
        kind=kind or "", customer=customer, order=order, since=since, after=after, limit=limit
    )
    return {"items": [_out(one) for one in found], "next": following}


def _out(said: reads.Said) -> dict[str, Any]:
    names = (
        *("reference", "kind", "customer", "order", "score", "scale_min", "scale_max", "text"),
        *("language", "channel"),
    )
    return {**{name: getattr(said, name) for name in names}, "at": said.at.isoformat()}
