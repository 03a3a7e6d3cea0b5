"""Settings: the map of touchpoints, and the information that is out of date."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from overdeliver.apps.business import contacts, listing
from overdeliver.apps.business.contacts import PHASES
from overdeliver.apps.business.fields import Form
from overdeliver.apps.business.forms import touchpoint_form
from overdeliver.apps.business.undo import saved
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.vocabulary.errors import InputError


@needs("settings.see")
def touchpoints(request: HttpRequest) -> HttpResponse:
    """`/settings/touchpoints/`: the map by phase; `?stale=yes` what is out of date."""
    asked: dict[str, Any] = {
        "phase": request.GET.get("phase", ""),
        "text": request.GET.get("q", "").strip(),
        "stale": request.GET.get("stale") == "yes",
    }
    cards = listing.touchpoints(**asked)
    everything = listing.touchpoints()
    context = {
        "asked": asked,
        "filtered": any(asked.values()),
        "groups": [(p, [c for c in cards if c.phase == p]) for p in PHASES],
        "phases": PHASES,
        "found": len(cards),
        "total": len(everything),
        "stale": sum(one.stale for one in everything),
        "ownerless": sum(not one.owner for one in everything),
        "retired": listing.touchpoints(active=False),
    }
    return render(request, "business/touchpoints.html", context)


@needs("settings.write")
def touchpoint(request: HttpRequest, slug: str = "") -> HttpResponse:
    """`/settings/touchpoints/SLUG/`: add a touchpoint or change one."""
    card = listing.touchpoint(slug) if slug else None
    owners = sorted({one.owner for one in listing.touchpoints() if one.owner})
    form = touchpoint_form(card, owners)
    if request.method == "POST" and form.fill(request.POST):
        values = _typed(form)
        if form.right:
            try:
                contacts.keep_touchpoint(**values, slug=slug, new=card is None)
            except InputError as error:
                form.refuse(error)
        if form.right:
            if card is None:
                messages.success(request, str(word("business.saved")))
            else:
                before = {name: getattr(card, name) for name in contacts.FIELDS}
                saved(request, word("business.saved"), "touchpoint", {**before, "slug": slug})
            return redirect("settings_touchpoints")
    status = 200 if form.right else 422
    return render(request, "business/touchpoint.html", {"form": form, "card": card}, status=status)


@needs("settings.write")
@require_POST
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a touchpoint off the map, or put it back."""
    active = request.POST.get("active") == "yes"
    contacts.retire_touchpoint(slug, active=active)
    messages.success(
        request, str(word("business.touch.taken_up" if active else "business.touch.retired"))
    )
    return redirect("settings_touchpoints")


def _typed(form: Form) -> dict[str, Any]:
    texts = ("name", "phase", "owner", "can_go_wrong", "expected", "information")
    return {
        **{name: form.text(name) for name in texts},
        "information_until": form.day("information_until"),
    }
