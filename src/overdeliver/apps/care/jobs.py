"""What is due: steps, and the days on which a customer came for the first time a year ago."""

import logging
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.care.models import Due, Plan, Run
from overdeliver.apps.care.sending import do
from overdeliver.apps.care.starting import Occasion, begin
from overdeliver.apps.journal.actions import acting
from overdeliver.apps.outreach.clock import database_now
from overdeliver.apps.promises import fates
from overdeliver.vocabulary.moments import at_wall, day_of

TRIES = 6
_LOG = logging.getLogger(__name__)
_FIRST_WAIT = timedelta(seconds=20)


def do_due(limit: int = 100) -> int:
    """Do the steps that are due; returns how many. Safe beside other workers."""
    due = Due.objects.filter(state="waiting", next_at__lte=database_now()).order_by("next_at", "pk")
    return sum(_one(pk) for pk in list(due.values_list("pk", flat=True)[:limit]))


def _one(pk: int) -> bool:
    """The step and what it does are one transaction: killed in the middle, it has not happened."""
    now = database_now()
    try:
        with transaction.atomic(), acting("worker"):
            mine = Due.objects.filter(pk=pk, state="waiting", next_at__lte=now)
            if not mine.update(attempts=F("attempts") + 1):
                return False  # whoever updates first holds the row; the others find it done
            do(Due.objects.select_related("run__plan").get(pk=pk), now)
    except Exception as error:  # noqa: BLE001 - one step's failure is its own: the others go on
        _LOG.error("step %s of care failed (%s)", pk, type(error).__name__)
        _postpone(pk, now)
    return True


def _postpone(pk: int, now: datetime) -> None:
    row = Due.objects.get(pk=pk)
    tries = row.attempts + 1
    given_up = {"state": "held", "reason": "failed"} if tries >= TRIES else {}
    Due.objects.filter(pk=pk, state="waiting").update(
        attempts=tries, next_at=now + _FIRST_WAIT * 4 ** (tries - 1), **given_up
    )


def greet_years() -> int:
    """Set off the anniversary plans for those who first ordered on this day of an earlier year."""
    if not Plan.objects.filter(moment="anniversary", active=True).exists():
        return 0
    zone, now = business.zone(), timezone.now()
    today = day_of(now, zone)
    noon = at_wall(datetime.combine(today, time(9)), zone)
    if now < noon:
        return 0
    done = 0
    for years in range(1, 6):
        try:
            then = today.replace(year=today.year - years)
        except ValueError:  # 29 February: in other years nobody is greeted a day early
            continue
        start = at_wall(datetime.combine(then, time()), zone)
        for fate in fates.newcomers(start, start + timedelta(days=1)):
            key = f"{fate.customer}:{today.year}"
            if not Run.objects.filter(key__endswith=f":year:{key}").exists():
                done += begin(Occasion("anniversary", fate.reference, noon, f"year:{key}"))
    return done
