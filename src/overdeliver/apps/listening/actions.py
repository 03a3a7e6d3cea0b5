"""What customers say is written down."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.journal.actions import record
from overdeliver.apps.listening.events import FeedbackGiven
from overdeliver.apps.listening.models import Feedback
from overdeliver.apps.people import actions as people
from overdeliver.apps.promises import reads as promises
from overdeliver.apps.promises.facts import text as plain_text
from overdeliver.vocabulary.errors import Conflict, InputError
from overdeliver.vocabulary.moments import aware
from overdeliver.vocabulary.scales import Scale

KINDS = ("survey", "review", "complaint")


def take_feedback(
    *,
    kind: str,
    customer: str = "",
    order: str = "",
    score: float | None = None,
    scale: tuple[float, float] | None = None,
    text: str = "",
    language: str = "",
    channel: str = "",
    at: datetime | None = None,
    reference: str = "",
) -> str:
    """Write a score or a text down; returns its reference, which told again changes nothing.

    InputError: neither score nor text, nobody and nothing it is about, a score without its scale
    or outside it. NotFound: no such order. Conflict: the reference stands for other feedback.
    """
    if kind not in KINDS:
        raise InputError(f"kind {kind!r}: use one of {', '.join(KINDS)}")
    if score is None and not text.strip():
        raise InputError("feedback: give a score, a text or both")
    if not customer and not order:
        raise InputError("feedback: say whose it is or which order it is about")
    if score is not None:
        if scale is None:
            raise InputError("feedback: a score needs its scale, the worst and the best answer")
        if score not in Scale(*scale):
            raise InputError(f"score {score:g} is not on the scale {scale[0]:g} to {scale[1]:g}")
    words = plain_text("text", text, 10_000)
    reference = plain_text("reference", reference, 200) or f"f-{secrets.token_hex(8)}"
    about = promises.order(order) if order else None
    with transaction.atomic():
        who = people.keep_customer(customer) if customer else None
        if who is None and about is not None and about.customer is not None:
            who = about.customer.id
        row, new = Feedback.objects.get_or_create(
            reference=reference,
            defaults={
                "customer_id": who,
                "order_id": about.id if about else None,
                "at": aware(at or timezone.now()),
                "kind": kind,
                "score": score,
                "scale_min": scale[0] if scale else None,
                "scale_max": scale[1] if scale else None,
                "text": words,
                "language": plain_text("language", language, 10),
                "channel": plain_text("channel", channel, 50),
            },
        )
        if not new:
            if (row.kind, row.score, row.text) != (kind, score, words):
                raise Conflict(f"feedback {reference}: it stands for something else already")
            return reference
        subject = f"feedback:{reference}"
        record(FeedbackGiven(subject=subject, order=order, kind_of=kind, score=score))
    return reference
