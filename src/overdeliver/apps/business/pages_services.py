"""Settings: services with their order and classes, the one lever of each segment."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from overdeliver.apps.business import listing, offering, reads
from overdeliver.apps.business.fields import Field, Form, options_of
from overdeliver.apps.business.forms import service_form
from overdeliver.apps.business.undo import saved
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.gap import LEVERS


@needs("settings.see")
def services(request: HttpRequest) -> HttpResponse:
    """`/settings/services/`: what is promised about, in order."""
    cards = reads.services(active=False)
    context = {
        "services": [one for one in cards if one.active],
        "retired": [one for one in cards if not one.active],
    }
    return render(request, "business/services.html", context)


@needs("settings.write")
def service(request: HttpRequest, slug: str = "") -> HttpResponse:
    """`/settings/services/SLUG/`: add a service or change one."""
    card = reads.service(slug) if slug else None
    here = reads.business()
    form = service_form(card, here.currency if here else "EUR")
    if request.method == "POST" and form.fill(request.POST):
        values = _typed(form)
        if form.right:
            try:
                offering.keep_service(**values, slug=slug, new=card is None)
            except InputError as error:
                form.refuse(error)
        if form.right:
            if card is None:
                messages.success(request, str(word("business.saved")))
            else:
                saved(request, word("business.saved"), "service", _before(card))
            return redirect("settings_services")
    status = 200 if form.right else 422
    return render(request, "business/service.html", {"form": form, "card": card}, status=status)


@needs("settings.write")
@require_POST
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    """Retire a service, or take it up again."""
    active = request.POST.get("active") == "yes"
    offering.retire_service(slug, active=active)
    messages.success(
        request, str(word("business.service.taken_up" if active else "business.service.retired"))
    )
    return redirect("settings_services")


@needs("settings.write")
@require_POST
def move(request: HttpRequest, slug: str) -> HttpResponse:
    """Move a service up or down."""
    offering.move_service(slug, -1 if request.POST.get("way") == "up" else 1)
    return redirect("settings_services")


@needs("settings.see")
def levers(request: HttpRequest) -> HttpResponse:
    """`/settings/levers/`: the one lever of each segment; others over-delivered on purpose warn."""
    return _levers(request, _lever_form())


@needs("settings.write")
@require_POST
def choose_lever(request: HttpRequest) -> HttpResponse:
    """Choose the lever of a segment, or take the choice away."""
    form = _lever_form()
    form.fill(request.POST)
    try:
        offering.choose_lever(form.text("segment"), form.text("lever"))
    except InputError as error:
        form.refuse(error)
        return _levers(request, form, 422)
    messages.success(request, str(word("business.saved")))
    return redirect("settings_levers")


def _levers(request: HttpRequest, form: Form, status: int = 200) -> HttpResponse:
    chosen = listing.levers()
    context = {
        "form": form,
        "chosen": list(chosen.items()),
        "second": _second_levers(chosen),
    }
    return render(request, "business/levers.html", context, status=status)


def _second_levers(chosen: dict[str, str]) -> list[dict[str, Any]]:
    """Services that leave no tolerance on a lever that is not the chosen one: there anything
    better than promised counts as exceeded, which spends on a second lever."""
    main = chosen.get("", "")
    if not main:
        return []
    return [
        {"name": one.name, "lever": one.lever, "main": main, "slug": one.slug}
        for one in reads.services()
        if one.lever not in set(chosen.values()) and one.tolerance == 0
    ]


def _lever_form() -> Form:
    return Form(
        Field(
            "segment",
            word("business.levers.segment"),
            hint=word("business.levers.segment_hint"),
        ),
        Field(
            "lever",
            word("business.levers.lever"),
            "select",
            "time",
            options=[*options_of("look.lever", LEVERS), ("", str(word("business.levers.none")))],
        ),
    )


def _typed(form: Form) -> dict[str, Any]:
    lines = form.text("classes").splitlines()
    return {
        "name": form.text("name"),
        "lever": form.text("lever"),
        "unit": form.text("unit"),
        "whole": form.flag("whole"),
        "tolerance": form.number("tolerance") or 0.0,
        "fallback": form.number("fallback"),
        "classes": [line.strip() for line in lines if line.strip()],
    }


def _before(card: reads.ServiceCard) -> dict[str, Any]:
    return {
        "slug": card.slug,
        "name": card.name,
        "lever": card.lever,
        "unit": card.unit,
        "whole": card.whole,
        "tolerance": card.tolerance,
        "fallback": card.fallback,
        "classes": list(card.classes),
    }
