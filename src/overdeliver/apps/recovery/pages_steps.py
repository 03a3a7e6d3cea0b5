"""The next step of a complaint, as its page sends it."""

from datetime import date

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.recovery import actions
from overdeliver.apps.recovery.pages import story
from overdeliver.apps.recovery.rules.tone import remarks
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound

_CHECKED = ("admit", "apologise", "invite")


@needs("cases.write")
@require_POST
def step(request: HttpRequest, number: int) -> HttpResponse:
    """Do the step the form is of; a draft that stands out is asked about once before it goes."""
    typed = request.POST
    name, words = typed.get("step", ""), typed.get("words", "")
    found = remarks(words) if name in _CHECKED else []
    mild = [one for one in found if one.kind != "better"]
    if mild and not typed.get("sure"):
        error = InputError(str(word("recovery.tone.look")))
        return story(request, number, error, remarks=mild)
    try:
        with transaction.atomic():
            actions.do_step(
                number,
                name,
                actions.Told(
                    words=words,
                    cause=_cause(request) if name == "find_cause" else 0,
                    change=_change(request, number) if name == "change" else 0,
                    remedy=typed.get("remedy", ""),
                    seen=_number(typed.get("seen", "")),
                ),
            )
    except (InputError, Conflict, NotFound) as error:
        return story(request, number, error)
    messages.success(request, str(word(f"recovery.step_done.{name}")))
    return redirect("case", number=number)


def _cause(request: HttpRequest) -> int:
    """The cause chosen, or a new one by its name."""
    if new := request.POST.get("new_cause", "").strip():
        return actions.keep_cause(new)
    return _number(request.POST.get("cause", "")) or 0


def _change(request: HttpRequest, number: int) -> int:
    """The change chosen, or a new one of this complaint's cause."""
    typed = request.POST
    if not typed.get("what", "").strip():
        return _number(typed.get("change", "")) or 0
    row = actions.case_row(number)
    if row.cause_id is None:
        raise Conflict("change: its cause comes first")
    return actions.keep_change(
        row.cause_id, typed["what"], typed.get("change_owner", ""), day_of(typed.get("since", ""))
    )


def day_of(text: str) -> date | None:
    """A day as browsers send it, or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None
