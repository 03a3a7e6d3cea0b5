"""The first run: what kind of business, where it is, and what to begin with."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from overdeliver.apps.business import actions, listing, reads
from overdeliver.apps.business.forms import profile_form, shown_shifts, usual_in
from overdeliver.apps.business.starters import Starter, starter
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import language
from overdeliver.simulate.kinds import KINDS
from overdeliver.vocabulary.errors import InputError


@needs("settings.write")
def welcome(request: HttpRequest) -> HttpResponse:
    """`/welcome/`: the kinds of business; `?kind=pizza` asks the rest and makes it."""
    if reads.business() is not None:
        return redirect("welcome_ready")
    kind = request.POST.get("kind") or request.GET.get("kind", "")
    if kind not in KINDS:
        cards = [(one, len(starter(one).touchpoints)) for one in KINDS]
        return render(request, "business/welcome.html", {"kinds": cards})
    form = profile_form(None)
    if request.method == "POST" and form.fill(request.POST):
        country = form.text("country")
        zone, currency = usual_in(country)
        try:
            actions.begin(
                kind,
                form.text("language"),
                form.text("name"),
                country,
                form.text("zone") or zone,
                form.text("currency") or currency,
            )
        except InputError as error:
            form.refuse(error)
        else:
            return redirect("welcome_ready")
    context = {"kind": kind, "form": form, "given": _shown(starter(kind))}
    return render(
        request, "business/welcome_where.html", context, status=200 if form.right else 422
    )


@needs("settings.write")
def ready(request: HttpRequest) -> HttpResponse:
    """`/welcome/ready/`: what has been set up, and the two ways on."""
    here = reads.business()
    if here is None:
        return redirect("welcome")
    context = {
        "here": here,
        "services": reads.services(),
        "touchpoints": len(listing.touchpoints()),
        "week": [shown_shifts(shifts) for shifts in listing.week()],
    }
    return render(request, "business/welcome_ready.html", context)


@needs("settings.write")
@require_POST
def look_around(request: HttpRequest) -> HttpResponse:
    """Ask for made-up data; the worker fills them in."""
    actions.ask_for_demo()
    return redirect("welcome_ready")


def _shown(given: Starter) -> dict[str, object]:
    tongue = language()
    return {
        "services": [one.names[tongue] for one in given.services],
        "touchpoints": [one.texts[tongue][0] for one in given.touchpoints],
        "count": len(given.touchpoints),
    }
