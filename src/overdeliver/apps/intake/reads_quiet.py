"""Systems that called regularly and do so no more.

A shop that failed to reach us some times in a row switches its webhook off and tells nobody.
"""

from dataclasses import dataclass
from datetime import datetime

from overdeliver.apps.intake.models import Received, Source
from overdeliver.apps.intake.rules.silence import LOOKED_AT, is_quiet


@dataclass(frozen=True)
class QuietSource:
    """A system that fell silent, and when it called last."""

    slug: str
    name: str
    since: datetime


def quiet(now: datetime) -> list[QuietSource]:
    """Systems, switched on here, that have been silent for longer than they ever were."""
    found = []
    for row in Source.objects.filter(active=True).order_by("name"):
        rows = Received.objects.filter(source=row).order_by("-at")
        calls = list(rows.values_list("at", flat=True)[:LOOKED_AT])
        if is_quiet(calls, now):
            found.append(QuietSource(row.slug, row.name, calls[0]))
    return found
