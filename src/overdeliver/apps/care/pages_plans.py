"""Care: the plans, what they do, and what they bring."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from overdeliver.apps.business import reads as business
from overdeliver.apps.care import effects, forms, listing, plans
from overdeliver.apps.care.contents import SPOKEN, WRITTEN, contents_of
from overdeliver.apps.care.curve import curve
from overdeliver.apps.care.rules.deadline import USUAL
from overdeliver.apps.care.rules.steps import CHANNELS, MOMENTS, Step
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.outreach import texts
from overdeliver.apps.outreach.rules.filling import fill
from overdeliver.apps.people.listing import names_of_staff
from overdeliver.vocabulary.errors import Conflict, InputError


@needs("care.see")
def overview(request: HttpRequest) -> HttpResponse:
    """`/care/`: every plan: on or off, how many under way, what is held."""
    rows = listing.plans()
    context = {
        "rows": [(row, effects.report(row.slug)) for row in rows],
        "on": sum(row.active for row in rows),
        "held": sum(row.states["held"] for row in rows),
        "moments": MOMENTS,
    }
    return render(request, "care/plans.html", context)


@needs("care.manage")
@require_POST
def starters(request: HttpRequest) -> HttpResponse:
    """The plans the kind of business begins with, off."""
    plans.make_starters()
    return redirect("care")


@needs("care.manage")
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """A plan of one's own, with one step to begin with."""
    first = (Step(channel="mail", content="care_confirm"),)
    slug = plans.make_plan(request.POST.get("moment", ""), request.POST.get("name", ""), first)
    return redirect("care_plan", slug)


@needs("care.manage")
@require_POST
def switch(request: HttpRequest, slug: str) -> HttpResponse:
    """A plan on or off."""
    on = request.POST.get("on") == "yes"
    plans.switch(slug, on)
    messages.success(request, str(word("care.plan.is_on" if on else "care.plan.is_off")))
    return redirect("care_plan", slug)


@needs("care.see")
def plan(request: HttpRequest, slug: str) -> HttpResponse:
    """`/care/plans/SLUG/`: its steps, its effect, the curve, its versions."""
    return _page(request, slug, forms.typed_of(plans.steps_of(slug)))


@needs("care.manage")
@require_POST
def change(request: HttpRequest, slug: str) -> HttpResponse:
    """A button of the form: a step more or less, up or down, or all of it kept."""
    typed, act = forms.read_typed(request.POST), request.POST.get("do", "save")
    if act != "save":
        return _page(request, slug, forms.changed(typed, act), unsaved=True)
    try:
        plans.set_steps(slug, forms.steps_of(typed), expected=_version(request))
    except InputError as error:
        typed.error = typed.error or str(error)
        return _page(request, slug, typed, status=422, unsaved=True)
    except Conflict:
        typed.error = str(word("care.plan.conflict"))
        return _page(request, slug, typed, status=409, unsaved=True)
    messages.success(request, str(word("care.plan.kept")))
    return redirect("care_plan", slug)


@needs("care.manage")
@require_POST
def back(request: HttpRequest, slug: str) -> HttpResponse:
    """An earlier version holds again."""
    version = request.POST.get("back", "")
    if not (version.isdecimal() and len(version) < 7):
        raise InputError("back: which version?")
    plans.bring_back(slug, int(version), expected=_version(request))
    messages.success(request, str(word("care.plan.is_back", n=version)))
    return redirect("care_plan", slug)


@needs("care.manage")
@require_POST
def move(request: HttpRequest, slug: str) -> HttpResponse:
    """The deadline that the business's own cancellations propose."""
    steps = plans.steps_of(slug)
    to = curve(_deadline(steps)).proposal.hours
    moved = tuple(_sooner(step, to) for step in steps)
    plans.set_steps(slug, moved, expected=_version(request))
    messages.success(request, str(word("care.curve.moved", hours=f"{to:g}")))
    return redirect("care_plan", slug)


def _sooner(step: Step, hours: float) -> Step:
    """Written steps come before the deadline; calls keep business hours and stay as they are."""
    if step.channel != "mail":
        return step
    clock = step.clock if hours >= USUAL else ""
    return replace(step, within=hours, after=min(step.after, hours / 4), clock=clock)


def _deadline(steps: tuple[Step, ...]) -> float:
    return min((step.within for step in steps if step.channel == "mail"), default=USUAL)


def _version(request: HttpRequest) -> int:
    found = request.POST.get("version", "")
    return int(found) if found.isdecimal() and len(found) < 10 else 0


def _page(
    request: HttpRequest,
    slug: str,
    typed: forms.Typed,
    *,
    status: int = 200,
    unsaved: bool = False,
) -> HttpResponse:
    row, steps = listing.plan(slug), plans.steps_of(slug)
    staff = [(actor.partition(":")[2], name) for actor, name in names_of_staff().items()]
    context: dict[str, Any] = {
        "plan": row,
        "typed": typed,
        "unsaved": unsaved,
        "channels": CHANNELS,
        "contents": [*WRITTEN, *SPOKEN],
        "services": business.services(),
        "staff": staff,
        "report": effects.report(slug),
        "curve": curve(_deadline(steps)) if row.moment == "order" else None,
        "versions": listing.versions(slug),
        "previews": [(name, _previews(name)) for name in _used(steps)],
        "subject": f"plan:{slug}",
        "first_channels": contents_of("mail"),
    }
    return render(request, "care/plan.html", context, status=status)


def _used(steps: tuple[Step, ...]) -> list[str]:
    return list(dict.fromkeys(step.content for step in steps))


def _previews(name: str) -> list[tuple[str, str, str]]:
    """A text in each language, as it reads with an example: language, subject, text."""
    kind, found = texts.kind(name), []
    for tongue in texts.TONGUES:
        wording, sample = texts.wording(name, tongue), texts.samples(name, tongue)
        if wording:
            subject = fill(wording.subject, sample)
            found.append((tongue, subject, fill(wording.text, sample, kind.links)))
    return found
