"""Complaints for programs: take one in, list them, do the next step."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AfterValidator, Field, StrictBool, StringConstraints

from overdeliver.apps.look.access import needs
from overdeliver.apps.look.schemas import Cursor, Known, Listed, Short, Strict, Text, Words, clean
from overdeliver.apps.people import reads as people
from overdeliver.apps.recovery import actions, board, mails, reads
from overdeliver.apps.recovery.rules.complaint import Complaint
from overdeliver.apps.recovery.rules.loop import next_moves

router = Router()
Key = Annotated[str, StringConstraints(max_length=150, pattern=r"^\S*$"), AfterValidator(clean)]
Number = Annotated[int, Field(ge=1, lt=2**62)]
Object = Literal["product", "person", "service", "pre_sale", "other"]
State = Literal[
    "",
    "open",
    "merged",
    "received",
    "admitted",
    "apologised",
    "cause_found",
    "changed",
    "invited",
    "reopened",
    "good",
    "lesson",
    "closed",
]
Move = Literal[
    "admit",
    "apologise",
    "find_cause",
    "change",
    "invite",
    "good",
    "not_good",
    "write_lesson",
    "close",
]


class CaseIn(Strict):
    """A complaint, as it was told."""

    text: Annotated[Text, Field(min_length=3)] = Field(examples=["The lid is broken"])
    object: Object = "other"
    severity: Literal["low", "normal", "high"] = "normal"
    first: StrictBool | None = Field(None, description="It reached us before anybody else")
    customer: Known = Field("", description="The customer's reference, if it is known")
    order: Known = Field("", description="The order's reference, if it is about one")
    touchpoint: Annotated[Short, Field(max_length=80)] = ""
    name: Words = ""
    contact: Annotated[str, StringConstraints(max_length=320), AfterValidator(clean)] = Field(
        "", description="A mail address or a phone number", examples=["anna@example.org"]
    )
    language: Literal["", "en", "pt", "ru", "ro", "kk"] = ""
    key: Key = Field("", description="The same key again is the same complaint")


class StepIn(Strict):
    """The next step of the loop, with what shows it."""

    step: Move
    words: Annotated[Text, Field(min_length=1, max_length=5000)] = Field(
        description="What shows that it was done; of admit and apologise it goes to the customer"
    )
    cause: Words = Field("", description="Of find_cause: the cause, as it is called")
    change: Annotated[str, StringConstraints(max_length=500), AfterValidator(clean)] = Field(
        "", description="Of change: what is done otherwise from now on"
    )
    change_owner: Annotated[Known, Field(description="Of change: who sees to it")] = ""
    remedy: Literal["", "refund", "redo", "credit", "apology"] = ""
    steps: int | None = Field(
        None, ge=0, lt=2**31, description="The steps seen; 409 if there are more by now"
    )


class CaseOut(Schema):
    """A complaint and where it stands."""

    number: int
    status: str
    next: list[str] = Field(description="The steps that may come now")
    due_at: datetime | None = Field(description="Until when the next step is to be done")
    answer_by: datetime = Field(description="The first answer, as promised")
    received_at: datetime
    closed_at: datetime | None
    steps: int
    reopened: int
    object: str
    severity: str
    first: bool | None
    channel: str
    customer: str
    order: str
    touchpoint: str
    text: str
    cause: str
    remedy: str
    merged_into: int | None
    second_of: int | None = Field(description="The like complaint that came before")
    link: str = Field(description="The customer's own page")


class StepOut(Schema):
    """A step that was done."""

    number: int
    before: str
    after: str
    words: str
    cause: str
    change: str
    by: str
    at: datetime
    late: bool


class CaseWhole(CaseOut):
    """A complaint with its steps."""

    log: list[StepOut]


@router.post("/cases", response={201: CaseOut})
@needs("cases.write")
def opened(request: HttpRequest, given: CaseIn) -> Any:
    """Take a complaint in; its first answer is promised by the business calendar."""
    told = Complaint(
        text=given.text,
        channel="api",
        object=given.object,
        severity=given.severity,
        first=given.first,
        language=given.language,
        name=given.name,
        contact=given.contact,
        touchpoint=given.touchpoint,
    )
    customer = people.customer(given.customer) if given.customer else None
    key = f"api:{given.key}" if given.key else ""
    row = actions.open_case(
        told, customer=customer.id if customer else None, order=given.order, key=key
    )
    return Status(201, _out(reads.card_of(row, customer)))


@router.get("/cases", response=Listed[CaseOut])
@needs("cases.see")
def listed(
    request: HttpRequest,
    q: Known = "",
    status: State = "",
    late: bool = False,
    after: Cursor = "",
) -> Any:
    """Complaints, newest first, fifty at a time."""
    page = board.listed(board.Filter(q=q, status=status, late=late), timezone.now(), after=after)
    return {"items": [_out(one) for one in page.rows], "next": page.next}


@router.get("/cases/{int:number}", response=CaseWhole)
@needs("cases.see")
def one(request: HttpRequest, number: Number) -> Any:
    """One complaint with its steps."""
    log = [
        {
            "number": step.number,
            "before": step.before,
            "after": step.after,
            "words": step.words,
            "cause": step.cause,
            "change": step.change,
            "by": step.by,
            "at": step.at,
            "late": step.late,
        }
        for step in reads.steps(number)
    ]
    return {**_out(reads.case(number)), "log": log}


@router.post("/cases/{int:number}/steps", response=CaseOut)
@needs("cases.write")
def step(request: HttpRequest, number: Number, given: StepIn) -> Any:
    """Do the next step; 409 says which one that is where another was asked for."""
    actions.do_named(
        number,
        given.step,
        actions.Told(words=given.words, remedy=given.remedy, seen=given.steps),
        cause=given.cause,
        change=given.change,
        change_owner=given.change_owner,
    )
    return _out(reads.case(number))


def _out(card: reads.CaseCard) -> dict[str, Any]:
    moves = [] if card.merged_into else [move.name for move in next_moves(card.status)]
    names = ("status", "due_at", "answer_by", "received_at", "closed_at", "steps", "reopened")
    more = ("object", "severity", "first", "channel", "order", "touchpoint", "text", "merged_into")
    return {
        **{name: getattr(card, name) for name in (*names, *more)},
        "number": card.id,
        "next": moves,
        "customer": card.customer.reference if card.customer else "",
        "cause": card.cause_name,
        "remedy": card.choice,
        "second_of": card.alike,
        "link": mails.link_of(card.token),
    }
