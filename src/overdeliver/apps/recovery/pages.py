"""The board of complaints, one complaint's whole story, the phone note."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import language, word
from overdeliver.apps.outreach import reads as outreach
from overdeliver.apps.people import listing as staffing
from overdeliver.apps.people import reads as people
from overdeliver.apps.promises import reads as promises
from overdeliver.apps.recovery import actions, attachments, board, incoming, mails, reads, registers
from overdeliver.apps.recovery.forms import note_form, read_note
from overdeliver.apps.recovery.rules.complaint import OBJECTS
from overdeliver.apps.recovery.rules.loop import STATES, next_moves
from overdeliver.apps.recovery.rules.policies import REMEDIES, RemedyPolicy
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound


@needs("cases.see")
def listed(request: HttpRequest) -> HttpResponse:
    """`/cases/`: open complaints by step; with a state, a list of that state."""
    asked, now = filter_of(request), timezone.now()
    one_state = bool(asked.status) and asked.status != "open"
    context: dict[str, Any] = {
        "asked": asked,
        "filtered": asked != board.Filter(),
        "tally": board.tally(now),
        "pulse": board.pulse(now),
        "unread": incoming.unread(),
        "needed": board.NEEDED,
        "staff": _staff(),
        "states": STATES,
        "objects": OBJECTS,
        "now": now,
    }
    if one_state:
        after, before = request.GET.get("after", ""), request.GET.get("before", "")
        context["page"] = board.listed(asked, now, after=after, before=before)
    else:
        context["columns"] = board.columns(asked, now)
    return render(request, "recovery/board.html", context)


@needs("cases.see")
def case(request: HttpRequest, number: int) -> HttpResponse:
    """`/cases/NUMBER/`: the whole story, and the next legal step as a form."""
    return story(request, number)


@needs("cases.write")
def note(request: HttpRequest) -> HttpResponse:
    """`/cases/new/`: a complaint heard on the phone or across the counter."""
    form = note_form(request.GET.get("order", ""))
    if request.method == "POST" and form.fill(request.POST):
        try:
            reference = form.text("customer")
            customer = people.customer(reference).id if reference else None
            made = actions.open_case(
                read_note(form, language()), customer=customer, order=form.text("order")
            )
        except (InputError, NotFound) as error:
            form.refuse(error)
        else:
            messages.success(request, str(word("recovery.note.kept", number=made.pk)))
            return redirect("case", number=made.pk)
    status = 200 if form.right else 422
    return render(request, "recovery/note.html", {"form": form}, status=status)


@needs("cases.see")
def attachment(request: HttpRequest, number: int, file: int) -> HttpResponse:
    """A file of a complaint, as a download in a sandbox."""
    row, data = attachments.content(file, number)
    response = HttpResponse(data, content_type=attachments.media_type(row.kind))
    name = f"complaint-{number}-{row.pk}.{row.kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


@needs("cases.write")
@require_POST
def owner(request: HttpRequest, number: int) -> HttpResponse:
    """Take a complaint that nobody has, or give it to somebody."""
    given = request.POST.get("owner", "")
    try:
        if given == "me":
            actions.take(number, int(getattr(request.user, "pk", 0)))
        else:
            known = {int(pk) for pk, _ in _staff()}
            chosen = int(given) if given.isdecimal() and len(given) < 10 else None
            if chosen is not None and chosen not in known:
                raise InputError("owner: choose one of the list")
            actions.assign(number, chosen)
    except (Conflict, InputError) as error:
        return story(request, number, error)
    return redirect("case", number=number)


@needs("cases.write")
@require_POST
def merge(request: HttpRequest, number: int) -> HttpResponse:
    """Make this complaint part of another, or undo it."""
    into = request.POST.get("into", "")
    try:
        if into == "undo":
            actions.unmerge(number)
            messages.success(request, str(word("recovery.story.unmerged")))
        else:
            if not (into.isdecimal() and len(into) < 18):
                raise InputError("into: choose a complaint")
            actions.merge(number, int(into))
            messages.success(request, str(word("recovery.story.merged_done", into=into)))
    except (Conflict, InputError, NotFound) as error:
        return story(request, number, error)
    return redirect("case", number=number)


@needs("cases.write")
@require_POST
def link(request: HttpRequest, number: int) -> HttpResponse:
    """Say whose complaint it is."""
    try:
        actions.link_customer(number, request.POST.get("customer", ""))
    except (Conflict, NotFound) as error:
        return story(request, number, error)
    return redirect("case", number=number)


def story(
    request: HttpRequest, number: int, error: Exception | None = None, **more: Any
) -> HttpResponse:
    """The page of a complaint; ``error``: what was wrong with what was just typed."""
    row = reads.case(number)
    rights: frozenset[str] = getattr(request, "rights", frozenset())
    status = 200 if error is None else 409 if isinstance(error, Conflict) else 422
    policy = business.policy(RemedyPolicy)
    context: dict[str, Any] = {
        "case": row,
        "subject": f"case:{number}",
        "address": mails.address_known(row),
        "steps": reads.steps(number),
        "files": reads.files(number),
        "merged": reads.merged(number),
        "proposals": reads.proposals(number),
        "moves": [] if row.merged_into else [move.name for move in next_moves(row.status)],
        "promises": promises.promises_of_order(row.order) if row.order else [],
        "answer": _answer(number),
        "letters": outreach.about(f"case:{number}"),
        "before": reads.case(row.alike) if row.alike else None,
        "life": journal.life(f"case:{number}") if "journal.see" in rights else [],
        "names": staffing.names_of_staff(),
        "causes": registers.causes(),
        "changes": registers.changes(row.cause) if row.cause else [],
        "remedies": policy.offered or REMEDIES,
        "staff": _staff(),
        "now": timezone.now(),
        "today": timezone.localdate(),
        "typed": request.POST,
        "error": str(error) if error else "",
        **more,
    }
    return render(request, "recovery/case.html", context, status=status)


def filter_of(request: HttpRequest) -> board.Filter:
    """What the address asks for; values that are none ask nothing."""
    given = request.GET
    status, thing, owner = given.get("status", ""), given.get("object", ""), given.get("owner", "")
    if owner == "me":
        owner = str(getattr(request.user, "pk", ""))
    cause = given.get("cause", "")
    return board.Filter(
        q=given.get("q", "")[:200],
        status=status if status in (*STATES, "open", "merged") else "",
        owner=owner if owner == "none" or (owner.isdecimal() and len(owner) < 10) else "",
        object=thing if thing in OBJECTS else "",
        late=given.get("late") == "1",
        cause=int(cause) if cause.isdecimal() and len(cause) < 18 else None,
    )


def _answer(number: int) -> promises.Row | None:
    """The promise of the first answer, once it is in the ledger."""
    try:
        return promises.promise(f"case-{number}")
    except NotFound:
        return None


def _staff() -> list[tuple[str, str]]:
    names = staffing.names_of_staff()
    return sorted(
        ((actor.partition(":")[2], name) for actor, name in names.items()), key=lambda one: one[1]
    )
