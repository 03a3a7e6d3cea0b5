"""Ways out that are in trouble: they rest, and what waits in them waits with them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from overdeliver.apps.outreach.models import Lane, Message
from overdeliver.apps.outreach.rules.channels import pause_after

_TRYING = timedelta(seconds=30)  # as long as one try may take


class Turn:
    """One worker's use of a way out. One in trouble is tried anew by a single worker at a time, so
    that a server that is down is not called by all of them at once."""

    def __init__(self, name: str, now: datetime) -> None:
        self.name, self.mark = name, now + _TRYING
        rested = Lane.objects.filter(name=name, paused_until__lte=now)
        self.alone = bool(rested.update(paused_until=self.mark))

    def over(self, now: datetime) -> bool:
        """Whether the way out rests, or somebody else tries it."""
        resting = Lane.objects.filter(name=self.name, paused_until__gt=now)
        return (resting.exclude(paused_until=self.mark) if self.alone else resting).exists()

    def end(self, now: datetime) -> None:
        """Nothing was tried: the next worker may."""
        if self.alone:
            Lane.objects.filter(name=self.name, paused_until=self.mark).update(paused_until=now)


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
    channel = name.partition(":")[0]
    with transaction.atomic():
        row, made = Lane.objects.select_for_update().get_or_create(
            name=name,
            defaults={
                "failures": 1,
                "down_since": now,
                "paused_until": now + pause_after(channel, 1, asked),
                "because": reason[:60],
            },
        )
        if not made:
            until = now + pause_after(channel, row.failures + 1, asked)
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
