"""The figures of loyalty and money for programs."""

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from overdeliver.apps.desk.ladder import drawn
from overdeliver.apps.desk.worth import Worth, money
from overdeliver.apps.look.access import needs
from overdeliver.apps.promises.paid import paid_table
from overdeliver.measure.answers import NotEnough
from overdeliver.measure.ladder import Month, State
from overdeliver.measure.repeat import RepeatRate

router = Router()


class MissingOut(Schema):
    """What is there and what is needed, where a figure would not be honest yet."""

    reason: str
    have: int | None
    need: int | None


class MonthOut(Schema):
    """A month up to its last day."""

    first: date
    last: date
    active: int | None = Field(description="null: the data begin later")
    new: int
    became_regular: int


class LoyaltyOut(Schema):
    """Where customers stand on the day of the last order; pauses are in days."""

    missing: MissingOut | None
    as_of: date | None
    customers: dict[State, int]
    active: int | None = Field(description="New, regular and loyal ones")
    half_return_within: float | None
    nine_of_ten_return_within: float | None
    months: list[MonthOut]


class RepeatOut(Schema):
    """Who ordered again after promises of one verdict; the interval is one of 95 %."""

    verdict: str
    orders: int
    again: int
    share: float | None = Field(description="null: fewer than 30 orders")
    low: float | None
    high: float | None


class WorthOut(Schema):
    """The mean value of orders of one verdict, in one currency; the interval is one of 95 %."""

    verdict: str
    currency: str
    orders: int
    mean: float | None = Field(description="null: fewer than 30 orders")
    low: float | None
    high: float | None


class MoneyOut(Schema):
    """What came of orders, by how the promise ended."""

    within_days: int
    missing: MissingOut | None = Field(description="What is missing for the repeats")
    repeats: list[RepeatOut]
    worths: list[WorthOut]


@router.get("/loyalty", response=LoyaltyOut)
@needs("figures.see")
def loyalty(request: HttpRequest) -> Any:
    """Who is new, regular and loyal, who slips away, and how it was month by month."""
    found = drawn()
    known = None if isinstance(found, NotEnough) else found
    return LoyaltyOut(
        missing=_missing(found),
        as_of=known.as_of if known else None,
        customers=dict(known.counts) if known else {},
        active=known.active if known else None,
        half_return_within=known.rhythm.half if known else None,
        nine_of_ten_return_within=known.rhythm.most if known else None,
        months=[_month(one) for one in known.months] if known else [],
    )


@router.get("/money", response=MoneyOut)
@needs("figures.see")
def worth(request: HttpRequest, within: Literal["30", "90", "180", "365"] = "90") -> Any:
    """Who ordered again within so many days, and what orders were worth, by verdict."""
    found = money(paid_table(), within_days=int(within))
    repeats = () if isinstance(found.repeats, NotEnough) else found.repeats
    return MoneyOut(
        within_days=int(within),
        missing=_missing(found.repeats),
        repeats=[_repeat(one) for one in repeats],
        worths=[_worth(one) for one in found.worths],
    )


def _missing(found: object) -> MissingOut | None:
    if not isinstance(found, NotEnough):
        return None
    return MissingOut(reason=found.reason, have=found.have, need=found.need)


def _month(one: Month) -> MonthOut:
    return MonthOut(
        first=one.first, last=one.last, active=one.active, new=one.new, became_regular=one.regular
    )


def _repeat(one: RepeatRate) -> RepeatOut:
    of = one.repeat
    return RepeatOut(
        verdict=one.verdict,
        orders=one.n,
        again=one.repeated,
        share=of.rate if of else None,
        low=of.low if of else None,
        high=of.high if of else None,
    )


def _worth(one: Worth) -> WorthOut:
    of = one.interval
    return WorthOut(
        verdict=one.verdict,
        currency=one.currency,
        orders=one.n,
        mean=one.mean,
        low=of.low if of else None,
        high=of.high if of else None,
    )
