"""Settings: other systems that are told what happens."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from overdeliver.apps.business.fields import Field, Form
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.outreach import endpoints, listing
from overdeliver.apps.outreach.rules.hooks import EVENTS
from overdeliver.apps.outreach.saying import event, reason
from overdeliver.vocabulary.errors import InputError


@needs("settings.see")
def listed(request: HttpRequest) -> HttpResponse:
    """`/settings/webhooks/`: every endpoint and how it is doing."""
    rows = listing.endpoints()
    context = {
        "rows": [{"one": row, "because": reason(row.disabled_because)} for row in rows],
        "form": _form(),
        "active": sum(row.active for row in rows),
    }
    return render(request, "outreach/hooks.html", context)


@needs("settings.write")
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """A new endpoint; its secret is shown now and never again."""
    form = _form()
    if form.fill(request.POST):
        try:
            number, secret = endpoints.add(form.text("url"), form["events"].chosen)
        except InputError as error:
            form.refuse(error)
        else:
            context = {"one": listing.endpoint(number), "secret": secret}
            return render(request, "outreach/secret.html", context)
    rows = listing.endpoints()
    context = {
        "rows": [{"one": row, "because": reason(row.disabled_because)} for row in rows],
        "form": form,
        "active": sum(row.active for row in rows),
    }
    return render(request, "outreach/hooks.html", context, status=422)


@needs("settings.see")
def one(request: HttpRequest, number: int) -> HttpResponse:
    """`/settings/webhooks/NUMBER/`: one endpoint with its latest tries."""
    found = listing.endpoint(number)
    context = {
        "one": found,
        "because": reason(found.disabled_because),
        "events": [event(name) for name in found.events or EVENTS],
        "tries": [
            {"one": row, "event": event(row.kind), "reason": reason(row.error)}
            for row in listing.tries(number)
        ],
    }
    return render(request, "outreach/hook.html", context)


@needs("settings.write")
@require_POST
def act(request: HttpRequest, number: int) -> HttpResponse:
    """Test it, switch it off or on, send again what was lost, give it a new secret."""
    chosen = request.POST.get("act", "")
    if chosen == "secret":
        secret = endpoints.change_secret(number)
        context = {"one": listing.endpoint(number), "secret": secret, "changed": True}
        return render(request, "outreach/secret.html", context)
    if chosen == "replay":
        done = endpoints.replay(number)
        messages.success(request, str(word("outreach.hooks.replayed", count=done, n=done)))
        return redirect("settings_webhook", number)
    if chosen not in ("test", "disable", "enable"):
        raise InputError("act: use one of test, disable, enable, replay, secret")
    getattr(endpoints, chosen)(number)
    messages.success(request, str(word(f"outreach.hooks.did_{chosen}")))
    return redirect("settings_webhook", number)


def _form() -> Form:
    return Form(
        Field(
            "url",
            word("outreach.hooks.url"),
            "url",
            hint=word("outreach.hooks.url_hint"),
            required=True,
        ),
        Field(
            "events",
            word("outreach.hooks.events"),
            "several",
            hint=word("outreach.hooks.events_hint"),
            options=[(name, event(name)) for name in EVENTS],
        ),
    )
