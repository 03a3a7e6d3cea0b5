"""What ends care: an order that is taken back, a customer who is erased."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from overdeliver.apps.care import events, sharing
from overdeliver.apps.care.models import Due, Material, Run, Task
from overdeliver.apps.journal.actions import record
from overdeliver.apps.outreach import actions as outreach
from overdeliver.vocabulary.errors import Conflict, NotFound


def stop_order(order: str, reason: str) -> None:
    """What is still to come for an order will not; its page is closed."""
    runs = list(Run.objects.filter(order=order).values_list("pk", flat=True))
    _stop(runs, reason)
    sharing.close([order])


def blank_customer(customer: int, reference: str) -> None:
    """Nothing more is sent to an erased customer, and nothing personal is kept of him."""
    with transaction.atomic():
        rows = Run.objects.filter(customer_id=customer)
        _stop(list(rows.values_list("pk", flat=True)), "erased")
        sharing.close(list(rows.values_list("order", flat=True)))
        tasks = Task.objects.filter(customer_id=customer).update(note="")
        told = Material.objects.filter(customer_id=customer).update(
            active=False, text="", source="", consent="", title="–"
        )
        if tasks or told:
            record(events.CareBlanked(subject=f"customer:{reference}", tasks=tasks))


def _stop(runs: list[int], reason: str) -> None:
    waiting = Due.objects.filter(run_id__in=runs, state__in=["waiting", "held"])
    waiting.update(state="dropped", reason=reason)
    Task.objects.filter(due__run_id__in=runs, status="open").update(
        status="dropped", outcome=reason, sequence=F("sequence") + 1, changed_at=timezone.now()
    )
    sent = Due.objects.filter(run_id__in=runs, message__isnull=False)
    for number in list(sent.values_list("message", flat=True)):
        try:
            outreach.cancel(int(number or 0))
        except (Conflict, NotFound):
            continue  # it has gone, or is going at this moment
