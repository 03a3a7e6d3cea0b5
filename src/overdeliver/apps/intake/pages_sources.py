"""Settings: the shops and systems that call us, how they are set up, what they said last."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from overdeliver.apps.business import reads as business
from overdeliver.apps.intake import reads_sources as reads
from overdeliver.apps.intake import sources
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.vocabulary.errors import InputError, NotAllowed

_SHOWN = "intake_secret"  # where a secret waits in the session until it was shown once
_TAGS = {"done": "exceeded", "failed": "broken", "waiting": "open", "unknown": "met"}


@needs("settings.see")
def listed(request: HttpRequest) -> HttpResponse:
    """`/settings/sources/`: who calls us; the form that connects another."""
    if request.method == "POST":
        return _add(request)
    return _listed(request)


def _listed(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    context = {"sources": reads.sources(), "kinds": sources.KINDS, "error": error}
    return render(request, "intake/sources.html", {**context, "typed": request.POST}, status=status)


def _add(request: HttpRequest) -> HttpResponse:
    _may_write(request)
    form = request.POST
    try:
        slug, secret = sources.add(
            form.get("kind", ""), form.get("name", ""), secret=form.get("secret", "")
        )
    except InputError as error:
        return _listed(request, str(error), 422)
    request.session[_SHOWN] = {slug: secret}
    return redirect("settings_source", slug=slug)


@needs("settings.see")
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """`/settings/sources/SLUG/`: how it is set up, what its orders are promised, its calls."""
    if request.method == "POST":
        return _change(request, slug)
    return _one(request, slug)


def _one(request: HttpRequest, slug: str, error: str = "", status: int = 200) -> HttpResponse:
    card = reads.source(slug)
    state = request.GET.get("state", "")
    q = request.GET.get("q", "")
    calls, following = reads.calls(slug, state=state, q=q, after=request.GET.get("after", ""))
    shown: Mapping[str, str] = request.session.pop(_SHOWN, {})
    context: dict[str, Any] = {
        "source": card,
        "secret": shown.get(slug, ""),
        "error": error,
        "services": [s for s in business.services() if s.lever == "time"],
        "service": next((s for s in business.services() if s.slug == card.service), None),
        "rules": [(name, card.rules.get(name)) for name in card.methods],
        "other": card.rules.get("*"),
        "calls": [(call, _TAGS.get(call.state, "unknown")) for call in calls],
        "next": following,
        "states": tuple(reads.STATES),
        "state": state,
        "q": q,
    }
    return render(request, "intake/source.html", context, status=status)


def _change(request: HttpRequest, slug: str) -> HttpResponse:
    _may_write(request)
    form = request.POST
    try:
        sources.change(
            slug,
            service=form.get("service", ""),
            rules=_rules(form.items()),
            counts=form.get("counts", "shipped"),
            active=form.get("active") == "yes",
        )
    except InputError as error:
        return _one(request, slug, str(error), 422)
    messages.success(request, str(word("intake.source.saved")))
    return redirect("settings_source", slug=slug)


@needs("settings.write")
@require_POST
def secret(request: HttpRequest, slug: str) -> HttpResponse:
    """Renew the secret; the old one is good for a day more."""
    try:
        fresh = sources.renew(slug, request.POST.get("secret", ""))
    except InputError as error:
        return _one(request, slug, str(error), 422)
    request.session[_SHOWN] = {slug: fresh}
    return redirect("settings_source", slug=slug)


@needs("settings.write")
@require_POST
def replay(request: HttpRequest, slug: str) -> HttpResponse:
    """Process a call once more."""
    number = request.POST.get("call", "")
    sources.replay(slug, int(number) if number.isdecimal() and len(number) < 18 else 0)
    messages.success(request, str(word("intake.source.replayed")))
    return redirect("settings_source", slug=slug)


def _rules(typed: Any) -> dict[str, float]:
    """Method -> promise, from the fields ``rule:METHOD``. InputError: no number."""
    found: dict[str, float] = {}
    for name, text in typed:
        if not name.startswith("rule:") or not str(text).strip():
            continue
        try:
            found[name.removeprefix("rule:")] = float(str(text).strip().replace(",", "."))
        except ValueError:
            raise InputError(f"{text!r} is no number") from None
    return found


def _may_write(request: HttpRequest) -> None:
    if "settings.write" not in getattr(request, "rights", frozenset()):
        raise NotAllowed("settings.write")
