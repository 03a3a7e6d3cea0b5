"""Settings: the overview, the business itself, taking back the last change."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from overdeliver.apps.business import actions, listing, logo, reads
from overdeliver.apps.business.closed_days import holidays_named
from overdeliver.apps.business.forms import profile_form
from overdeliver.apps.business.rules import policy_kinds
from overdeliver.apps.business.settings_lines import lines_for
from overdeliver.apps.business.undo import last_change, saved, take_back
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import language, word
from overdeliver.vocabulary.errors import InputError, NotFound


@needs("settings.see")
def overview(request: HttpRequest) -> HttpResponse:
    """`/settings/`: what is set, and what wants attention."""
    here = _here()
    services = reads.services(active=False)
    touchpoints = listing.touchpoints()
    context = {
        "services": [one for one in services if one.active],
        "retired": sum(not one.active for one in services),
        "levers": listing.levers(),
        "week": listing.week(),
        "open_days": sum(bool(shifts) for shifts in listing.week()),
        "holidays": len(holidays_named(here.country, timezone.localdate().year, language())),
        "touchpoints": len(touchpoints),
        "stale": sum(one.stale for one in touchpoints),
        "policies": len(policy_kinds()),
        "changed": len(listing.version_counts()),
        "others": lines_for(request.rights),  # type: ignore[attr-defined]
    }
    return render(request, "business/overview.html", context)


@needs("settings.write")
def profile(request: HttpRequest) -> HttpResponse:
    """`/settings/business/`: name, country, zone, currency, language."""
    here = _here()
    form = profile_form(here)
    if request.method == "POST" and form.fill(request.POST):
        try:
            actions.change_business(**{name: form.text(name) for name in actions.PROFILE})
        except InputError as error:
            form.refuse(error)
        else:
            before = {name: getattr(here, name) for name in actions.PROFILE}
            saved(request, word("business.saved"), "profile", before)
            return redirect("settings")
    status = 200 if form.right else 422
    return render(request, "business/profile.html", {"form": form}, status=status)


@needs("settings.write")
@require_POST
def keep_logo(request: HttpRequest) -> HttpResponse:
    """`/settings/logo/`: take a picture in, or use none any more."""
    here, sent = _here(), request.FILES.get("logo")
    try:
        if request.POST.get("remove"):
            logo.use_logo("")
        elif sent is not None:
            logo.keep_logo(sent.read(logo.LARGEST + 1))
        else:
            raise InputError(word("business.logo.none"))
    except InputError as error:
        form = profile_form(here)
        context = {"form": form, "wrong": error}
        return render(request, "business/profile.html", context, status=422)
    saved(request, word("business.saved"), "logo", {"logo": here.logo})
    return redirect("settings_business")


@needs("settings.write")
def undo(request: HttpRequest) -> HttpResponse:
    """`/settings/undo/`: take back the last change, after a look at what it was."""
    if request.method == "POST":
        page = take_back(request)
        messages.success(request, str(word("business.undo.done")))
        return redirect(page)
    return render(request, "business/undo.html", {"kind": last_change(request)})


def _here() -> reads.BusinessCard:
    here = reads.business()
    if here is None:
        raise NotFound("the business has not been set up yet: begin at /welcome/")
    return here
