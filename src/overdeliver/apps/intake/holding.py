"""How long a worker holds a file it works on, and how it goes on holding it."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from overdeliver.apps.intake.models import Upload

LEASE = timedelta(seconds=30)


def beat_of(row: Upload) -> Callable[[], None]:
    """Keeps the lease of a long step."""

    def beat() -> None:
        held = Upload.objects.filter(pk=row.pk, state=row.state)
        held.update(lease_until=timezone.now() + LEASE)

    return beat
