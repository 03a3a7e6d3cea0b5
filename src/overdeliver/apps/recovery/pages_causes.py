"""Causes and changes, whether each change stopped its cause; what was learned."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.recovery import actions, board, registers
from overdeliver.apps.recovery.pages_steps import day_of
from overdeliver.measure.recurrence import DAYS, FEWEST
from overdeliver.vocabulary.errors import InputError


@needs("cases.see")
def listed(request: HttpRequest) -> HttpResponse:
    """`/cases/causes/`: the causes, and every change with how often its cause came before it and
    after.
    """
    text = request.GET.get("q", "").strip()[:200]
    context = {
        "text": text,
        "causes": registers.causes(text),
        "changes": [] if text else registers.judged(registers.changes(), timezone.now()),
        "days": int(DAYS),
        "fewest": FEWEST,
    }
    return render(request, "recovery/causes.html", context)


@needs("cases.see")
def cause(request: HttpRequest, number: int) -> HttpResponse:
    """`/cases/causes/NUMBER/`: one cause with its complaints and changes."""
    return _cause(request, number)


@needs("cases.manage")
@require_POST
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Write down a change of how the work is done."""
    typed = request.POST
    try:
        actions.keep_change(
            number, typed.get("what", ""), typed.get("owner", ""), day_of(typed.get("since", ""))
        )
    except InputError as error:
        return _cause(request, number, str(error), 422)
    messages.success(request, str(word("recovery.causes.change_kept")))
    return redirect("cause", number=number)


@needs("cases.see")
def lessons(request: HttpRequest) -> HttpResponse:
    """`/cases/lessons/`: what was learned, complaint by complaint."""
    text = request.GET.get("q", "").strip()[:200]
    context = {"text": text, "lessons": board.lessons(text)}
    return render(request, "recovery/lessons.html", context)


def _cause(request: HttpRequest, number: int, error: str = "", status: int = 200) -> HttpResponse:
    now = timezone.now()
    context: dict[str, Any] = {
        "cause": registers.cause(number),
        "changes": registers.judged(registers.changes(number), now),
        "page": board.listed(
            board.Filter(cause=number),
            now,
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        ),
        "today": timezone.localdate(),
        "days": int(DAYS),
        "fewest": FEWEST,
        "typed": request.POST,
        "error": error,
    }
    return render(request, "recovery/cause.html", context, status=status)
