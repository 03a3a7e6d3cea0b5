"""One promise's life: how it was made, revised, settled, corrected; and a new one by hand."""

import secrets
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.promises import actions, reads
from overdeliver.apps.promises.forms import (
    HAND_SOURCES,
    amount_of_form,
    is_dated,
    moment_of_text,
    service_named,
    terms_of_form,
)
from overdeliver.apps.promises.line import time_line
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound


@needs("promises.see")
def life(request: HttpRequest, reference: str) -> HttpResponse:
    """`/promises/REFERENCE/`: one promise from the first word to the last outcome."""
    return _life(request, reference)


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
            actual = amount_of_form(request.POST, "actual", row.lever, row.classes)
            verdict = actions.record_outcome(reference, actual=actual)
    except (InputError, Conflict) as error:
        return _life(request, reference, wrong={"outcome": str(error)})
    said = word(f"look.verdict.{verdict}")
    messages.success(request, word("promises.life.recorded", verdict=said))
    return redirect("promise", reference=reference)


@needs("promises.write")
@require_POST
def revise(request: HttpRequest, reference: str) -> HttpResponse:
    """Promise anew for the same order; the earlier promise stays and is scored."""
    row = reads.promise(reference)
    try:
        terms = terms_of_form(request.POST, row.lever, row.unit, row.whole, row.classes)
        said = request.POST.get("words", "")
        made = actions.make_promise(
            row.order, source="staff", revises=reference, words=said, **terms
        )
    except (InputError, Conflict) as error:
        return _life(request, reference, wrong={"revise": str(error)})
    messages.success(request, word("promises.life.revised"))
    return redirect("promise", reference=made)


@needs("promises.write")
def new(request: HttpRequest) -> HttpResponse:
    """`/promises/new/`: a promise given by hand or on the phone, for an order old or new."""
    services = business.services()
    slug = request.POST.get("service") or request.GET.get("service", "")
    if not slug and len(services) == 1:
        slug = services[0].slug
    service = next((one for one in services if one.slug == slug), None)
    error = ""
    if request.method == "POST":
        try:
            made = _promise_by_hand(request)
        except (InputError, Conflict, NotFound) as problem:
            error = str(problem)
        else:
            messages.success(request, word("promises.new.made"))
            return redirect("promise", reference=made)
    context = {
        "services": services,
        "service": service,
        "dated": bool(service and service.whole and is_dated(service.unit)),
        "sources": HAND_SOURCES,
        "typed": request.POST,
        "order": request.POST.get("order") or request.GET.get("order", ""),
        "error": error,
    }
    return render(request, "promises/new.html", context, status=422 if error else 200)


def _promise_by_hand(request: HttpRequest) -> str:
    typed = request.POST
    service = service_named(typed.get("service", ""), business.services())
    terms = terms_of_form(typed, service.lever, service.unit, service.whole, service.classes)
    source = typed.get("source", "staff")
    if source not in HAND_SOURCES:
        raise InputError("source: choose one of the list")
    order = typed.get("order", "").strip()
    with transaction.atomic():
        order = actions.place_order(
            order or f"hand-{secrets.token_hex(4)}",
            placed_at=timezone.now(),
            customer=typed.get("customer", "").strip(),
            service=service.slug,
            channel=typed.get("channel", "").strip(),
        )
        return actions.make_promise(order, source=source, words=typed.get("words", ""), **terms)


def _life(
    request: HttpRequest, reference: str, *, wrong: dict[str, str] | None = None
) -> HttpResponse:
    thread = reads.thread(reference)
    row = next(one for one in thread if one.reference == reference)
    last, outcomes = thread[-1], reads.outcomes(reference)
    order = reads.order(row.order)
    rights: frozenset[str] = getattr(request, "rights", frozenset())
    may_write = "promises.write" in rights
    context: dict[str, Any] = {
        "promise": row,
        "thread": thread,
        "last": last,
        "picture": time_line(thread, timezone.now()) if row.lever == "time" else "",
        "outcomes": outcomes,
        "order": order,
        "journal": journal.life(f"promise:{reference}") if "journal.see" in rights else [],
        "typed": request.POST,
        "wrong": wrong or {},
        "may_write": may_write,
        "may_revise": may_write
        and last.reference == reference
        and not outcomes
        and not order.cancelled_at,
        "now": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
    }
    return render(request, "promises/life.html", context, status=422 if wrong else 200)
