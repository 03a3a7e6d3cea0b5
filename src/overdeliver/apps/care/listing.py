"""What the pages of care show: plans, steps, tasks, one person's timeline."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from overdeliver.apps.care.models import Due, Plan, PlanVersion, Run, Task
from overdeliver.apps.look.words import word
from overdeliver.apps.outreach.sent import states_of
from overdeliver.apps.people import reads as people
from overdeliver.vocabulary.errors import NotFound

PAGE = 50
STATES = ("waiting", "done", "held", "dropped")


@dataclass(frozen=True)
class PlanRow:
    """A plan in a few figures: how many under way, and its steps by their state."""

    slug: str
    moment: str
    name: str
    active: bool
    version: int
    treated: int
    held_out: int
    states: dict[str, int]


@dataclass(frozen=True)
class Page:
    """Some rows, and where the ones before and after begin; empty: there are none."""

    rows: Sequence[Any]
    previous: str
    next: str


@dataclass(frozen=True)
class StepRow:
    """A step of a run with whom it is for."""

    due: Due
    plan: str
    plan_name: str
    customer: people.CustomerCard | None
    order: str
    task: int | None
    sent: str = ""  # how its message stands in the outbox


@dataclass(frozen=True)
class RunRow:
    """A run with its steps, for a person's timeline."""

    run: Run
    plan_name: str
    steps: Sequence[StepRow] = field(default_factory=tuple)


@dataclass(frozen=True)
class TaskRow:
    """A call or a thank-you with whom it is for."""

    task: Task
    customer: people.CustomerCard | None
    owner: str
    plan_name: str


def plan_name(plan: Plan) -> str:
    """What a plan is called, in the language of the request."""
    return plan.name or str(word(f"care.moment.{plan.moment}"))


def plans() -> list[PlanRow]:
    """Every plan, those that are on first."""
    return [_plan(row) for row in Plan.objects.order_by("-active", "pk")]


def plan(slug: str) -> PlanRow:
    """One plan. NotFound: there is none of that name."""
    row = Plan.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound(f"plan {slug!r}: there is none of that name")
    return _plan(row)


def versions(slug: str) -> list[PlanVersion]:
    """The versions of a plan, the latest first."""
    return list(PlanVersion.objects.filter(plan__slug=slug).order_by("-version")[:20])


def steps(*, plan: str = "", state: str = "", channel: str = "", start: int = 0) -> Page:
    """Steps of runs, the next or latest first."""
    rows = Due.objects.select_related("run__plan", "task")
    given = {"run__plan__slug": plan, "state": state, "channel": channel}
    rows = rows.filter(**{name: value for name, value in given.items() if value})
    order = ("at", "pk") if state in ("waiting", "held") else ("-at", "-pk")
    found = list(rows.order_by(*order)[start : start + PAGE + 1])
    return _page(_steps(found[:PAGE]), start, len(found) > PAGE)


def tasks(
    *, status: str = "open", kind: str = "", mine: int = 0, text: str = "", start: int = 0
) -> Page:
    """Calls and thank-yous, the first due first; ``text``: of the customer or the order."""
    rows = Task.objects.select_related("owner", "due__run__plan")
    if status:
        rows = rows.filter(status=status)
    if kind:
        rows = rows.filter(kind=kind)
    if mine:
        rows = rows.filter(Q(owner=None) | Q(owner_id=mine))
    if text:
        rows = rows.filter(Q(customer_id__in=people.search_ids(text)) | Q(order__icontains=text))
    order = ("due_at", "pk") if status == "open" else ("-changed_at", "-pk")
    found = list(rows.order_by(*order)[start : start + PAGE + 1])
    return _page(_tasks(found[:PAGE]), start, len(found) > PAGE)


def task(number: int) -> TaskRow:
    """One task. NotFound: there is none of that number."""
    found = Task.objects.select_related("owner", "due__run__plan").filter(pk=number)
    if not found:
        raise NotFound(f"task {number}: there is none of that number")
    return _tasks(list(found))[0]


def runs_of(customer: int, limit: int = 50) -> list[RunRow]:
    """What was done for a customer (id) and why, the latest first."""
    rows = list(
        Run.objects.filter(customer_id=customer)
        .select_related("plan")
        .order_by("-moment_at", "-pk")[:limit]
    )
    dues = Due.objects.filter(run__in=rows).select_related("run__plan", "task").order_by("at")
    of: dict[int, list[StepRow]] = {}
    for step in _steps(list(dues)):
        of.setdefault(step.due.run_id, []).append(step)
    return [RunRow(row, plan_name(row.plan), of.get(row.pk, ())) for row in rows]


def open_tasks(before: datetime) -> QuerySet[Task]:
    """Tasks that are open and due before a moment."""
    return Task.objects.filter(status="open", due_at__lte=before).order_by("due_at", "pk")


def _plan(row: Plan) -> PlanRow:
    arms = dict(row.runs.order_by().values_list("arm").annotate(n=Count("pk")))
    states = Due.objects.filter(run__plan=row).order_by().values_list("state")
    return PlanRow(
        row.slug,
        row.moment,
        plan_name(row),
        row.active,
        row.version,
        arms.get("treated", 0),
        arms.get("held_out", 0),
        {**dict.fromkeys(STATES, 0), **dict(states.annotate(n=Count("pk")))},
    )


def _steps(rows: list[Due]) -> list[StepRow]:
    cards = people.customers_of([row.run.customer_id for row in rows if row.run.customer_id])
    sent = states_of({row.message for row in rows if row.message})
    return [
        StepRow(
            row,
            row.run.plan.slug,
            plan_name(row.run.plan),
            cards.get(row.run.customer_id or 0),
            row.run.order,
            row.task.pk if hasattr(row, "task") else None,
            sent[row.message].status if row.message in sent else "",
        )
        for row in rows
    ]


def _tasks(rows: list[Task]) -> list[TaskRow]:
    cards = people.customers_of([row.customer_id for row in rows if row.customer_id])
    return [
        TaskRow(
            row,
            cards.get(row.customer_id or 0),
            row.owner.get_full_name() if row.owner else "",
            plan_name(row.due.run.plan),
        )
        for row in rows
    ]


def _page(rows: Sequence[Any], start: int, more: bool) -> Page:
    previous = str(max(start - PAGE, 0)) if start else ""
    return Page(rows, previous, str(start + PAGE) if more else "")
