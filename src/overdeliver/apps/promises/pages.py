"""The list of promises, one promise's life, one order."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.promises import actions, reads
from overdeliver.apps.promises.csv_rows import csv_lines
from overdeliver.apps.promises.forms import filter_of, moment_of_text, number_of_text
from overdeliver.apps.promises.line import time_line
from overdeliver.vocabulary.errors import Conflict, InputError
from overdeliver.vocabulary.gap import LEVERS, VERDICTS

EXPORT_ROWS = 200_000


@needs("promises.see")
def listed(request: HttpRequest) -> HttpResponse:
    """`/promises/`: every promise, filtered, newest first."""
    asked = filter_of(request.GET)
    page = reads.promises(
        asked, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    found = reads.count(asked)
    context = {
        "asked": asked,
        "page": page,
        "found": found,
        "capped": found >= reads.CAP,
        "filtered": asked != reads.Filter(),
        "services": business.services(active=False),
        "verdicts": VERDICTS,
        "levers": LEVERS,
        "segments": reads.choices("segment"),
        "channels": reads.choices("channel"),
        "teams": reads.choices("team"),
    }
    return render(request, "promises/list.html", context)


@needs("promises.see")
def download(request: HttpRequest) -> StreamingHttpResponse:
    """The list as CSV: the same rows as the page, all of them."""
    asked = filter_of(request.GET)
    name = f"promises-{timezone.localdate().isoformat()}.csv"
    response = StreamingHttpResponse(csv_lines(_all(asked)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _all(asked: reads.Filter) -> Iterator[reads.Row]:
    after, left = "", EXPORT_ROWS
    while left > 0:
        page = reads.promises(asked, after=after, limit=1000)
        yield from page.rows
        left -= len(page.rows)
        if not page.next:
            return
        after = page.next


@needs("promises.see")
def life(request: HttpRequest, reference: str) -> HttpResponse:
    """`/promises/REFERENCE/`: one promise from the first word to the last outcome."""
    return _life(request, reference)


def _life(request: HttpRequest, reference: str, error: str = "", status: int = 200) -> HttpResponse:
    thread = reads.thread(reference)
    row = next(one for one in thread if one.reference == reference)
    last = thread[-1]
    context = {
        "promise": row,
        "thread": thread,
        "last": last,
        "picture": time_line(thread, timezone.now()) if row.lever == "time" else "",
        "outcomes": reads.outcomes(reference),
        "order": reads.order(row.order),
        "journal": journal.life(f"promise:{reference}"),
        "service": _service(row.service),
        "typed": request.POST,
        "error": error,
        "now": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
    }
    return render(request, "promises/life.html", context, status=status)


def _service(slug: str) -> Any:
    return next((one for one in business.services(active=False) if one.slug == slug), None)


@needs("promises.write")
@require_POST
def outcome(request: HttpRequest, reference: str) -> HttpResponse:
    """Write down what came of it, or correct it: a later outcome counts."""
    row = reads.promise(reference)
    try:
        if row.lever == "time":
            happened = moment_of_text(request.POST.get("happened_at", ""))
            if happened > timezone.now():
                raise InputError("an outcome cannot lie in the future")
            verdict = actions.record_outcome(reference, happened_at=happened)
        else:
            actual = number_of_text(request.POST.get("actual", ""))
            verdict = actions.record_outcome(reference, actual=actual)
    except InputError as error:
        return _life(request, reference, str(error), 422)
    messages.success(
        request, word("promises.life.recorded", verdict=word(f"look.verdict.{verdict}"))
    )
    return redirect("promise", reference=reference)


@needs("promises.write")
@require_POST
def revise(request: HttpRequest, reference: str) -> HttpResponse:
    """Promise anew for the same order; the earlier promise stays and is scored."""
    row = reads.promise(reference)
    try:
        terms: dict[str, Any] = {"lever": row.lever, "unit": row.unit, "whole": row.whole}
        if row.lever == "time":
            terms["due_at"] = moment_of_text(request.POST.get("due_at", ""))
        else:
            terms["promised"] = number_of_text(request.POST.get("promised", ""))
        made = actions.make_promise(row.order, source="staff", revises=reference, **terms)
    except (InputError, Conflict) as error:
        return _life(request, reference, str(error), 422)
    messages.success(request, word("promises.life.revised"))
    return redirect("promise", reference=made)


@needs("promises.see")
def order(request: HttpRequest, reference: str) -> HttpResponse:
    """`/orders/REFERENCE/`: what was bought and everything promised about it."""
    card = reads.order(reference)
    context = {
        "order": card,
        "promises": reads.promises_of_order(reference),
        "journal": journal.life(f"order:{reference}"),
        "status_link": request.build_absolute_uri(reverse("status", args=[card.token])),
        "service": _service(card.service),
    }
    return render(request, "promises/order.html", context)


@needs("promises.write")
@require_POST
def next_step(request: HttpRequest, reference: str) -> HttpResponse:
    """What the customer reads on the status page under "what happens next"."""
    actions.say_next_step(reference, request.POST.get("next_step", "").strip()[:300])
    messages.success(request, word("promises.order.next_saved"))
    return redirect("order", reference=reference)


@needs("promises.write")
@require_POST
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    """The order is taken back: its open promises can no longer be known."""
    actions.cancel_order(reference)
    messages.success(request, word("promises.order.cancelled"))
    return redirect("order", reference=reference)
