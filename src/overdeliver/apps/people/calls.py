"""Calls with an Idempotency-Key: done once, answered the same for two days."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from overdeliver.apps.people.models import ApiCall
from overdeliver.vocabulary.errors import InputError

KEPT = timedelta(hours=48)


@dataclass(frozen=True)
class Answer:
    """What a call was answered: status, body, and whether it had been given before."""

    status: int
    body: str
    replayed: bool


def once(scope: str, key: str, fingerprint: str, work: Callable[[], Answer]) -> Answer:
    """Do the work of a call unless it was done; claim, changes and answer are one transaction.

    ``scope`` is who calls, ``fingerprint`` what is asked. Whoever asks the same meanwhile waits for
    the end of that transaction and gets its answer; when its process dies nothing of it is left,
    and the next one does it at once. What is not answered with 2xx is undone and not kept: it may
    be tried again. InputError: the key stood for another call.
    """
    if (kept := _kept(scope, key, fingerprint)) is not None:
        return kept
    with transaction.atomic():
        claim = _claim(scope, key, fingerprint)
        if isinstance(claim, Answer):
            return claim
        answer = work()
        if 200 <= answer.status < 300:
            ApiCall.objects.filter(pk=claim.pk).update(status=answer.status, body=answer.body)
        else:
            transaction.set_rollback(True)
        return answer


def prune(limit: int = 5000) -> int:
    """Forget answers older than two days; returns how many."""
    old = ApiCall.objects.filter(at__lt=timezone.now() - KEPT).values_list("pk", flat=True)[:limit]
    return ApiCall.objects.filter(pk__in=list(old)).delete()[0]


def hashed(*parts: bytes) -> str:
    """One hash of several parts."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _kept(scope: str, key: str, fingerprint: str) -> Answer | None:
    """What the call was answered, if it was and not too long ago."""
    row = ApiCall.objects.filter(scope=scope, key=key).first()
    if row is None:
        return None
    # Without a status: begun by a release that claimed in a transaction of its own, and killed.
    if timezone.now() - row.at > KEPT or not row.status:
        ApiCall.objects.filter(pk=row.pk, at=row.at).delete()
        return None
    if row.fingerprint != fingerprint:
        raise InputError("Idempotency-Key: it stood for another call; use a new key")
    return Answer(row.status, row.body, replayed=True)


def _claim(scope: str, key: str, fingerprint: str) -> ApiCall | Answer:
    """A row of our own, which nobody else can make meanwhile; or what a faster one answered."""
    try:
        with transaction.atomic():
            return ApiCall.objects.create(scope=scope, key=key, fingerprint=fingerprint)
    except IntegrityError:
        kept = _kept(scope, key, fingerprint)
    # None: the two days of the other were over this moment.
    return _claim(scope, key, fingerprint) if kept is None else kept
