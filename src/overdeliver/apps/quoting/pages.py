"""What to promise: every service, one service, the policy; learn, publish, go back."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from overdeliver.apps.business import actions as business_actions
from overdeliver.apps.business import reads as business
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.numbers import length
from overdeliver.apps.look.words import language, word
from overdeliver.apps.quoting import actions, forms, publishing, reads, serving
from overdeliver.apps.quoting.margin_view import margin_of
from overdeliver.apps.quoting.outlook import Outlook, outlook, outlooks, worth_a_look
from overdeliver.apps.quoting.rules.policy import PromisingPolicy
from overdeliver.apps.quoting.runs import ask_to_learn
from overdeliver.apps.quoting.saying import reasons_in_words
from overdeliver.vocabulary.errors import Conflict, InputError


@needs("quoting.see")
def listed(request: HttpRequest) -> HttpResponse:
    """`/quoting/`: what to promise next, service by service."""
    asked = request.GET.get("q", "").strip().casefold()
    found = outlooks()
    shown = [one for one in found if asked in f"{one.service.name} {one.service.slug}".casefold()]
    context = {
        "found": shown,
        "all": len(found),
        "first": worth_a_look(found),
        "asked": request.GET.get("q", ""),
        "levers": _levers(),
        **_runs(),
    }
    return render(request, "quoting/list.html", context)


def _levers() -> dict[str, Any]:
    """What the last run found out about levers, with the levers' words."""
    found = dict(reads.levers() or {})
    if found.get("ranked"):
        found["first"] = word(f"look.lever.{found['ranked'][0]['lever']}")
    if found.get("main"):
        found["main_word"] = word(f"look.lever.{found['main']}")
    found["second"] = [
        {**one, "word": word(f"look.lever.{one['lever']}")} for one in found.get("second", [])
    ]
    return found


@needs("quoting.see")
def runs(request: HttpRequest) -> HttpResponse:
    """The runs of learning with their progress, as a part of the page."""
    return render(request, "quoting/runs.html", _runs())


def _runs() -> dict[str, Any]:
    found = reads.runs()
    names = {one.slug: one.name for one in business.services(active=False)}
    shown = [
        {
            "card": run,
            "lines": [
                {**line, "name": names.get(line["service"], line["service"])}
                for line in run.report
                if line.get("service")
            ],
        }
        for run in found
    ]
    return {"runs": shown, "going": any(run.going for run in found)}


@needs("quoting.publish")
@require_POST
def learn(request: HttpRequest) -> HttpResponse:
    """Ask for learning now, of one service or of all."""
    slug = request.POST.get("service", "")
    ask_to_learn(slug)
    messages.success(request, word("quoting.runs.asked"))
    return redirect("quoting_service", slug) if slug else redirect("quoting")


@needs("quoting.see")
def service(request: HttpRequest, slug: str) -> HttpResponse:
    """`/quoting/SERVICE/`: one service's promise, its solver, its models, a quote to try."""
    return _service(request, slug)


def _service(request: HttpRequest, slug: str, error: str = "", status: int = 200) -> HttpResponse:
    found = outlook(slug)
    newest = found.published or found.newest
    tried, wrong = _tried(request, found)
    context = {
        "one": found,
        "shown": newest,
        "models": [
            {
                "card": one,
                "at": one.at_level(one.metrics.get("level", found.level)),
                "because": reasons_in_words(one.reasons),
            }
            for one in reads.models_of(slug)
        ],
        "groups": newest.metrics.get("instead", [])[1:] if newest else [],
        "margin": margin_of(found, request.GET.dict()),
        "fields": _fields(request, newest),
        "tried": tried,
        "tried_low": length(tried.low if tried else None, found.service.unit),
        "tried_high": length(tried.high if tried else None, found.service.unit),
        "error": error or wrong,
        "is_public": slug in business.policy(PromisingPolicy).public,
        "public_url": settings.PUBLIC_URL,
        **_runs(),
    }
    return render(request, "quoting/service.html", context, status=status)


@needs("quoting.see")
def margin(request: HttpRequest, slug: str) -> HttpResponse:
    """The solver's answer, as a part of the page."""
    one = outlook(slug)
    context = {"one": one, "margin": margin_of(one, request.GET.dict())}
    return render(request, "quoting/margin.html", context)


