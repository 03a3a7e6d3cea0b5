"""The queue of learning runs: asked for, claimed, renewed, failed.

A run is a row with a lease. Whoever claims it says how far it is, and renews the lease on the way;
a run whose holder died is taken up again by the next one, three times at most, then it has failed
and says so.
"""

import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal.actions import actor, record
from overdeliver.apps.quoting import events
from overdeliver.apps.quoting.models import LearningRun
from overdeliver.vocabulary.errors import OverdeliverError

LEASE = timedelta(minutes=5)
ATTEMPTS = 3


class Lost(Exception):
    """The run's lease ran out and somebody else took it up: stop, change nothing."""


def ask_to_learn(service: str = "", *, key: str = "") -> int:
    """Put a run in the queue, of one service or of all; returns its number.

    The same ``key`` again is the same run; without one a run that still waits is taken.
    """
    if service:
        business.service(service)
    if not key:
        waiting = LearningRun.objects.filter(state="waiting", service=service).first()
        if waiting:
            return waiting.pk
    row, _ = LearningRun.objects.get_or_create(
        key=key or f"asked:{secrets.token_hex(8)}",
        defaults={"service": service, "asked_by": actor()},
    )
    return row.pk


def asked(key: str) -> bool:
    """Whether a run of this key was ever asked for."""
    return LearningRun.objects.filter(key=key).exists()


def said(error: Exception) -> str:
    """An error for people to read: ours as it is, others by name (their text may hold anything)."""
    return str(error) if isinstance(error, OverdeliverError) else type(error).__name__


def unfinished() -> int | None:
    """The run that could be claimed now, or None."""
    free = Q(state="waiting") | Q(state="running", lease_until__lt=timezone.now())
    return (
        LearningRun.objects.filter(free).order_by("asked_at").values_list("pk", flat=True).first()
    )


def claim(run: int, holder: str) -> bool:
    """Take the run up, if nobody holds it. After three attempts it fails instead, visibly."""
    now = timezone.now()
    free = Q(state="waiting") | Q(state="running", lease_until__lt=now)
    claimed = LearningRun.objects.filter(free, pk=run).update(
        state="running",
        holder=holder,
        attempts=F("attempts") + 1,
        started_at=now,
        lease_until=now + LEASE,
        step="",
        done=0,
        report=[],
    )
    if not claimed:
        return False
    if LearningRun.objects.filter(pk=run, attempts__gt=ATTEMPTS).exists():
        fail(run, holder, f"given up: it stopped {ATTEMPTS} times on the way")
        return False
    return True


def renew(run: int, holder: str, **changes: Any) -> None:
    """Say how far it is and keep the lease. Lost: somebody else holds the run."""
    kept = LearningRun.objects.filter(pk=run, holder=holder, state="running").update(
        lease_until=timezone.now() + LEASE, **changes
    )
    if not kept:
        raise Lost


def let_go(run: int, holder: str) -> None:
    """The holder is known to be dead: the run may be claimed at once."""
    LearningRun.objects.filter(pk=run, holder=holder, state="running").update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )


def fail(run: int, holder: str, error: str) -> None:
    """End the run with an error that people see."""
    with transaction.atomic():
        failed = LearningRun.objects.filter(pk=run, holder=holder, state="running").update(
            state="failed", finished_at=timezone.now(), error=error[:300], step=""
        )
        if failed:
            record(events.LearningFailed(subject=f"learning:{run}", error=error[:300]))
