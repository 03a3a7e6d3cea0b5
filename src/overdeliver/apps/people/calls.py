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
    """Do the work of a call unless it was done; its changes and its answer are one transaction.

    ``scope`` is who calls, ``fingerprint`` what is asked. Two calls at once wait for each other.
    What is not answered with 2xx is undone and not kept: it may be tried again. InputError: the
    key stood for another call.
    """
    before = _kept(scope, key, fingerprint)
    if before is not None:
        return before
    try:
        with transaction.atomic():
            row = ApiCall.objects.create(scope=scope, key=key, fingerprint=fingerprint)
            answer = work()
            if not 200 <= answer.status < 300:
                transaction.set_rollback(True)
                return answer
            ApiCall.objects.filter(pk=row.pk).update(status=answer.status, body=answer.body)
            return answer
    except IntegrityError:
        # Somebody else did it in the meantime; if not, the fault is the work's own.
        before = _kept(scope, key, fingerprint)
        if before is None:
            raise
        return before


def prune(limit: int = 5000) -> int:
    """Forget answers older than two days; returns how many."""
    old = ApiCall.objects.filter(at__lt=timezone.now() - KEPT).values_list("pk", flat=True)[:limit]
    return ApiCall.objects.filter(pk__in=list(old)).delete()[0]


def hashed(*parts: bytes) -> str:
    """One hash of several parts."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _kept(scope: str, key: str, fingerprint: str) -> Answer | None:
    row = ApiCall.objects.filter(scope=scope, key=key).first()
    if row is None or not row.status:
        return None
    if timezone.now() - row.at > KEPT:
        row.delete()
        return None
    if row.fingerprint != fingerprint:
        raise InputError("Idempotency-Key: it stood for another call; use a new key")
    return Answer(row.status, row.body, replayed=True)