def _fields(request: HttpRequest, model: reads.ModelCard | None) -> list[dict[str, Any]]:
    """What the form to try a quote asks: the features the model knows."""
    if model is None:
        return []
    schema = model.metrics.get("schema", {})
    values = model.metrics.get("values", {})
    return [
        {
            "name": name,
            "kind": kind,
            "values": values.get(name, []),
            "typed": request.GET.get(f"f:{name}", ""),
        }
        for name, kind in schema.items()
        if name != "currency"
    ]


def _tried(request: HttpRequest, one: Outlook) -> tuple[reads.QuoteCard | None, str]:
    if "try" not in request.GET:
        return None, ""
    try:
        level = forms.number(request.GET, "level", one.level * 100) / 100
        given = forms.features(request.GET)
        found = actions.look_at_quote(
            one.service.slug, given, level=round(level, 6), language=language()
        )
    except InputError as error:
        return None, str(error)
    return found, ""


@needs("quoting.publish")
@require_POST
def prices(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep the solver's prices of a service."""
    business.service(slug)
    before = business.policy(PromisingPolicy)
    try:
        given = forms.prices(request.POST, before.prices_of(slug))
        after = {**before.data(), "prices": {**before.prices, slug: given}}
        business_actions.set_policy(PromisingPolicy.of(after, before.version))
    except InputError as error:
        return _service(request, slug, str(error), 422)
    serving.forget()
    messages.success(request, word("quoting.margin.kept"))
    return redirect(f"{reverse('quoting_service', args=[slug])}#margin")


@needs("quoting.publish")
@require_POST
def publish(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """Let a version promise."""
    try:
        publishing.publish(slug, version)
    except (Conflict, InputError) as error:
        return _service(request, slug, str(error), 409)
    messages.success(request, word("quoting.models.published_now", version=version))
    return redirect("quoting_service", slug)


@needs("quoting.publish")
@require_POST
def roll_back(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """Go back to the version before."""
    try:
        before = publishing.roll_back(slug, version)
    except Conflict as error:
        return _service(request, slug, str(error), 409)
    if before is None:
        messages.success(request, word("quoting.models.withdrawn_now", version=version))
    else:
        messages.success(request, word("quoting.models.published_now", version=before))
    return redirect("quoting_service", slug)


@needs("quoting.see")
def policy(request: HttpRequest) -> HttpResponse:
    """`/quoting/policy/`: how we promise; each change is a version of its own."""
    before = business.policy(PromisingPolicy)
    services = business.services()
    error = ""
    if request.method == "POST":
        try:
            return _set(request, before)
        except (InputError, Conflict) as wrong:
            error = str(wrong)
    context = {
        "policy": before,
        "services": [
            {
                "card": one,
                "level": request.POST.get(
                    f"level:{one.slug}", _percent(before.levels.get(one.slug))
                ),
                "public": f"public:{one.slug}" in request.POST
                if request.POST
                else one.slug in before.public,
            }
            for one in services
        ],
        "form": _policy_fields(request, before),
        "error": error,
    }
    return render(request, "quoting/policy.html", context, status=422 if error else 200)


@needs("quoting.publish")
def _set(request: HttpRequest, before: PromisingPolicy) -> HttpResponse:
    after = forms.policy(request.POST, before, business.services())
    seen = request.POST.get("version", "")
    version = business_actions.set_policy(
        after,
        note=request.POST.get("note", ""),
        expected=int(seen) if seen.isdecimal() else None,
    )
    serving.forget()
    messages.success(request, word("quoting.policy.saved", version=version))
    return redirect("quoting_policy")


def _policy_fields(request: HttpRequest, before: PromisingPolicy) -> dict[str, Any]:
    """The fields of the policy: as they were typed, else as they are in force."""
    typed = request.POST
    numbers = ("valid_hours", "least_outcomes", "widest", "judged_least")
    found: dict[str, Any] = {
        "level": typed.get("level", _percent(before.level)),
        "note": typed.get("note", ""),
        "origins": typed.get("origins", "\n".join(before.origins)),
        "automatic": bool(typed.get("automatic")) if typed else before.automatic,
        "checks": [
            (name, bool(typed.get(name)) if typed else getattr(before, name))
            for name in ("rounded", "within_hours", "open_days")
        ],
    }
    return found | {name: typed.get(name, f"{getattr(before, name):g}") for name in numbers}


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:g}"
