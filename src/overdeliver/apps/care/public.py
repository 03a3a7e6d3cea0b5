"""What stands open: the page of materials, its PDF, and calendars behind secret addresses."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from overdeliver.apps.business import reads as business
from overdeliver.apps.care import feeds, packing, saying, sharing
from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.apps.look.open_doors import LONGEST, behind_link, tongue
from overdeliver.apps.look.words import language
from overdeliver.apps.promises import reads as promises
from overdeliver.vocabulary.errors import NotFound
from overdeliver.vocabulary.moments import zone_named

_NOWHERE = "care/no_share.html"


@needs(PUBLIC)
@require_safe
@behind_link(_NOWHERE)
def share(request: HttpRequest, token: str) -> HttpResponse:
    """`/m/TOKEN/`: what the order's customer can show to whoever decides with him."""
    return _open(request, token, paper=False)


@needs(PUBLIC)
@require_safe
@behind_link(_NOWHERE)
def share_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """`/m/TOKEN/pdf`: the same on paper."""
    return _open(request, token, paper=True)


@needs(PUBLIC)
@require_safe
@behind_link(_NOWHERE)
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """`/calendar/TOKEN.ics`: one member's calls and thank-yous; it names no customer."""
    here = business.business()
    with translation.override(here.language if here else "en"):
        found = feeds.calendar(token[:LONGEST])
    if found is None:
        raise NotFound("this link leads nowhere")
    response = HttpResponse(found, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, max-age=300"
    return response


def _open(request: HttpRequest, token: str, *, paper: bool) -> HttpResponse:
    reference = sharing.order_of(token[:LONGEST])
    if not reference:
        raise NotFound("this link leads nowhere")
    order = promises.order_of_page(reference)  # it leads to the status page, and ends with it
    known = order.customer.language if order.customer else ""
    there = zone_named(saying.zone_of(order))
    with translation.override(tongue(request, known)), timezone.override(there):
        found = packing.pack(order, token)
        return _paper(found) if paper else _page(request, found, token)


def _page(request: HttpRequest, found: packing.Pack, token: str) -> HttpResponse:
    context = {"pack": found, "token": token, "tongue": language()}
    response = render(request, "care/share.html", context)
    response.headers["Content-Language"] = language()
    return response


def _paper(found: packing.Pack) -> HttpResponse:
    response = HttpResponse(packing.pdf(found), content_type="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="order.pdf"'
    return response
