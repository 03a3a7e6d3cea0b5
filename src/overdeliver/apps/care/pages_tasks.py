"""The call list, personal thank-yous, steps that wait for a person, one person's timeline."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from overdeliver.apps.care import listing, saying, sharing, tasks
from overdeliver.apps.care.rules.steps import BY_PERSON, CHANNELS
from overdeliver.apps.care.rules.tasks import AGAIN, outcomes_of
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.people import reads as people
from overdeliver.apps.promises import reads as promises
from overdeliver.vocabulary.errors import Conflict, InputError

_STATUSES = ("open", "done", "dropped")


@needs("care.see")
def listed(request: HttpRequest) -> HttpResponse:
    """`/care/tasks/`: whom to call and whom to thank, the first due first."""
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "status", "kind", "mine")}
    status = asked["status"] if asked["status"] in _STATUSES else "open"
    kind = asked["kind"] if asked["kind"] in BY_PERSON else ""
    mine = (request.user.pk or 0) if asked["mine"] else 0
    page = listing.tasks(
        status=status, kind=kind, mine=mine, text=asked["q"][:100], start=_start(request)
    )
    now = timezone.now()
    context = {
        "page": page,
        "asked": {**asked, "status": status, "kind": kind},
        "filtered": bool(asked["q"] or kind or mine or status != "open"),
        "due": listing.open_tasks(now).count(),
        "now": now,
        "statuses": _STATUSES,
        "kinds": BY_PERSON,
    }
    return render(request, "care/tasks.html", context)


@needs("care.see")
def one(request: HttpRequest, number: int) -> HttpResponse:
    """`/care/tasks/NUMBER/`: what to say, and what came of it."""
    return _task(request, number)


@needs("care.write")
@require_POST
def settle(request: HttpRequest, number: int) -> HttpResponse:
    """What came of it."""
    outcome, note = request.POST.get("outcome", ""), request.POST.get("note", "")
    typed = {"note": note, "back": request.POST.get("back", ""), "outcome": outcome}
    seen = request.POST.get("sequence", "")
    try:
        back = _moment(typed["back"]) if outcome in AGAIN else None
        tasks.settle(
            number,
            outcome,
            note=note,
            back=back,
            sequence=int(seen) if seen.isdecimal() and len(seen) < 10 else -1,
        )
    except InputError as error:
        return _task(request, number, typed=typed, error=str(error), status=422)
    except Conflict:
        messages.warning(request, str(word("care.task.faster")))
        return redirect("care_task", number)
    messages.success(request, str(word("care.task.kept")))
    return redirect("care_task" if outcome in AGAIN else "care_tasks", *_of(outcome, number))


@needs("care.write")
@require_POST
def reopen(request: HttpRequest, number: int) -> HttpResponse:
    """It stands in the list again."""
    try:
        tasks.reopen(number)
    except Conflict:
        messages.warning(request, str(word("care.task.faster")))
    return redirect("care_task", number)


@needs("care.see")
def steps(request: HttpRequest) -> HttpResponse:
    """`/care/steps/`: steps of every run, by plan, state and channel."""
    asked = {name: request.GET.get(name, "") for name in ("plan", "state", "channel")}
    if asked["state"] not in listing.STATES:
        asked["state"] = ""
    if asked["channel"] not in CHANNELS:
        asked["channel"] = ""
    plans = listing.plans()
    if asked["plan"] not in {row.slug for row in plans}:
        asked["plan"] = ""
    context = {
        "page": listing.steps(**asked, start=_start(request)),
        "asked": asked,
        "filtered": any(asked.values()),
        "plans": plans,
        "states": listing.STATES,
        "channels": CHANNELS,
        "held": sum(row.states["held"] for row in plans),
    }
    return render(request, "care/steps.html", context)


@needs("care.write")
@require_POST
def act(request: HttpRequest, number: int) -> HttpResponse:
    """A held step goes after all, or never."""
    ways = {"release": tasks.release, "drop": tasks.drop}
    chosen = request.POST.get("act", "")
    if chosen not in ways:
        raise InputError("act: use one of release, drop")
    try:
        ways[chosen](number)
        messages.success(request, str(word(f"care.steps.{chosen}_done")))
    except Conflict:
        messages.warning(request, str(word("care.task.faster")))
    return redirect("care_steps")


@needs("care.see")
def person(request: HttpRequest, reference: str) -> HttpResponse:
    """`/care/people/REFERENCE/`: what was done for somebody, when, and why."""
    customer = people.customer(reference)
    context = {"customer": customer, "runs": listing.runs_of(customer.id)}
    return render(request, "care/person.html", context)


def _task(
    request: HttpRequest,
    number: int,
    *,
    typed: dict[str, str] | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    row = listing.task(number)
    order = promises.order(row.task.order)
    subject, script = saying.spoken(row.task.content, order, sharing.open_token(order.reference))
    ends = [one for one in outcomes_of(row.task.kind) if one not in AGAIN]
    context = {
        "row": row,
        "order": order,
        "title": subject,
        "paragraphs": [part.strip() for part in script.split("\n\n") if part.strip()],
        "ends": ends,
        "again": AGAIN if row.task.kind == "call" else (),
        "typed": typed or {},
        "error": error,
        "late": row.task.status == "open" and row.task.not_after < timezone.now(),
        "subject": f"task:{number}",
    }
    return render(request, "care/task.html", context, status=status)


def _of(outcome: str, number: int) -> tuple[int, ...]:
    return (number,) if outcome in AGAIN else ()


def _moment(text: str) -> datetime | None:
    """As a field of date and time gives it, by the business's clocks."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return timezone.make_aware(found) if found.tzinfo is None else found


def _start(request: HttpRequest) -> int:
    found = request.GET.get("after", "") or request.GET.get("before", "")
    return min(int(found), 1_000_000) if found.isdecimal() and len(found) < 8 else 0
