"""What happened to something, and why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from overdeliver.apps.journal.models import Decided, Delivery, Event
from overdeliver.vocabulary.errors import NotFound

_IN_TIME = timedelta(minutes=5)


@dataclass(frozen=True)
class Why:
    """A decision as it is shown: verdict, reasons in order, the policy's version."""

    id: int
    rule: str
    verdict: str
    because: Sequence[str]
    policy: int
    inputs: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True)
class Entry:
    """One line of a life: what happened, by whom, because of which event and decision."""

    id: int
    at: datetime
    name: str
    subject: str
    actor: str
    data: Mapping[str, Any]
    cause: int | None
    why: Why | None


def life(subject: str) -> list[Entry]:
    """Everything recorded about a subject (``promise:p-17``), oldest first."""
    rows = Event.objects.filter(subject=subject).select_related("decision").order_by("id")
    return [_entry(row) for row in rows]


def event(number: int) -> Entry:
    """One event. NotFound: there is none of that number."""
    row = Event.objects.select_related("decision").filter(pk=number).first()
    if row is None:
        raise NotFound(f"event {number}: the journal has no such entry")
    return _entry(row)


def decisions(subject: str) -> list[Why]:
    """Every decision about a subject, newest first."""
    return [_why(row) for row in Decided.objects.filter(subject=subject).order_by("-id")]


def subjects_of(numbers: Collection[int]) -> dict[int, str]:
    """What events were about, by their numbers."""
    return dict(Event.objects.filter(pk__in=numbers).values_list("pk", "subject"))


def last(name: str, subjects: Collection[str]) -> dict[str, datetime]:
    """When an event of a name last happened to each of these subjects; the others are left out."""
    rows = Event.objects.filter(subject__in=subjects, name=name).order_by("id")
    return dict(rows.values_list("subject", "at"))


def latest(
    limit: int = 50, *, before: int | None = None, chapter: str = "", about: str = ""
) -> list[Entry]:
    """The latest events, newest first; before one of a number, of one chapter, about a subject."""
    rows = Event.objects.select_related("decision").order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if chapter:
        rows = rows.filter(name__startswith=f"{chapter}.")
    if about:
        rows = rows.filter(subject=about)
    return [_entry(row) for row in rows[:limit]]


def chapters() -> list[str]:
    """The chapters that have written something lately."""
    recent = Event.objects.order_by("-id").values_list("name", flat=True)[:2000]
    return sorted({name.partition(".")[0] for name in recent})


def stuck(older_than: timedelta = _IN_TIME) -> int:
    """Deliveries given up or waiting longer than this: what `overdeliver check` reports."""
    return _stuck(older_than).count()


@dataclass(frozen=True)
class Waiting:
    """An event that a listener has not taken in time; ``error`` names the kind of the failure."""

    id: int
    event: str
    subject: str
    listener: str
    since: datetime
    attempts: int
    next_at: datetime
    error: str
    given_up: bool


def waiting(older_than: timedelta = _IN_TIME, limit: int = 50) -> list[Waiting]:
    """The deliveries that `stuck` counts, those given up first."""
    rows = _stuck(older_than).select_related("event").order_by("-given_up", "id")[:limit]
    return [
        Waiting(
            row.pk,
            row.event.name,
            row.event.subject,
            row.listener,
            row.event.at,
            row.attempts,
            row.next_at,
            row.error,
            row.given_up,
        )
        for row in rows
    ]


def undelivered() -> int:
    """Deliveries that are still to be made, in time or not; those given up are not counted."""
    return Delivery.objects.filter(done_at__isnull=True, given_up=False).count()


def _stuck(older_than: timedelta) -> QuerySet[Delivery]:
    late = Q(done_at__isnull=True, next_at__lt=timezone.now() - older_than)
    return Delivery.objects.filter(late | Q(given_up=True))


def _entry(row: Event) -> Entry:
    why = _why(row.decision) if row.decision else None
    return Entry(row.pk, row.at, row.name, row.subject, row.actor, row.data, row.cause_id, why)


def _why(row: Decided) -> Why:
    return Why(row.pk, row.rule, row.verdict, row.because, row.policy, row.inputs, row.at)
