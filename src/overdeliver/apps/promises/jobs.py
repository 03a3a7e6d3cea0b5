"""Promises whose moment passed unobserved become broken, and that is told."""

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.promises.actions import stand
from overdeliver.apps.promises.models import Promise, Standing


def break_overdue(limit: int = 500) -> int:
    """Judge open promises that are due; returns how many became broken."""
    now = timezone.now()
    due = Standing.objects.filter(verdict="open", due_at__lt=now).order_by("due_at")[:limit]
    broken = 0
    for pk in list(due.values_list("promise_id", flat=True)):
        with transaction.atomic():
            promise = Promise.objects.select_related("order").get(pk=pk)
            broken += stand(promise, tell=True, now=now) == "broken"
    return broken
