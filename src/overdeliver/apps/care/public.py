"""What stands open: the page of materials, its PDF, and calendars behind secret addresses."""

import hashlib

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from overdeliver.apps.business import reads as business
from overdeliver.apps.care import feeds, packing, saying, sharing
from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.apps.look.words import language
from overdeliver.apps.promises import reads as promises
from overdeliver.audit.page.words import LANGUAGES
from overdeliver.vocabulary.errors import NotFound
from overdeliver.vocabulary.moments import zone_named

#: Links that lead nowhere, from one address within a minute, before it has to wait.
MISSES = 30
_MINUTE = 60
_LONGEST = 64


@needs(PUBLIC)
@require_safe
def share(request: HttpRequest, token: str) -> HttpResponse:
    """`/m/TOKEN/`: what the order's customer can show to whoever decides with him."""
    return _open(request, token, paper=False)


@needs(PUBLIC)
@require_safe
def share_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """`/m/TOKEN/pdf`: the same on paper."""
    return _open(request, token, paper=True)


@needs(PUBLIC)
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """`/calendar/TOKEN.ics`: one member's calls and thank-yous; it names no customer."""
    if _waits(request):
        return _quiet(HttpResponse(status=429))
    here = business.business()
    with translation.override(here.language if here else "en"):
        found = feeds.calendar(token[:_LONGEST])
    if found is None:
        _missed(request)
        return _quiet(HttpResponse(status=404))
    response = HttpResponse(found, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, max-age=300"
    return _quiet(response)


def _open(request: HttpRequest, token: str, *, paper: bool) -> HttpResponse:
    if _waits(request):
        return _quiet(render(request, "care/no_share.html", {"wait": True}, status=429))
    try:
        reference = sharing.order_of(token[:_LONGEST])
        if not reference:
            raise NotFound("this link leads nowhere")
        order = promises.order(reference)
    except NotFound:
        _missed(request)
        return _quiet(render(request, "care/no_share.html", status=404))
    there = zone_named(saying.zone_of(order))
    with translation.override(_tongue(request, order)), timezone.override(there):
        found = packing.pack(order, token)
        return _quiet(_paper(found) if paper else _page(request, found, token))


def _page(request: HttpRequest, found: packing.Pack, token: str) -> HttpResponse:
    context = {"pack": found, "token": token, "tongue": language()}
    response = render(request, "care/share.html", context)
    response.headers["Content-Language"] = language()
    return response


def _paper(found: packing.Pack) -> HttpResponse:
    response = HttpResponse(packing.pdf(found), content_type="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="order.pdf"'
    return response


def _tongue(request: HttpRequest, order: promises.OrderCard) -> str:
    """The reader's own choice, else the customer's language, else what the browser asks for."""
    chosen = request.COOKIES.get("language", "")
    known = order.customer.language[:2] if order.customer else ""
    return next((one for one in (chosen, known) if one in LANGUAGES), language())


def _counter(request: HttpRequest) -> str:
    proxies = int(settings.KNOBS["proxies"])
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    caller = str(request.META.get("REMOTE_ADDR", ""))
    if proxies and len(seen) >= proxies and seen[-proxies]:
        caller = seen[-proxies]
    return f"care-misses:{hashlib.sha256(caller.encode()).hexdigest()}"


def _waits(request: HttpRequest) -> bool:
    return int(cache.get(_counter(request), 0)) >= MISSES


def _missed(request: HttpRequest) -> None:
    counter = _counter(request)
    cache.add(counter, 0, _MINUTE)
    cache.incr(counter)


def _quiet(response: HttpResponse) -> HttpResponse:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
