"""Promised days that end otherwise since the clocks have changed: shown, never changed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from overdeliver.apps.business import reads as business
from overdeliver.apps.look.access import needs
from overdeliver.apps.promises.moved_days import MOST
from overdeliver.apps.promises.moved_days import moved as found


@needs("promises.see")
def moved(request: HttpRequest) -> HttpResponse:
    """`/promises/moved/`: what was promised in words, and both moments."""
    rows = found()
    context = {"rows": rows, "zone": business.zone(), "capped": len(rows) >= MOST}
    return render(request, "promises/moved.html", context)
