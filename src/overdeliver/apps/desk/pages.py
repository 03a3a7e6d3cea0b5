"""Today: what needs a person now, and why."""

from datetime import datetime, time, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST

from overdeliver.apps.desk import actions, reads
from overdeliver.apps.desk.rules import counts
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.promises import reads as promises

TAGS = {"win_back": "broken", "rescue": "open", "decide": "met", "look": "unknown", "begin": "open"}


@needs("today.see")
def today(request: HttpRequest) -> HttpResponse:
    """`/`: the lines, the most urgent first; two figures of the day below."""
    now = timezone.now()
    found = reads.today(now)
    day = timezone.localdate()
    context = {
        "lines": [(fact, TAGS[fact.kind], f"desk.kind.{fact.kind}") for fact in found],
        "answer": _answer(counts(found)),
        "day": reads.day(now),
        "needed": reads.NEEDED,
        "empty": not promises.count(promises.Filter(), cap=1),
        "due_list": f"{reverse('promises')}?verdict=open&due_from={day}&due_to={day}",
        "kept_list": f"{reverse('promises')}?due_from={day - timedelta(days=7)}",
    }
    return render(request, "desk/today.html", context)


def _answer(found: dict[str, int]) -> str:
    parts = [
        word(f"desk.answer.{kind}", count=found[kind], n=found[kind])
        for kind in ("win_back", "rescue", "decide", "look")
        if found.get(kind)
    ]
    if not parts:
        return str(word("desk.answer.nothing"))
    joined = word("desk.answer.joint").join(parts[:-1]) + word("desk.answer.last") + parts[-1]
    text = str(joined if len(parts) > 1 else parts[0])
    return mark_safe(text[:1].upper() + text[1:] + ".")


@needs("today.act")
@require_POST
def mark(request: HttpRequest) -> HttpResponse:
    """Set a line aside, with the way back."""
    key, state = request.POST.get("key", ""), request.POST.get("state", "")
    until = _tomorrow() if state == "later" else None
    actions.mark(key, state, until=until)
    text = word("desk.marked.later" if until else "desk.marked.done")
    undo = format_html(
        '{} <button class="link" form="undo" name="key" value="{}">{}</button>',
        mark_safe(str(text)),
        key,
        mark_safe(str(word("look.action.undo"))),
    )
    messages.success(request, undo)
    return redirect("today")


@needs("today.act")
@require_POST
def bring_back(request: HttpRequest) -> HttpResponse:
    """The line stands on the page again."""
    actions.bring_back(request.POST.get("key", ""))
    return redirect("today")


def _tomorrow() -> datetime:
    """Tomorrow at eight, by the clocks of the business."""
    zone = timezone.get_current_timezone()
    return datetime.combine(timezone.localdate() + timedelta(days=1), time(8), zone)
