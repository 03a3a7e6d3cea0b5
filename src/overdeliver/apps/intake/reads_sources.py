"""What pages may know of systems that call us, and of their calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import Length

from overdeliver.apps.intake.models import Received, Source
from overdeliver.vocabulary.errors import NotFound

#: How a call stands: the filter of each state.
STATES: Mapping[str, Q] = {
    "waiting": Q(processed_at__isnull=True, given_up=False),
    "failed": Q(given_up=True),
    "done": Q(processed_at__isnull=False, result="done"),
    "ignored": Q(processed_at__isnull=False, result="ignored"),
    "unknown": Q(processed_at__isnull=False, result="unknown"),
}


@dataclass(frozen=True)
class SourceCard:
    """A system that calls us; never its secret."""

    slug: str
    name: str
    kind: str
    address: str
    service: str
    rules: Mapping[str, float]
    methods: tuple[str, ...]  # shipping methods seen so far
    counts: str
    active: bool
    last_seen_at: datetime | None
    failed: int = 0

    @property
    def subject(self) -> str:
        """The journal's name of it."""
        return f"source:{self.slug}"


@dataclass(frozen=True)
class Call:
    """One call as the page shows it."""

    id: int
    topic: str
    subject: str
    at: datetime
    state: str
    attempts: int
    next_at: datetime
    error: str
    kept: bool  # what it said is still here
    person: bool  # it is about a customer, not about an order


def sources() -> list[SourceCard]:
    """All sources by name, with how many of their calls were given up."""
    failed = Count("received", filter=Q(received__given_up=True))
    return [
        _card(row, row.failed) for row in Source.objects.annotate(failed=failed).order_by("name")
    ]


def source(slug: str) -> SourceCard:
    """One source. NotFound: none of that name."""
    row = Source.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound(f"source {slug!r}: there is none of that name")
    return _card(row, row.received.filter(given_up=True).count())


def calls(
    slug: str, *, state: str = "", q: str = "", after: str = "", limit: int = 30
) -> tuple[list[Call], str]:
    """The latest calls of a source, newest first, and where the next ones begin."""
    rows = Received.objects.filter(source__slug=slug).order_by("-pk")
    if state in STATES:
        rows = rows.filter(STATES[state])
    if wanted := q.strip():
        rows = rows.filter(Q(subject__startswith=wanted) | Q(topic__startswith=wanted))
    if after.isdecimal() and len(after) < 18:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows.annotate(size=Length("body")).defer("body")[: limit + 1])
    following = str(found[limit - 1].pk) if len(found) > limit else ""
    return [_call(row) for row in found[:limit]], following


def _card(row: Source, failed: int) -> SourceCard:
    said = row.settings
    usual = "delivered" if row.kind == "generic" else "shipped"
    rules = said.get("rules", {})
    methods = dict.fromkeys([*(name for name in rules if name != "*"), *said.get("methods", [])])
    return SourceCard(
        row.slug,
        row.name,
        row.kind,
        f"{settings.PUBLIC_URL}/hooks/{row.slug}/",
        said.get("service", ""),
        rules,
        tuple(methods),
        said.get("counts", usual),
        row.active,
        row.last_seen_at,
        failed,
    )


def _call(row: Any) -> Call:
    processed = row.result if row.processed_at else "waiting"
    return Call(
        row.pk,
        row.topic,
        row.subject,
        row.at,
        "failed" if row.given_up else processed,
        row.attempts,
        row.next_at,
        row.error,
        kept=row.size > 0,
        person=row.topic.startswith("customers/"),
    )
