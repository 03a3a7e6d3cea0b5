"""Promises whose moment passed unobserved become broken, and that is told."""

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.promises import cases
from overdeliver.apps.promises.drawing import draw_thread, held_of, thread
from overdeliver.apps.promises.models import Standing
from overdeliver.apps.promises.telling import tell_verdict


def break_overdue(limit: int = 500) -> int:
    """Judge open promises that are due; returns how many became broken.

    Safe beside other workers: each promise's order is held, and who comes second finds it judged.
    """
    now = timezone.now()
    due = Standing.objects.filter(verdict="open", due_at__lt=now).order_by("due_at")[:limit]
    return sum(_judge(one) for one in list(due.values_list("promise__reference", flat=True)))


def refresh_cases() -> int:
    """Keep the file that large ledgers are measured from near to now; returns 1 if it was written.

    Two workers at once write the same file; whole files replace each other.
    """
    return cases.refresh()


def _judge(reference: str) -> int:
    with transaction.atomic():
        row = held_of(reference)
        drawn = draw_thread(thread(row))
        turned = [
            (one, found)
            for one, found, before in drawn
            if found.verdict == "broken" and before != "broken"
        ]
        for one, found in turned:
            tell_verdict(one, found, latest=one is drawn[-1][0])
        return len(turned)
