"""The outbox at work: take a message, send it outside any transaction, write down what came of it.

A message is taken by one conditional UPDATE, so nobody else has it until its lease ends. When its
worker dies in between, the lease ends by itself: what may go twice goes again, with the same id;
what must not go twice becomes ``unknown`` and waits for a person.
"""

import logging
import random
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal.actions import record
from overdeliver.apps.journal.events import Event
from overdeliver.apps.outreach import events, lanes
from overdeliver.apps.outreach.blocking import block, resting_until, unwanted
from overdeliver.apps.outreach.carriers import Carrier, Parcel, carrier_of
from overdeliver.apps.outreach.clock import Clock, restored_at
from overdeliver.apps.outreach.costing import cost_of
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.outreach.rules.answers import Outcome
from overdeliver.apps.outreach.rules.asking import NEEDED, AskingPolicy, room_at
from overdeliver.apps.outreach.rules.channels import CHANNELS, channel, wait_after
from overdeliver.apps.outreach.rules.timing import OutboxPolicy, Waiting, after_quiet, turn
from overdeliver.apps.outreach.staff_mail import with_link

_LOG = logging.getLogger(__name__)
_PART = 500
_REST = timedelta(seconds=30)


@dataclass(frozen=True)
class Found:
    """What is the same for a whole sweep: the policy, when the data folder was brought back."""

    policy: OutboxPolicy
    restored: datetime | None

    @classmethod
    def now(cls) -> "Found":
        """As it is now."""
        return cls(business.policy(OutboxPolicy), restored_at())


def due_lanes(now: datetime) -> list[str]:
    """The lanes in which something is due and which are not resting."""
    due = Message.objects.filter(status="queued", next_at__lte=now)
    names = set(due.order_by().values_list("lane", flat=True).distinct())
    return sorted(names - lanes.resting(now))


def why_by_hand(lane: str) -> str:
    """Why a lane's messages are handed to a person instead of sent; empty: they are sent."""
    name = lane.partition(":")[0]
    here = business.business()
    if name != "webhook" and (settings.KNOBS["demo"] or (here and here.demo)):
        return "demo"
    if name == "mail" and not settings.KNOBS["mail_url"]:
        return "no_mail_server"
    return "" if carrier_of(name) else "by_hand"


def hand_over(lane: str, reason: str, now: datetime) -> int:
    """Hold everything due in a lane for a person; returns how much."""
    due = Message.objects.filter(lane=lane, status="queued", next_at__lte=now).order_by("next_at")
    done = 0
    for row in due[:_PART]:
        why = "late" if row.not_after is not None and now > row.not_after else reason
        with transaction.atomic():
            held = Message.objects.filter(pk=row.pk, status="queued", next_at__lte=now).update(
                status="held", error=why, was=""
            )
            if held:
                record(_held(row, why))
            done += held
    return done


def return_leases(now: datetime) -> int:
    """What dead workers had: again, to a person, or given up; returns how much.

    Each stays due when it was: one that was on its way when a copy was made must be held later.
    """
    late = Message.objects.filter(status="leased", lease_until__lt=now)
    done = 0
    for row in late.order_by("lease_until")[:_PART]:
        kind = channel(row.channel)
        if not kind.again_after_crash:
            status, error, event = "unknown", "crashed", _unknown(row)
        elif row.attempts >= kind.tries:
            status, error, event = "failed", "crashed", _failed(row, "crashed")
        else:
            status, error, event = "queued", "", None
        with transaction.atomic():
            back = Message.objects.filter(
                pk=row.pk, status="leased", lease=row.lease, lease_until__lt=now
            ).update(status=status, error=error, lease="", lease_until=None)
            if back and event:
                record(event)
            done += back
    return done


def send_one(lane: str, carry: Carrier, clock: Clock, found: Found) -> bool:
    """Take the next message of a lane and do with it what its turn is; False: there is none.

    One that goes is carried outside any transaction.
    """
    now = clock()
    row = _take(lane, now)
    if row is None:
        return False
    if not _may_go(row, now, found):
        return True
    settle(row, _carried(carry, row), clock(), found.policy)
    return True


def settle(row: Message, outcome: Outcome, now: datetime, policy: OutboxPolicy) -> bool:
    """Write down what came of a try; False: the lease was lost, and nothing is written."""
    if outcome.what == "sent":
        lanes.works(row.lane)
        return _leave(row, "sent", "", events.MessageSent, sent_at=now, **cost_of(row.channel))
    if outcome.down:
        lanes.failed(row.lane, outcome.reason, outcome.asked, now)
    if outcome.address:
        block(row.address, "hard_bounce")
    if outcome.what == "again":
        return _again(row, outcome, now, policy)
    if outcome.what == "off":
        return _leave(row, "held", outcome.reason, events.MessageHeld)
    if outcome.what == "unknown":
        return _leave(row, "unknown", outcome.reason, events.MessageUnknown)
    if outcome.what in ("held", "cancelled"):
        event = events.MessageHeld if outcome.what == "held" else events.MessageCancelled
        return _leave(row, outcome.what, outcome.reason, event)
    return _leave(row, "failed", outcome.reason, events.MessageFailed)


