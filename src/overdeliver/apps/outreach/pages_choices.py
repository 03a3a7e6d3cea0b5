"""The public page on which a customer chooses what to get: `/u/TOKEN/`."""

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.apps.look.words import language
from overdeliver.apps.outreach import preferences
from overdeliver.apps.outreach.texts import TONGUES
from overdeliver.apps.people.reads import CustomerCard
from overdeliver.vocabulary.errors import NotFound

MISSES, _MINUTE = 30, 60


@needs(PUBLIC)
@csrf_exempt  # the link itself is the proof, and RFC 8058 sends neither cookie nor token
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing. A POST is RFC 8058's one click, or the form of the page."""
    counter = f"choice-misses:{request.META.get('REMOTE_ADDR', '')}"
    if cache.get(counter, 0) >= MISSES:
        return _quiet(render(request, "outreach/no_choices.html", status=429))
    try:
        card, purpose = preferences.opened(token)
    except NotFound:
        cache.add(counter, 0, _MINUTE)
        cache.incr(counter)
        return _quiet(render(request, "outreach/no_choices.html", status=404))
    if request.method == "POST":
        return _quiet(_post(request, token, card, purpose))
    tongue = card.language if card.language in TONGUES else language()
    with translation.override(request.COOKIES.get("language") or tongue):
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
        return _quiet(response)


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


def _quiet(response: HttpResponse) -> HttpResponse:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response
