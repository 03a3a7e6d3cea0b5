"""The public page on which a customer chooses what to get: `/u/TOKEN/`."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.apps.look.open_doors import behind_link, tongue
from overdeliver.apps.look.words import language
from overdeliver.apps.outreach import preferences
from overdeliver.apps.people.reads import CustomerCard


@needs(PUBLIC)
@csrf_exempt  # the link itself is the proof, and RFC 8058 sends neither cookie nor token
@require_http_methods(["GET", "HEAD", "POST"])
@behind_link("outreach/no_choices.html")
def choices(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing. A POST is RFC 8058's one click, or the form of the page."""
    card, purpose = preferences.opened(token)
    if request.method == "POST":
        return _post(request, token, card, purpose)
    with translation.override(tongue(request, card.language)):
        context = {
            "token": token,
            "purpose": purpose,
            "choices": [
                {"name": name, "given": given, "asked": name == purpose}
                for name, given in preferences.chosen(card).items()
            ],
            "saved": request.GET.get("saved") == "yes",
            "tongue": language(),
        }
        response = render(request, "outreach/choices.html", context)
        response.headers["Content-Language"] = language()
        return response


def _post(request: HttpRequest, token: str, card: CustomerCard, purpose: str) -> HttpResponse:
    if request.POST.get("List-Unsubscribe") == "One-Click":
        preferences.choose(card, purpose, False, "unsubscribe")
        return HttpResponse("", content_type="text/plain")
    if request.POST.get("form") != "choices":
        return HttpResponse("", status=400, content_type="text/plain")
    for name in preferences.CHOOSABLE:
        preferences.choose(card, name, request.POST.get(name) == "yes", "page")
    response = redirect("choices", token)
    response.headers["Location"] += "?saved=yes"
    return response
