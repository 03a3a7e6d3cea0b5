"""The two named procedures that may change the ledger's rows: undo of an import, and erasure."""

import secrets
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q, QuerySet

from overdeliver.apps.journal.actions import record
from overdeliver.apps.journal.append_only import lifted
from overdeliver.apps.promises import events
from overdeliver.apps.promises.drawing import held, stand
from overdeliver.apps.promises.models import Encounter, Order, Outcome, Promise, Standing
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound

_PART = 500


def withdraw_batch(batch: str) -> events.BatchWithdrawn:
    """Take an import's orders, promises, outcomes and encounters out again; says how many.

    All or nothing. Feedback and customers are withdrawn by their own chapters, feedback first.
    InputError: no name; NotFound: nothing came with it; Conflict: later work hangs on its rows
    (outcomes, promises, revisions or encounters that did not come with it).
    """
    if not batch.strip():
        raise InputError("batch: say which import, by its name")
    with transaction.atomic():
        _refuse_if_used(batch)
        loose = _promises_of_others(batch)
        with lifted():
            done = events.BatchWithdrawn(
                subject=f"batch:{batch}",
                encounters=Encounter.objects.filter(batch=batch).delete()[0],
                outcomes=_remove(Outcome.objects.filter(batch=batch)),
                promises=_remove_promises(batch),
                orders=_remove(Order.objects.filter(batch=batch)),
            )
        if not (done.orders or done.promises or done.outcomes or done.encounters):
            raise NotFound(f"batch {batch!r}: nothing came with an import of that name")
        for promise in loose:  # outcomes of promises that stay: they stand as they did before
            promise.order = held(promise.order.reference)
            stand(promise)
        record(done)
    return done


def blank_orders(customer: int, reference: str) -> int:
    """Blank what an erased customer's orders hold of a person; returns how many orders.

    Gone are features, the words of promises, what was said to happen next, and the link to the
    status page. Money, promises and outcomes stay. A second time changes nothing.
    """
    with transaction.atomic():
        orders = Order.objects.filter(customer_id=customer)
        for row in orders.select_for_update(no_key=True):
            row.features, row.next_step = {}, ""
            row.token = secrets.token_urlsafe(24)
            row.save(update_fields=["features", "next_step", "token"])
        with lifted():
            Promise.objects.filter(order__customer_id=customer).exclude(words="").update(words="")
        count = orders.count()
        if count:
            record(events.OrdersBlanked(subject=f"customer:{reference}", orders=count))
    return count


def _refuse_if_used(batch: str) -> None:
    later = (
        ("outcomes", Outcome.objects.filter(promise__batch=batch)),
        ("promises", Promise.objects.filter(order__batch=batch)),
        ("revisions", Promise.objects.filter(revises__batch=batch)),
        ("encounters", Encounter.objects.filter(order__batch=batch)),
    )
    for name, rows in later:
        if found := rows.exclude(batch=batch).count():
            raise Conflict(f"import {batch}: {found} {name} that came later hang on its rows")


def _promises_of_others(batch: str) -> list[Promise]:
    """Promises that stay and lose an outcome or a revision."""
    told = Q(outcomes__batch=batch) | Q(revisions__batch=batch)
    rows = Promise.objects.filter(told).exclude(batch=batch).distinct()
    return list(rows.select_related("order"))


def _remove_promises(batch: str) -> int:
    rows = Promise.objects.filter(batch=batch)
    for part in _parts(rows.values_list("pk", flat=True)):
        Standing.objects.filter(promise_id__in=part).delete()
    # Revisions first: they point to their originals.
    return _remove(rows.filter(revises__isnull=False)) + _remove(rows)


def _remove(rows: "QuerySet[Outcome] | QuerySet[Promise] | QuerySet[Order]") -> int:
    """Delete rows as they are, nothing of what refers to them; returns how many."""
    return rows._raw_delete(rows.db)


def _parts(keys: Iterable[int]) -> list[list[int]]:
    every = list(keys)
    return [every[start : start + _PART] for start in range(0, len(every), _PART)]
