"""The public status page of an order: what was promised, how it stands, what happens next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.apps.promises import reads
from overdeliver.vocabulary.errors import NotFound


@needs(PUBLIC)
def status(request: HttpRequest, token: str) -> HttpResponse:
    """`/s/TOKEN/`: for whoever has the link. It names nobody and says nothing of the business
    but what was promised; an unknown link is answered like any page that is not there."""
    try:
        order = reads.order_of_token(token)
    except NotFound:
        return _quiet(render(request, "promises/no_status.html", status=404))
    tongue = (order.customer.language if order.customer else "") or ""
    chosen = request.COOKIES.get("language", "")
    with translation.override(chosen or tongue or translation.get_language()):
        rows = reads.promises_of_order(order.reference)
        shown = [row for row in rows if row.source != "contract"]
        current = [row for row in shown if not row.revised]
        context = {
            "order": order,
            "promises": shown,
            "current": current[-1] if current else None,
            "now": timezone.now(),
            "tongue": (translation.get_language() or "en")[:2],
        }
        return _quiet(render(request, "promises/status.html", context))


def _quiet(response: HttpResponse) -> HttpResponse:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
