"""The public status page of an order: what was promised, how it stands, what happens next."""

import hashlib
from collections.abc import Sequence

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.apps.look.words import language
from overdeliver.apps.promises import reads
from overdeliver.apps.promises.saying import until
from overdeliver.apps.promises.status_links import status_links
from overdeliver.audit.page.words import LANGUAGES
from overdeliver.vocabulary.errors import NotFound

#: Links that lead nowhere, from one address within a minute, before it has to wait.
MISSES = 30
_MINUTE = 60
_LONGEST = 64


@needs(PUBLIC)
@require_safe
def status(request: HttpRequest, token: str) -> HttpResponse:
    """`/s/TOKEN/`: for whoever has the link. It names nobody and says nothing of the business but
    what was promised; every unknown link gets the same answer, and whoever tries many has to wait.
    """
    counter = f"status-misses:{hashlib.sha256(_address(request).encode()).hexdigest()}"
    if cache.get(counter, 0) >= MISSES:
        return _quiet(render(request, "promises/no_status.html", {"wait": True}, status=429))
    try:
        order = reads.order_of_token(token[:_LONGEST])
    except NotFound:
        cache.add(counter, 0, _MINUTE)
        cache.incr(counter)
        return _quiet(render(request, "promises/no_status.html", status=404))
    with translation.override(_tongue(request, order)):
        return _quiet(_page(request, order))


def _page(request: HttpRequest, order: reads.OrderCard) -> HttpResponse:
    rows = reads.promises_of_order(order.reference)
    current = _current(rows)
    state = _state(order, current)
    context = {
        "order": order,
        "promises": rows,
        "answer": f"promises.status.{state}",
        "next": f"promises.status.next_{state}",
        "until": until(current) if current else "",
        "now": timezone.now(),
        "links": status_links(order.token),
        "tongue": language(),
    }
    response = render(request, "promises/status.html", context)
    response.headers["Content-Language"] = language()
    return response


def _current(rows: Sequence[reads.Row]) -> reads.Row | None:
    """The promise in force that the question is about: of time if there is one, the latest made."""
    force = [row for row in rows if not row.revised]
    return max(force, key=lambda row: (row.lever == "time", row.made_at), default=None)


def _state(order: reads.OrderCard, current: reads.Row | None) -> str:
    if order.cancelled_at:
        return "cancelled"
    if current is None:
        return "nothing"
    if current.actual is not None:
        return f"done_{current.verdict}"
    return "late" if current.verdict == "broken" else "open"


def _tongue(request: HttpRequest, order: reads.OrderCard) -> str:
    """The reader's own choice, else the customer's language, else what the browser asks for."""
    chosen = request.COOKIES.get("language", "")
    known = order.customer.language[:2] if order.customer else ""
    return next((one for one in (chosen, known) if one in LANGUAGES), language())


def _address(request: HttpRequest) -> str:
    """The caller's address, as the outermost trusted proxy saw it."""
    proxies = int(settings.KNOBS["proxies"])
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if proxies and len(seen) >= proxies and seen[-proxies]:
        return str(seen[-proxies])
    return str(request.META.get("REMOTE_ADDR", ""))


def _quiet(response: HttpResponse) -> HttpResponse:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
