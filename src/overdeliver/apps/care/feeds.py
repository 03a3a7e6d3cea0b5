"""Calls and thank-yous as a calendar, behind a secret address per member of staff."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from icalendar import Alarm, Calendar, Event

from overdeliver.apps.business import reads as business
from overdeliver.apps.care import events
from overdeliver.apps.care.models import Feed, Task
from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.apps.journal.actions import record
from overdeliver.apps.look.words import word

_LENGTH = timedelta(minutes=15)
_PAST, _MOST = timedelta(days=14), 500


def make_feed(staff: int) -> str:
    """A new address for somebody, shown this once; the one before works no more (192 bits)."""
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        Feed.objects.update_or_create(
            staff_id=staff, defaults={"hash": _hash(token), "made_at": timezone.now()}
        )
        record(events.FeedChanged(subject=f"staff:{staff}", change="made"))
    return token


def revoke_feed(staff: int) -> None:
    """The address works no more."""
    with transaction.atomic():
        if Feed.objects.filter(staff_id=staff).delete()[0]:
            record(events.FeedChanged(subject=f"staff:{staff}", change="revoked"))


def feed_of(staff: int) -> datetime | None:
    """Since when somebody has an address, or None."""
    row = Feed.objects.filter(staff_id=staff).first()
    return row.made_at if row else None


def calendar(token: str) -> bytes | None:
    """The calendar of an address: one's own tasks and everybody's; None: there is no such address,
    or whoever had it works here no more.

    It names no customer: calendars are copied to other companies' servers.
    """
    row = Feed.objects.filter(hash=_hash(token), staff__is_active=True).first()
    if row is None:
        return None
    cal = Calendar()
    cal.add("prodid", "-//overdeliver//care//")
    cal.add("version", "2.0")
    cal.add("method", "PUBLISH")
    cal.add("x-wr-calname", str(word("care.feed.name")))
    since = timezone.now() - _PAST
    mine = Task.objects.filter(Q(owner=None) | Q(owner_id=row.staff_id))
    shown = mine.filter(Q(status="open") | Q(changed_at__gte=since)).order_by("due_at", "pk")
    before = timedelta(minutes=business.policy(CarePolicy).task_minutes)
    for task in shown[:_MOST]:
        cal.add_component(_event(task, before))
    written: bytes = cal.to_ical()
    return written


def _event(task: Task, before: timedelta) -> Event:
    event = Event()
    event.add("uid", f"{task.uid}@overdeliver")
    event.add("dtstamp", task.changed_at)
    event.add("last-modified", task.changed_at)
    event.add("sequence", task.sequence)
    event.add("dtstart", task.due_at)
    event.add("dtend", task.due_at + _LENGTH)
    event.add("summary", str(word(f"care.feed.{task.kind}", order=task.order).unescape()))
    link = f"{settings.PUBLIC_URL}{reverse('care_task', args=[task.pk])}"
    event.add("description", link)
    event.add("url", link)
    event.add("status", "CONFIRMED" if task.status == "open" else "CANCELLED")
    if task.status == "open":
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", str(word(f"care.feed.{task.kind}", order=task.order).unescape()))
        alarm.add("trigger", -before)
        event.add_component(alarm)
    return event


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
