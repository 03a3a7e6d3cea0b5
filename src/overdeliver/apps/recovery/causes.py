"""The registers of causes and of changes."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from overdeliver.apps.journal.actions import record
from overdeliver.apps.recovery import events
from overdeliver.apps.recovery.models import Cause, Change
from overdeliver.apps.recovery.rules.complaint import tidy
from overdeliver.vocabulary.errors import InputError, NotFound


def keep_cause(name: str, about: str = "") -> int:
    """Write a cause down; the same name again is the same cause. InputError: it has no name."""
    plain = " ".join(tidy(name).split())
    if not plain or len(plain) > 200:
        raise InputError("cause: say it in up to 200 characters")
    with transaction.atomic():
        try:
            with transaction.atomic():
                row, new = Cause.objects.get_or_create(
                    name=plain, defaults={"about": tidy(about)[:5000], "found_at": timezone.now()}
                )
        except IntegrityError:
            row, new = Cause.objects.get(name=plain), False
        if new:
            record(events.CauseKept(subject=f"cause:{row.pk}"))
    return row.pk


def keep_change(cause: int, what: str, owner: str, since: date | None) -> int:
    """Write down a change of how the work is done, in force from a day on; returns its number.

    NotFound: no such cause; InputError: it says not what, who, or from when.
    """
    plain, who = " ".join(tidy(what).split()), " ".join(tidy(owner).split())
    if not plain or len(plain) > 500:
        raise InputError("what: say in up to 500 characters what is done otherwise")
    if not who or len(who) > 200:
        raise InputError("owner: say who sees to it")
    if since is None or not 1990 <= since.year <= 2200:
        raise InputError("since: say from which day on")
    if not Cause.objects.filter(pk=cause).exists():
        raise NotFound(f"cause {cause}: there is none of that number")
    with transaction.atomic():
        row = Change.objects.create(
            cause_id=cause, what=plain, owner=who, since=since, made_at=timezone.now()
        )
        record(events.ChangeKept(subject=f"change:{row.pk}", cause=cause))
    return row.pk
