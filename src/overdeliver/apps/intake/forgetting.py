"""Raw calls and files hold what customers are called: they go with a person, or after some days."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.intake import events
from overdeliver.apps.intake.models import Received, Source, Upload
from overdeliver.apps.intake.pruning import prune
from overdeliver.apps.intake.rules.changes import guest
from overdeliver.apps.intake.rules.strict_json import strict
from overdeliver.apps.journal.actions import record
from overdeliver.apps.people.events import RETENTION
from overdeliver.apps.people.rules import RetentionPolicy
from overdeliver.apps.promises import reads as promises
from overdeliver.vocabulary.errors import InputError

_PART = 500
_ALL = 100_000
#: Imports whose file has done its work: the business has the file itself.
_ENDED = ("done", "undone", "failed")


def forget_person(customer: int, reference: str, *, files: bool = True) -> None:
    """Blank the raw calls about an erased customer and his orders; ``files``: uploaded ones too.

    Nobody knows in which of the files he stands, refused rows included: those of every import that
    has ended go. Their reports stay, and what was stored can still be undone.
    """
    ours = {reference, *_orders(customer)}
    some = sorted(ours)
    for start in range(0, len(some), _PART):
        Received.objects.filter(_READ, subject__in=some[start : start + _PART]).update(body="")
    for row in Received.objects.filter(_READ, subject="").exclude(body="").iterator():
        if _names(row.body, ours):
            Received.objects.filter(pk=row.pk).update(body="")
    if files:
        for upload in Upload.objects.filter(state__in=_ENDED).exclude(files=[]):
            prune(upload)


def forget_shop(source: Source) -> None:
    """A shop is gone: its calls are blanked and it calls no more. Its customers are the business's
    own; whether they are erased a person decides, and Today asks him.
    """
    Received.objects.filter(_READ, source=source).exclude(body="").update(body="")
    Source.objects.filter(pk=source.pk).update(active=False)
    record(events.SourceChanged(subject=f"source:{source.slug}", change="shop_gone"))


def forget_calls(limit: int = 1_000) -> int:
    """Blank calls some days after they came, those given up too; returns how many.

    The days are those of the retention policy; 0 keeps them for ever. Who called, when and about
    which order stays, and the same call again is still known.
    """
    days = business.policy(RetentionPolicy).calls_days
    if not days:
        return 0
    before = timezone.now() - timedelta(days=days)
    old = Received.objects.filter(_READ, at__lt=before).exclude(body="").order_by("pk")
    some = list(old.values_list("pk", flat=True)[:limit])
    with transaction.atomic():
        gone = Received.objects.filter(pk__in=some).update(body="")
        if gone:
            record(events.CallsForgotten(subject=RETENTION, calls=gone))
    return gone


def calls_about(customer: int, reference: str) -> list[dict[str, Any]]:
    """The raw calls about a customer and his orders that are still kept, the first first."""
    ours = {reference, *_orders(customer)}
    found: list[Received] = []
    some = sorted(ours)
    for start in range(0, len(some), _PART):
        found += _kept().filter(subject__in=some[start : start + _PART])
    found += [row for row in _kept().filter(subject="").iterator() if _names(row.body, ours)]
    found.sort(key=lambda row: row.pk)
    return [{"topic": row.topic, "at": row.at, "body": row.body} for row in found]


#: Calls that are processed or given up; one that waits is read first.
_READ = Q(processed_at__isnull=False) | Q(given_up=True)


def _kept() -> QuerySet[Received]:
    return Received.objects.exclude(body="")


def _orders(customer: int) -> set[str]:
    return {row.order for row in promises.promises_of_customer(customer, limit=_ALL)}


def _names(body: str, ours: Collection[str]) -> bool:
    """Whether a call that nobody could read names one of these customers or orders."""
    with suppress(InputError):
        return any(one in ours or guest(one) in ours for one in _texts(strict(body.encode())))
    return False


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str | int):
        yield str(value)
