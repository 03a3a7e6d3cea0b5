"""Feedback for programs."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from overdeliver.apps.listening import actions
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.schemas import Moment, Short, Strict, Text

router = Router()


class FeedbackIn(Strict):
    """A score with its scale, a text, or both; about an order, a customer, or both."""

    kind: Literal["survey", "review", "complaint"]
    customer: str = Field("", max_length=200)
    order: str = Field("", max_length=200)
    score: float | None = Field(None, allow_inf_nan=False)
    scale_min: float | None = Field(None, allow_inf_nan=False, ge=-1000, le=1000)
    scale_max: float | None = Field(None, allow_inf_nan=False, ge=-1000, le=1000)
    text: Text = ""
    language: str = Field("", max_length=10)
    channel: Short = ""
    at: Moment | None = None
    reference: str = Field("", max_length=200)


class FeedbackOut(Schema):
    """What was written down."""

    reference: str


@router.post("/feedback", response={201: FeedbackOut})
@needs("promises.write")
def take(request: HttpRequest, given: FeedbackIn) -> Any:
    """Write down what a customer said."""
    words = given.dict()
    low, high = words.pop("scale_min"), words.pop("scale_max")
    scale = None if low is None or high is None else (low, high)
    return Status(201, {"reference": actions.take_feedback(scale=scale, **words)})