def _take(lane: str, now: datetime) -> Message | None:
    """One message of the lane, for this worker alone."""
    due = Message.objects.filter(lane=lane, status="queued", next_at__lte=now)
    seconds = CHANNELS[lane.partition(":")[0]].lease_seconds
    token = secrets.token_hex(16)
    for pk in list(due.order_by("next_at", "pk").values_list("pk", flat=True)[:16]):
        taken = Message.objects.filter(pk=pk, status="queued", next_at__lte=now).update(
            status="leased",
            lease=token,
            lease_until=now + timedelta(seconds=seconds),
            attempts=F("attempts") + 1,
            was="",
        )
        if taken:
            return Message.objects.get(pk=pk)
    return None


def _may_go(row: Message, now: datetime, found: Found) -> bool:
    """Whether it goes now; otherwise it has been put aside, later or cancelled."""
    waiting = Waiting(
        next_at=row.next_at,
        not_after=row.not_after,
        zone=row.zone,
        released=row.released,
        patient=row.channel == "webhook" or row.purpose == "staff",
    )
    decided = turn(waiting, now, found.policy, found.restored)
    if decided.what == "hold":
        _leave(row, "held", decided.reason, events.MessageHeld)
        return False
    if decided.what == "later" and decided.at is not None:
        _leave(row, "queued", "", None, next_at=decided.at, attempts=F("attempts") - 1)
        return False
    if reason := unwanted(row):
        _leave(row, "cancelled", reason, events.MessageCancelled)
        return False
    if row.channel == "mail" and not row.released and resting_until(row.address, now):
        _leave(row, "held", "resting", events.MessageHeld)
        return False
    return _has_room(row, now)


def _has_room(row: Message, now: datetime) -> bool:
    """Whether the customer has not had enough for a day; otherwise it waits, or is held."""
    if not row.customer_id or row.purpose in NEEDED or row.released or row.channel == "webhook":
        return True
    others = Message.objects.filter(customer_id=row.customer_id, status="sent")
    day = others.filter(sent_at__gt=now - timedelta(days=1)).exclude(purpose__in=NEEDED)
    times = day.exclude(channel="webhook").values_list("sent_at", flat=True)
    sent = [moment for moment in times if moment is not None]
    at = room_at(sent, now, business.policy(AskingPolicy))
    if at <= now:
        return True
    if row.not_after is not None and at > row.not_after:
        _leave(row, "held", "enough_today", events.MessageHeld)
    else:
        tries = F("attempts") - 1
        _leave(row, "queued", "enough_today", None, next_at=at, attempts=tries)
    return False


def _carried(carry: Carrier, row: Message) -> Outcome:
    """What its carrier says; a message that breaks its carrier must not stop the others."""
    text = with_link(row)
    if row.text and not text:
        return Outcome("cancelled", "link_over")
    parcel = Parcel(
        row.pk,
        row.channel,
        row.purpose,
        row.message_id,
        row.address,
        row.subject,
        text,
        row.language,
        row.customer_id,
        row.attempts,
        row.data,
        row.because,
    )
    try:
        return carry(parcel)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this message's own
        _LOG.error("message %s: its carrier failed (%s)", row.pk, type(error).__name__)
        if channel(row.channel).again_after_crash:
            return Outcome("again", "broken")
        return Outcome("unknown", "broken")


def _again(row: Message, outcome: Outcome, now: datetime, policy: OutboxPolicy) -> bool:
    if row.channel == "mail" and outcome.down:  # the server's trouble is no try of this mail
        rest = max(_REST, timedelta(seconds=outcome.asked))
        tries = max(row.attempts - 1, 0)
        return _leave(row, "queued", outcome.reason, None, next_at=now + rest, attempts=tries)
    wait = wait_after(row.channel, row.attempts, random.random(), outcome.asked)
    if wait is None:
        return _leave(row, "failed", outcome.reason, events.MessageFailed)
    at = now + wait
    if row.zone and not row.released:
        at = after_quiet(at, row.zone, policy)
    if row.not_after is not None and at > row.not_after and not row.released:
        return _leave(row, "held", "late", events.MessageHeld)
    return _leave(row, "queued", outcome.reason, None, next_at=at)


def _leave(
    row: Message, status: str, reason: str, event: type[Event] | None, **more: object
) -> bool:
    """End the lease with a status, if it is still ours; the event is written beside it."""
    with transaction.atomic():
        ours = Message.objects.filter(pk=row.pk, status="leased", lease=row.lease)
        done = ours.update(status=status, error=reason[:60], lease="", lease_until=None, **more)
        if done and event is not None and _told(row, event):
            record(_event(row, event, reason))
    return bool(done)


def _told(row: Message, event: type[Event]) -> bool:
    """Webhooks have a log of their own; only one given up is told."""
    return row.channel != "webhook" or event is events.MessageFailed


def _event(row: Message, event: type[Event], reason: str) -> Event:
    fields: dict[str, str] = {"channel": row.channel, "about": row.about}
    if event not in (events.MessageSent, events.MessageUnknown):
        fields["reason"] = reason
    return event(subject=f"message:{row.pk}", **fields)


def _held(row: Message, reason: str) -> Event:
    return _event(row, events.MessageHeld, reason)


def _failed(row: Message, reason: str) -> Event:
    return _event(row, events.MessageFailed, reason)


def _unknown(row: Message) -> Event:
    return _event(row, events.MessageUnknown, "")
