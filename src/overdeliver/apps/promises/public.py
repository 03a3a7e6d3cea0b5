"""The public status page of an order: what was promised, how it stands, what happens next."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.apps.look.open_doors import LONGEST, behind_link, tongue
from overdeliver.apps.look.words import language
from overdeliver.apps.promises import reads
from overdeliver.apps.promises.saying import until
from overdeliver.apps.promises.status_links import status_links


@needs(PUBLIC)
@require_safe
@behind_link("promises/no_status.html")
def status(request: HttpRequest, token: str) -> HttpResponse:
    """`/s/TOKEN/`: for whoever has the link. It names nobody and says nothing of the business but
    what was promised; every unknown link gets the same answer, and whoever tries many has to wait.
    """
    order = reads.order_of_token(token[:LONGEST])
    known = order.customer.language if order.customer else ""
    with translation.override(tongue(request, known)):
        return _page(request, order)


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
