"""What the journal is told of promises and outcomes."""

from collections.abc import Mapping

from overdeliver.apps.journal.actions import record
from overdeliver.apps.promises import events, rules
from overdeliver.apps.promises.models import Promise

Settled = events.PromiseBroken | events.PromiseMet | events.PromiseExceeded


def made_event(row: Promise, before: Promise | None) -> events.PromiseMade | events.PromiseRevised:
    """A promise given, or one that takes the place of ``before``."""
    subject, order = f"promise:{row.reference}", row.order.reference
    if before is None:
        return events.PromiseMade(
            subject=subject,
            order=order,
            lever=row.lever,
            promised=row.promised,
            unit=row.unit,
            due_at=row.due_at,
            source=row.source,
        )
    original = row.revises.reference if row.revises else before.reference
    return events.PromiseRevised(
        subject=subject,
        order=order,
        revises=original,
        replaces=before.reference,
        promised=row.promised,
        unit=row.unit,
        due_at=row.due_at,
    )


def tell(
    drawn: list[tuple[Promise, rules.Stand, str | None]], was: Mapping[int, float | None]
) -> None:
    """Record what an outcome changed; ``was``: the actual that counted before, by promise."""
    for promise, found, before in drawn:
        earlier = was.get(promise.pk)
        if earlier is not None and found.actual is not None and earlier != found.actual:
            record(_corrected(promise, found, earlier))
        if found.verdict != before:
            tell_verdict(promise, found, latest=promise is drawn[-1][0])
        elif earlier is None and found.actual is not None:
            record(_seen(promise, found))


def tell_verdict(promise: Promise, found: rules.Stand, *, latest: bool) -> None:
    """Record that a promise is now broken, met or exceeded; other verdicts settle nothing."""
    event = _settled(promise, found, latest=latest)
    if event is not None:
        record(event)


def _settled(promise: Promise, found: rules.Stand, *, latest: bool) -> Settled | None:
    subject, order = f"promise:{promise.reference}", promise.order.reference
    original = promise.revises_id is None
    if found.verdict == "broken":
        return events.PromiseBroken(
            subject=subject,
            order=order,
            gap=found.gap,
            unit=promise.unit,
            overdue=found.actual is None,
            latest=latest,
            original=original,
        )
    if found.gap is None:
        return None
    kind = events.PromiseMet if found.verdict == "met" else events.PromiseExceeded
    return kind(
        subject=subject,
        order=order,
        gap=found.gap,
        unit=promise.unit,
        latest=latest,
        original=original,
    )


def _corrected(promise: Promise, found: rules.Stand, was: float) -> events.OutcomeCorrected:
    return events.OutcomeCorrected(
        subject=f"promise:{promise.reference}",
        order=promise.order.reference,
        actual=found.actual if found.actual is not None else was,
        unit=promise.unit,
        was=was,
        verdict=found.verdict,
    )


def _seen(promise: Promise, found: rules.Stand) -> events.OutcomeRecorded:
    return events.OutcomeRecorded(
        subject=f"promise:{promise.reference}",
        order=promise.order.reference,
        actual=found.actual or 0.0,
        unit=promise.unit,
        gap=found.gap or 0.0,
    )
