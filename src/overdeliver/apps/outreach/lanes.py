"""Ways out that are in trouble: they rest, and what waits in them waits with them."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from overdeliver.apps.outreach.models import Lane, Message
from overdeliver.apps.outreach.rules.channels import pause_after


def resting(now: datetime) -> set[str]:
    """The lanes that are left alone now."""
    return set(Lane.objects.filter(paused_until__gt=now).values_list("name", flat=True))


def works(name: str) -> None:
    """A lane that works has no row."""
    Lane.objects.filter(name=name).delete()


def failed(name: str, reason: str, asked: float, now: datetime) -> None:
    """A lane failed once more: it rests longer each time, and its messages are due after that.

    They are moved rather than left overdue, so that an outage is not mistaken for an old copy.
    """
    with transaction.atomic():
        row, made = Lane.objects.select_for_update().get_or_create(
            name=name,
            defaults={
                "failures": 1,
                "down_since": now,
                "paused_until": now + pause_after(1, asked),
                "because": reason[:60],
            },
        )
        if not made:
            until = now + pause_after(row.failures + 1, asked)
            Lane.objects.filter(pk=row.pk).update(
                failures=F("failures") + 1, paused_until=until, because=reason[:60]
            )
            row.paused_until = until
        waiting = Message.objects.filter(lane=name, status="queued", released=False)
        waiting.filter(next_at__lt=row.paused_until).update(next_at=row.paused_until)


def down_since(name: str) -> datetime | None:
    """Since when a lane has failed without a break, or None: it works."""
    row = Lane.objects.filter(name=name).first()
    return row.down_since if row else None
