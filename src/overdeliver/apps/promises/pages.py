"""The list of promises, and one order with everything promised about it."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.promises import actions, reads, suppliers
from overdeliver.apps.promises.csv_rows import csv_lines
from overdeliver.apps.promises.forms import filter_of
from overdeliver.apps.promises.lists import SORTS
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.gap import LEVERS, VERDICTS

EXPORT_ROWS = 1_000_000
NEXT_STEP = 300
#: Filters that are folded away while they ask nothing.
_FOLDED = (
    "lever",
    "segment",
    "channel",
    "team",
    "supplier",
    "made_from",
    "made_to",
    "due_from",
    "due_to",
)
#: Filters that only links set; the form hands them on.
_LINKED = ("turned_from", "unit", "level", "weekday", "gap_from", "gap_to")


@needs("promises.see")
def listed(request: HttpRequest) -> HttpResponse:
    """`/promises/`: every promise, filtered, newest first unless asked otherwise."""
    asked = filter_of(request.GET)
    page = reads.promises(
        asked, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    found = reads.count(asked)
    context = {
        "asked": asked,
        "page": page,
        "found": found,
        "capped": found >= reads.CAP,
        "kept_filters": [(name, request.GET[name]) for name in _LINKED if request.GET.get(name)],
        "more": any(getattr(asked, name) for name in _FOLDED),
        "filtered": asked != reads.Filter(sort=asked.sort),
        "services": business.services(active=False),
        "verdicts": VERDICTS,
        "levers": LEVERS,
        "sorts": SORTS,
        "segments": reads.choices("segment"),
        "channels": reads.choices("channel"),
        "teams": reads.choices("team"),
        "suppliers": suppliers.suppliers(),
    }
    return render(request, "promises/list.html", context)


@needs("promises.see")
def download(request: HttpRequest) -> StreamingHttpResponse:
    """The list as CSV: the same rows as the page, up to a million of them."""
    rows = reads.every(filter_of(request.GET), EXPORT_ROWS)
    name = f"promises-{timezone.localdate().isoformat()}.csv"
    response = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@needs("promises.see")
def order(request: HttpRequest, reference: str) -> HttpResponse:
    """`/orders/REFERENCE/`: what was bought and everything promised about it."""
    return _order(request, reference)


@needs("promises.write")
@require_POST
def next_step(request: HttpRequest, reference: str) -> HttpResponse:
    """What the customer reads on the status page under "what happens next"."""
    try:
        actions.say_next_step(reference, request.POST.get("next_step", ""))
    except InputError as error:
        return _order(request, reference, str(error), 422)
    messages.success(request, word("promises.order.next_saved"))
    return redirect("order", reference=reference)


@needs("promises.write")
@require_POST
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    """The order is taken back: its open promises can no longer be known."""
    actions.cancel_order(reference)
    messages.success(request, word("promises.order.cancelled"))
    return redirect("order", reference=reference)


def _order(
    request: HttpRequest, reference: str, error: str = "", status: int = 200
) -> HttpResponse:
    card = reads.order(reference)
    services = {one.slug: one for one in business.services(active=False)}
    link = f"{settings.PUBLIC_URL}{reverse('status', args=[card.token])}"
    context = {
        "order": card,
        "promises": reads.promises_of_order(reference),
        "journal": journal.life(f"order:{reference}") if "journal.see" in _rights(request) else [],
        "status_link": link,
        "service": services.get(card.service),
        "next_step": request.POST.get("next_step", card.next_step),
        "longest": NEXT_STEP,
        "error": error,
    }
    return render(request, "promises/order.html", context, status=status)


def _rights(request: HttpRequest) -> frozenset[str]:
    rights: frozenset[str] = getattr(request, "rights", frozenset())
    return rights
