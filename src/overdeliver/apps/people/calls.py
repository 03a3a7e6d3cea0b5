"""Calls with an Idempotency-Key: done once, answered the same for two days."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from overdeliver.apps.people.models import ApiCall
from overdeliver.vocabulary.errors import Conflict, InputError

KEPT = timedelta(hours=48)
#: A call that has not ended after so long died with its process; the next one may do it. A slower
#: one loses its claim and is undone as a whole: a short lease may cost work, never a double.
LEASE = timedelta(seconds=30)


@dataclass(frozen=True)
class Answer:
    """What a call was answered: status, body, and whether it had been given before."""

    status: int
    body: str
    replayed: bool


class StillRunning(Conflict):
    """The same call is being done at this moment."""


def once(scope: str, key: str, fingerprint: str, work: Callable[[], Answer]) -> Answer:
    """Do the work of a call unless it was done; its changes and its answer are one transaction.

    ``scope`` is who calls, ``fingerprint`` what is asked. The call is claimed first, by a row that
    can be there once. What is not answered with 2xx is undone and not kept: it may be tried
    again. InputError: the key stood for another call. StillRunning: it is being done.
    """
    claim = _claim(scope, key, fingerprint)
    if isinstance(claim, Answer):
        return claim
    # Only while the claim is still ours: it has a moment of its own, as a lease has.
    ours = ApiCall.objects.filter(pk=claim.pk, at=claim.at, status=0)
    kept = False
    try:
        with transaction.atomic():
            answer = work()
            good = 200 <= answer.status < 300
            if not good:
                transaction.set_rollback(True)
            elif not ours.update(status=answer.status, body=answer.body):
                raise StillRunning("it took too long, and somebody else does it now")
        kept = good  # not before the commit, which may fail as well
    finally:
        if not kept:
            ours.delete()
    return answer


def prune(limit: int = 5000) -> int:
    """Forget answers older than two days; returns how many."""
    old = ApiCall.objects.filter(at__lt=timezone.now() - KEPT).values_list("pk", flat=True)[:limit]
    return ApiCall.objects.filter(pk__in=list(old)).delete()[0]


def hashed(*parts: bytes) -> str:
    """One hash of several parts."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _claim(scope: str, key: str, fingerprint: str) -> ApiCall | Answer:
    """The answer kept, or a row of our own that says: being done."""
    row = ApiCall.objects.filter(scope=scope, key=key).first()
    if row is not None and timezone.now() - row.at > KEPT:
        ApiCall.objects.filter(pk=row.pk, at=row.at).delete()
        row = None
    if row is None:
        try:
            with transaction.atomic():
                return ApiCall.objects.create(scope=scope, key=key, fingerprint=fingerprint)
        except IntegrityError:  # somebody was faster, this moment
            row = ApiCall.objects.filter(scope=scope, key=key).first()
    if row is not None and row.fingerprint != fingerprint:
        raise InputError("Idempotency-Key: it stood for another call; use a new key")
    if row is not None and row.status:
        return Answer(row.status, row.body, replayed=True)
    if row is None or not _taken_over(row):
        raise StillRunning("the same call is being done at this moment; ask again for its answer")
    return row


def _taken_over(row: ApiCall) -> bool:
    now = timezone.now()
    if now - row.at <= LEASE:
        return False
    found = ApiCall.objects.filter(pk=row.pk, at=row.at, status=0).update(at=now)
    row.at = now
    return bool(found)
