"""Write messages into the outbox, and what people do with those that wait for them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal.actions import record
from overdeliver.apps.journal.events import Event
from overdeliver.apps.outreach import events
from overdeliver.apps.outreach.blocking import asked_lately
from overdeliver.apps.outreach.costing import cost_of
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.outreach.reads import takes_mail
from overdeliver.apps.outreach.rules.channels import channel as channel_named
from overdeliver.apps.outreach.rules.filling import one_line
from overdeliver.apps.outreach.rules.statuses import check_act, way_back
from overdeliver.apps.outreach.rules.timing import OutboxPolicy
from overdeliver.apps.people import reads as people
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A message to be written into the outbox.

    ``key``: the reason in so many words; the same key twice is one message. ``because``: the key of
    the word that says why it was written. ``about``: the journal's subject (``promise:p-17``).
    ``not_before`` and ``not_after`` are aware moments: it goes by itself between them only.
    ``by_hand``: it waits for a person to release it.
    """

    key: str
    channel: str
    purpose: str
    because: str
    address: str = ""
    customer: int | None = None
    subject: str = ""
    text: str = ""
    data: Mapping[str, Any] | None = None
    lane: str = ""
    about: str = ""
    cause: int | None = None
    template: str = ""
    language: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None
    by_hand: bool = False


def enqueue(draft: Draft) -> int:
    """Write a message in the caller's transaction: it goes out if, and only if, that one commits.

    Returns the message's number; that of the first where the key is known. RuntimeError: there is
    no transaction. InputError: no such channel, or no address it could go to.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(
            f"message {draft.purpose} written outside a transaction: it could be lost"
        )
    row = _row(draft, timezone.now())
    Message.objects.bulk_create([row], ignore_conflicts=True)
    number, mark = Message.objects.values_list("pk", "message_id").get(key=draft.key)
    if mark == row.message_id and draft.channel != "webhook":
        record(
            events.MessageQueued(
                subject=f"message:{number}",
                channel=draft.channel,
                purpose=draft.purpose,
                about=draft.about,
                draft=draft.by_hand,
            )
        )
    return int(number)


def release(number: int) -> None:
    """Send a message that waits for a person, late or not.

    NotFound: there is none of that number. Conflict: it does not wait, or is none that is sent.
    """
    _act(number, "release")


def cancel(number: int) -> None:
    """Never send a message. NotFound: none of that number. Conflict: it is on its way or gone."""
    _act(number, "cancel")


def mark_done(number: int) -> None:
    """A person has done it by other means. NotFound: none. Conflict: it does not wait."""
    _act(number, "done")


def take_back(number: int) -> None:
    """What a person did with a message last is undone, unless it is on its way already.

    NotFound: none of that number. Conflict: there is nothing to take back any more.
    """
    with transaction.atomic():
        row = _message(number)
        before = way_back(row.was, row.status)
        same = Message.objects.filter(pk=number, status=row.status, was=row.was)
        if not same.update(status=before, was="", released=False, sent_at=None, cost=None):
            raise Conflict("message: somebody else was faster")
        record(events.MessageHandled(subject=f"message:{number}", change="undone"))


def release_all(reason: str) -> int:
    """Release every held mail of a reason (``no_mail_server``); returns how many."""
    held = Message.objects.filter(status="held", channel="mail", error=reason)
    done = 0
    for number in list(held.order_by("pk").values_list("pk", flat=True)[:1000]):
        try:
            release(number)
        except Conflict:
            continue
        done += 1
    return done


def _act(number: int, act: str) -> None:
    now = timezone.now()
    with transaction.atomic():
        row = _message(number)
        goal = check_act(act, row.status, row.channel)
        fields: dict[str, Any] = {"status": goal, "was": row.status}
        if act == "release":
            fields |= {"released": True, "attempts": 0, "next_at": now}
        if act == "done":
            fields |= {"sent_at": now, **cost_of(row.channel)}
        if not Message.objects.filter(pk=number, status=row.status).update(**fields):
            raise Conflict("message: somebody else was faster")
        record(_event(act, row))


def _event(act: str, row: Message) -> Event:
    subject = f"message:{row.pk}"
    if act == "cancel":
        return events.MessageCancelled(
            subject=subject, channel=row.channel, about=row.about, reason="by_hand"
        )
    return events.MessageHandled(subject=subject, change="released" if act == "release" else "done")


def _message(number: int) -> Message:
    row = Message.objects.filter(pk=number).first()
    if row is None:
        raise NotFound(f"message {number}: there is none of that number")
    return row


def _row(draft: Draft, now: datetime) -> Message:
    by_itself = channel_named(draft.channel).by_itself
    address = _address(draft)
    if by_itself and not address:
        raise InputError(f"{draft.channel}: there is no address it could go to")
    if draft.channel == "mail" and not takes_mail(address):
        raise InputError("mail: this is no address mail can go to")
    start = draft.not_before or now
    held = "draft" if draft.by_hand else ""
    asking = draft.purpose == "asking" and draft.customer is not None
    cooled = asking and asked_lately(draft.customer or 0, now, key=draft.key)
    return Message(
        key=draft.key,
        channel=draft.channel,
        lane=draft.lane or draft.channel,
        purpose=draft.purpose,
        template=draft.template,
        language=draft.language,
        address=address,
        customer_id=draft.customer,
        subject=one_line(draft.subject)[:300],
        text=draft.text,
        data=dict(draft.data or {}),
        message_id=_message_id(draft.channel),
        because=draft.because,
        about=draft.about[:250],
        cause=draft.cause,
        zone=_zone(draft),
        not_before=start,
        not_after=draft.not_after,
        next_at=start,
        status="cancelled" if cooled else "held" if held else "queued",
        error="cooldown" if cooled else held,
        created_at=now,
    )


def _address(draft: Draft) -> str:
    """One line; a letter's keeps its lines."""
    if draft.channel != "letter":
        return one_line(draft.address)
    return "\n".join(filter(None, map(one_line, draft.address.splitlines())))[:500]


def _zone(draft: Draft) -> str:
    """Whose quiet hours count: the customer's, else the business's; none for what may not rest."""
    if draft.channel == "webhook" or not business.policy(OutboxPolicy).rests(draft.purpose):
        return ""
    own = people.customers_of([draft.customer]) if draft.customer else {}
    card = own.get(draft.customer or 0)
    return (card.zone if card else "") or business.zone()


def _message_id(channel: str) -> str:
    if channel != "mail":
        return f"msg_{uuid.uuid4().hex}"
    domain = str(settings.KNOBS["mail_from"]).rpartition("@")[2].strip(" <>") or "localhost"
    return f"<{uuid.uuid4().hex}@{domain}>"
