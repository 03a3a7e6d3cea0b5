"""Customers: the list, one customer's card, what may be done about it."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from overdeliver.apps.business.fields import Form
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.journal.actions import record
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.people import actions, events, export, listing
from overdeliver.apps.people.card_parts import parts_of
from overdeliver.apps.people.forms import consent_form, customer_form
from overdeliver.vocabulary.errors import Conflict, InputError


@needs("customers.see")
def customers(request: HttpRequest) -> HttpResponse:
    """`/customers/`: everybody promises are made to, newest first; search and segment."""
    text, segment = request.GET.get("q", "").strip(), request.GET.get("segment", "")
    page = listing.customers(
        text, segment, after=_key(request, "after"), before=_key(request, "before")
    )
    filtered = bool(text or segment)
    count = len(page.rows) if filtered else listing.customer_count()
    context = {
        "page": page,
        "text": text,
        "segment": segment,
        "segments": listing.segments(),
        "filtered": filtered,
        "count": count,
        "more": count >= 100_000 if not filtered else bool(page.next or page.previous),
    }
    return render(request, "people/customers.html", context)


@needs("customers.see")
def customer(request: HttpRequest, reference: str) -> HttpResponse:
    """`/customers/REFERENCE/`: who it is, what was promised, what was agreed to."""
    return _card(request, reference, consent_form())


@needs("customers.write")
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """`/customers/REFERENCE/edit`: name, ways to reach, language, zone, segment."""
    row = listing.customer(reference)
    form = customer_form(row, listing.zone_of(reference), listing.segments())
    if request.method == "POST" and form.fill(request.POST):
        try:
            actions.change_customer(reference, **{f.name: f.value for f in form})
        except (InputError, Conflict) as error:
            form.refuse(error)
        else:
            messages.success(request, str(word("people.saved")))
            return redirect("customer", reference=reference)
    context = {"form": form, "row": row}
    status = 200 if form.right else 422
    return render(request, "people/customer_edit.html", context, status=status)


@needs("customers.write")
@require_POST
def consent(request: HttpRequest, reference: str) -> HttpResponse:
    """Write down a yes or no."""
    form = consent_form()
    if form.fill(request.POST):
        try:
            actions.note_consent(
                reference,
                form.text("purpose"),
                form.text("given") == "yes",
                source=form.text("source"),
                text=form.text("text"),
            )
        except (InputError, Conflict) as error:
            form.refuse(error)
        else:
            messages.success(request, str(word("people.saved")))
            return redirect("customer", reference=reference)
    return _card(request, reference, form, 422)


@needs("customers.export")
@require_POST
def hand_out(request: HttpRequest, reference: str) -> HttpResponse:
    """A person's data as JSON, and a line in the journal that they were handed out."""
    data = export.person(reference)
    with transaction.atomic():
        record(events.CustomerExported(subject=f"customer:{reference}"))
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = 'attachment; filename="person.json"'
    return response


@needs("customers.erase")
def erase(request: HttpRequest, reference: str) -> HttpResponse:
    """`/customers/REFERENCE/erase`: first what it means, then the reference typed once more."""
    row = listing.customer(reference)
    wrong = False
    if request.method == "POST" and row.erased_at is None:
        if request.POST.get("confirm", "").strip() == reference:
            actions.erase_customer(reference)
            messages.success(request, str(word("people.erase.done")))
            return redirect("customer", reference=reference)
        wrong = True
    context = {"row": row, "wrong": wrong}
    return render(request, "people/erase.html", context, status=422 if wrong else 200)


def _card(request: HttpRequest, reference: str, form: Form, status: int = 200) -> HttpResponse:
    row = listing.customer(reference)
    names = listing.names_of_staff()
    context: dict[str, Any] = {
        "row": row,
        "zone": listing.zone_of(reference),
        "consents": listing.consents(row.id),
        "form": form,
        "parts": parts_of(row.id),
        "life": [
            (entry, names.get(entry.actor)) for entry in journal.life(f"customer:{reference}")
        ],
    }
    return render(request, "people/customer.html", context, status=status)


def _key(request: HttpRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 19 else None
