"""Care for programs: calls and thank-yous, and the plans."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from overdeliver.apps.care import listing, plans, tasks
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.schemas import Limit, Listed, Moment, Strict

Kind = Literal["call", "thanks"]
Status = Literal["open", "done", "dropped"]
Outcome = Literal["reached", "message_left", "not_wanted", "no_answer", "call_back", "thanked"]
Start = Annotated[int, Field(ge=0, le=1_000_000, description="How many rows to pass over")]

router = Router()


class CareTaskOut(Schema):
    """A call or a personal thank-you."""

    number: int
    kind: Kind
    status: Status
    customer: str
    order: str
    due_at: datetime
    not_after: datetime
    outcome: str
    sequence: int


class CareOutcomeIn(Strict):
    """What came of it; ``sequence`` is the task's as it was read."""

    outcome: Outcome
    sequence: Annotated[int, Field(ge=0, le=2**31)]
    note: Annotated[str, Field(max_length=1000)] = ""
    back_at: Moment | None = None


class CareStepOut(Schema):
    """A step of a plan; hours count from the moment."""

    channel: Literal["mail", "letter", "call", "thanks"]
    content: str
    after: float
    within: float
    clock: str


class CarePlanOut(Schema):
    """A plan, its steps, and how many of them stand how."""

    name: str
    moment: str
    active: bool
    version: int
    steps: list[CareStepOut]
    treated: int
    held_out: int
    waiting: int
    done: int
    held: int
    dropped: int


@router.get("/care/tasks", response=Listed[CareTaskOut])
@needs("care.see")
def listed(
    request: HttpRequest,
    status: Status = "open",
    kind: Kind | None = None,
    after: Start = 0,
    limit: Limit = 50,
) -> Any:
    """Calls and thank-yous, the first due first."""
    page = listing.tasks(status=status, kind=kind or "", start=after)
    rows = page.rows[:limit]
    more = len(page.rows) > limit or page.next
    return {
        "items": [_task(row) for row in rows],
        "next": str(after + len(rows)) if more else "",
    }


@router.post("/care/tasks/{int:number}/outcome", response=CareTaskOut)
@needs("care.write")
def settle(request: HttpRequest, number: int, given: CareOutcomeIn) -> Any:
    """Write down what came of a call or a thank-you."""
    tasks.settle(
        number, given.outcome, note=given.note, back=given.back_at, sequence=given.sequence
    )
    return _task(listing.task(number))


@router.get("/care/plans", response=Listed[CarePlanOut])
@needs("care.see")
def all_plans(request: HttpRequest) -> Any:
    """Every plan with its steps."""
    rows = listing.plans()
    return {
        "items": [
            {
                "name": row.slug,
                "moment": row.moment,
                "active": row.active,
                "version": row.version,
                "steps": [step.data() for step in plans.steps_of(row.slug)],
                "treated": row.treated,
                "held_out": row.held_out,
                **row.states,
            }
            for row in rows
        ],
        "next": "",
    }


def _task(row: listing.TaskRow) -> dict[str, Any]:
    task = row.task
    return {
        "number": task.pk,
        "kind": task.kind,
        "status": task.status,
        "customer": row.customer.reference if row.customer else "",
        "order": task.order,
        "due_at": task.due_at,
        "not_after": task.not_after,
        "outcome": task.outcome,
        "sequence": task.sequence,
    }
