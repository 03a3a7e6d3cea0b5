"""Settings: addresses that are never written to."""

from contextlib import suppress

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from overdeliver.apps.business.fields import Field, Form
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.outreach import blocking
from overdeliver.vocabulary.errors import InputError, NotFound

_ACTS = {"block": blocking.block, "unblock": blocking.unblock}


@needs("settings.write")
@require_http_methods(["GET", "HEAD", "POST"])
def blocked(request: HttpRequest) -> HttpResponse:
    """`/settings/blocked/`: how many there are; look an address up, block it, unblock it.

    An address comes by POST, so that it stands in no log.
    """
    form = Form(Field("address", word("outreach.blocked.address"), "email", required=True))
    found, status = None, 200
    if request.method == "POST":
        if form.fill(request.POST):
            try:
                found = _answer(request, form.text("address"))
            except InputError as error:
                form.refuse(error)
        status = 200 if form.right else 422
    counts = blocking.counts()
    context = {
        "form": form,
        "found": found,
        "counts": counts.items(),
        "all": sum(counts.values()),
    }
    return render(request, "outreach/blocked.html", context, status=status)


def _answer(request: HttpRequest, address: str) -> dict[str, object]:
    if act := _ACTS.get(request.POST.get("act", "")):
        with suppress(NotFound):  # somebody was faster: it is as it was wanted
            act(address)
        messages.success(request, str(word(f"outreach.blocked.{request.POST['act']}ed")))
    since = blocking.blocked_since(address)
    return {
        "address": address,
        "reason": blocking.block_reason(address),
        "since": since,
        "rests": blocking.resting_until(address, timezone.now()),
    }
