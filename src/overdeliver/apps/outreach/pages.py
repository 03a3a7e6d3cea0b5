"""Messages: what was sent, what waits, what needs a person."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import word
from overdeliver.apps.outreach import actions, listing, reads
from overdeliver.apps.outreach.rules.channels import CHANNELS
from overdeliver.apps.outreach.rules.statuses import STATUSES, WAITING
from overdeliver.apps.outreach.saying import because, reason
from overdeliver.vocabulary.errors import Conflict, InputError

_ACTS = {
    "release": actions.release,
    "cancel": actions.cancel,
    "done": actions.mark_done,
    "undo": actions.take_back,
}


@needs("today.see")
def listed(request: HttpRequest) -> HttpResponse:
    """`/messages/`: every message, the newest first."""
    asked = {name: request.GET.get(name, "") for name in ("q", "status", "channel")}
    if asked["status"] not in (*STATUSES, "waiting"):
        asked["status"] = ""
    if asked["channel"] not in CHANNELS:
        asked["channel"] = ""
    page = listing.messages(
        status=asked["status"],
        channel=asked["channel"],
        text=asked["q"],
        after=_key(request, "after"),
        before=_key(request, "before"),
    )
    counts = reads.counts()
    context = {
        "page": page,
        "rows": [{"one": row, "reason": reason(row.error)} for row in page.rows],
        "asked": asked,
        "filtered": any(asked.values()),
        "statuses": STATUSES,
        "channels": list(CHANNELS),
        "waiting": sum(counts[one] for one in WAITING),
        "all": sum(counts.values()),
        "no_server": reads.held_because("no_mail_server"),
        "server": not reads.no_mail_server(),
    }
    return render(request, "outreach/list.html", context)


@needs("today.see")
def one(request: HttpRequest, number: int) -> HttpResponse:
    """`/messages/NUMBER/`: one message with its text, and what can be done with it."""
    found = listing.message(number)
    context: dict[str, Any] = {
        "one": found,
        "reason": reason(found.error),
        "because": because(found.because),
        "subject": f"message:{number}",
    }
    return render(request, "outreach/one.html", context)


@needs("today.act")
@require_POST
def act(request: HttpRequest, number: int) -> HttpResponse:
    """Send it after all, never send it, mark it as done, or take that back."""
    chosen = request.POST.get("act", "")
    if chosen not in _ACTS:
        raise InputError("act: use one of release, cancel, done, undo")
    try:
        _ACTS[chosen](number)
    except Conflict:
        messages.warning(request, str(word("outreach.one.too_late")))
    else:
        messages.success(request, str(word(f"outreach.done.{chosen}")))
    return redirect("message", number)


@needs("today.act")
@require_POST
def release_held(request: HttpRequest) -> HttpResponse:
    """Send everything that was held because there was no mail server."""
    done = actions.release_all("no_mail_server")
    messages.success(request, str(word("outreach.list.released", count=done, n=done)))
    return redirect("messages")


def _key(request: HttpRequest, name: str) -> int | None:
    found = request.GET.get(name, "")
    return int(found) if found.isdecimal() and len(found) < 19 else None
