"""Webhooks out: signed as Standard Webhooks says, thin, with a log of every try."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from overdeliver.apps.journal.actions import record
from overdeliver.apps.outreach import events, lanes, net
from overdeliver.apps.outreach.carriers import Parcel, carries
from overdeliver.apps.outreach.errors import NotReached
from overdeliver.apps.outreach.models import Endpoint, Message, Try
from overdeliver.apps.outreach.rules.answers import Outcome, of_webhook, retry_after
from overdeliver.apps.outreach.rules.channels import GIVE_UP_AFTER
from overdeliver.vocabulary.errors import InputError

LARGEST = 20_000  # bytes of a payload


def payload(kind: str, at: datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    """What a receiver gets: the kind, when it happened, references. InputError: it is too large."""
    made = {"type": kind, "timestamp": at.astimezone(UTC).isoformat(), "data": dict(data)}
    if len(body_of(made)) > LARGEST:
        raise InputError(f"webhook {kind}: its payload is larger than {LARGEST} bytes")
    return made


def body_of(made: Mapping[str, Any]) -> bytes:
    """A payload as it is signed and sent."""
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()


def signed(message_id: str, body: bytes, secrets: list[str], now: datetime) -> dict[str, str]:
    """The headers of a delivery: one signature for each secret that holds now."""
    at = now.astimezone(UTC)  # `sign` takes the wall time of any zone for UTC
    signatures = [Webhook(secret).sign(message_id, at, body.decode()) for secret in secrets]
    return {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


@carries("webhook")
def deliver(parcel: Parcel) -> Outcome:
    """Deliver one event to its endpoint; every try is written down."""
    endpoint = Endpoint.objects.filter(pk=int(parcel.data.get("endpoint", 0))).first()
    if endpoint is None:
        return Outcome("cancelled", "endpoint_gone")
    if not endpoint.active:
        return Outcome("held", "endpoint_off")
    now, began = timezone.now(), time.monotonic()
    body = body_of(parcel.data["payload"])
    headers = signed(parcel.message_id, body, _secrets(endpoint, now), now)
    status, error = None, ""
    try:
        answer = net.fetch("POST", endpoint.url, body, headers)
        status = answer.status
        outcome = of_webhook(status, _asked(answer.headers.get("retry-after"), now))
    except NotReached as failure:
        error = failure.code
        outcome = Outcome("again", error, down=True)
    except InputError:
        error = "address_refused"
        outcome = Outcome("again", error, down=True)
    took = int((time.monotonic() - began) * 1000)
    Try.objects.create(message_id=parcel.id, at=now, took_ms=took, status=status, error=error)
    if outcome.what == "off":
        switch_off(endpoint.pk, "gone")
    return outcome


def after_sweep(lane: str, now: datetime) -> None:
    """An endpoint that has failed for days is switched off, and that is told once."""
    name, _, number = lane.partition(":")
    since = lanes.down_since(lane) if name == "webhook" else None
    if since is not None and now - since > GIVE_UP_AFTER:
        switch_off(int(number), "failing")


def switch_off(number: int, reason: str) -> bool:
    """Tell an endpoint nothing any more; what waits for it is held. False: it was off already."""
    with transaction.atomic():
        if not Endpoint.objects.filter(pk=number, active=True).update(
            active=False, disabled_because=reason
        ):
            return False
        Message.objects.filter(lane=f"webhook:{number}", status="queued").update(
            status="held", error="endpoint_off"
        )
        record(
            events.EndpointChanged(subject=f"endpoint:{number}", change="disabled", reason=reason)
        )
    return True


def _secrets(endpoint: Endpoint, now: datetime) -> list[str]:
    return [endpoint.secret, *(one["secret"] for one in still_sign(endpoint, now))]


def still_sign(endpoint: Endpoint, now: datetime) -> list[dict[str, str]]:
    """Secrets before the one of now whose day is not over."""
    old: list[dict[str, str]] = endpoint.old_secrets
    return [one for one in old if datetime.fromisoformat(one["until"]) > now]


def _asked(value: str | None, now: datetime) -> float:
    """The seconds of a ``Retry-After``, given as a number or as a date."""
    try:
        at = parsedate_to_datetime(value) if value else None
    except ValueError:
        at = None
    until = (at - now).total_seconds() if at is not None and at.tzinfo else None
    return retry_after(value, until)
