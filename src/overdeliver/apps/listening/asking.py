"""One question after an order: planned when it is complete, sent when due, answered once."""

import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal.actions import decide
from overdeliver.apps.listening.actions import take_feedback
from overdeliver.apps.listening.models import Ask, Feedback
from overdeliver.apps.listening.rules import OPEN, QUESTIONS, SurveyPolicy, ask
from overdeliver.apps.outreach.reads import takes_mail
from overdeliver.apps.outreach.writing import Occasion, enqueue_template
from overdeliver.apps.people import reads as people
from overdeliver.apps.promises import reads as promises
from overdeliver.apps.promises.rules import NO_PURCHASE
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound


def plan(reference: str, at: datetime, cause: int | None = None) -> None:
    """Decide whether the customer of a complete order is asked, once an order; why is kept."""
    policy = business.policy(SurveyPolicy)
    order = promises.order(reference)
    customer = order.customer.id if order.customer and not order.customer.erased_at else None
    if (
        not policy.on
        or order.channel == NO_PURCHASE
        or Ask.objects.filter(order_id=order.id).exists()
    ):
        return
    decision = ask(customer, policy, settings.SECRET_KEY)
    decide(decision, rule="overdeliver.apps.listening.rules.ask", subject=f"order:{reference}")
    if customer is None or decision.verdict == "no":
        return
    Ask.objects.get_or_create(
        order_id=order.id,
        defaults={
            "customer_id": customer,
            "arm": decision.verdict,
            "question": policy.question,
            "due_at": at + policy.wait,
            "state": "control" if decision.verdict == "control" else "waiting",
        },
    )


def send_due(now: datetime | None = None, limit: int = 200) -> int:
    """Write the questions that are due into the outbox; returns how many were looked at.

    Safe beside other workers: each is taken by one conditional UPDATE. What is due for longer than
    a link would live is not asked any more.
    """
    at = now or timezone.now()
    due = Ask.objects.filter(state="waiting", due_at__lte=at).order_by("due_at")
    numbers = list(due.values_list("pk", flat=True)[:limit])
    for number in numbers:
        with transaction.atomic():
            if Ask.objects.filter(pk=number, state="waiting").update(state="sent", sent_at=at):
                _send(Ask.objects.select_related("order").get(pk=number), at)
    return len(numbers)


def opened(token: str, now: datetime | None = None) -> Ask:
    """The question of a link. NotFound: none, too old, or his data were erased."""
    since = (now or timezone.now()) - OPEN
    rows = Ask.objects.select_related("order").filter(hash=_hash(token), sent_at__gte=since)
    row = rows.first()
    if row is None or people.customer_of(row.customer_id).erased_at:
        raise NotFound("this link leads nowhere")
    return row


def answer(row: Ask, score: float, text: str) -> None:
    """Write an answer down; the question is answered once.

    Conflict: it was answered before. InputError: no such score.
    """
    low, high, _ = QUESTIONS[row.question]
    if score != int(score) or not low <= score <= high:
        raise InputError(f"score: choose one from {low} to {high}")
    with transaction.atomic():
        if not Ask.objects.filter(pk=row.pk, answered_at=None).update(answered_at=timezone.now()):
            raise Conflict("this question has been answered")
        reference = take_feedback(
            kind="survey",
            order=row.order.reference,
            score=score,
            scale=(low, high),
            text=text,
            channel=row.question,
            reference=f"ask-{row.pk}",
        )
        said = Feedback.objects.only("pk").get(reference=reference)
        Ask.objects.filter(pk=row.pk).update(feedback=said)


def _send(row: Ask, now: datetime) -> None:
    card = people.customer_of(row.customer_id)
    if now - row.due_at > OPEN or card.erased_at or not takes_mail(card.email):
        Ask.objects.filter(pk=row.pk).update(state="unreached")
        return
    token = secrets.token_urlsafe(24)  # 192 bits; only its hash is kept
    number = enqueue_template(
        f"question_{row.question}",
        Occasion(
            key=f"ask:{row.pk}",
            because="listening.because.asked",
            about=f"order:{row.order.reference}",
        ),
        lambda: {
            "order.reference": row.order.reference,
            "question.link": f"{settings.PUBLIC_URL}/a/{token}/",
        },
        customer=row.customer_id,
    )
    Ask.objects.filter(pk=row.pk).update(hash=_hash(token), message=number)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
