"""Other systems that are told what happens: added, tried, switched off and on, told again."""

import base64
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.journal.actions import record
from overdeliver.apps.outreach import events, hooks, net
from overdeliver.apps.outreach.actions import Draft, enqueue
from overdeliver.apps.outreach.models import Endpoint, Lane, Message
from overdeliver.apps.outreach.rules.hooks import TEST, check_events, references, wanted
from overdeliver.vocabulary.errors import NotFound

BOTH_HOLD = timedelta(hours=24)
_MOST_OLD = 5  # secrets


def add(url: str, chosen: Collection[str] = ()) -> tuple[int, str]:
    """Tell another system what happens from now on; its number and its secret, seen only now.

    ``chosen``: names of events, none for all. InputError: an address that is not called, no such
    event.
    """
    net.allowed(url)
    secret = _secret()
    with transaction.atomic():
        row = Endpoint.objects.create(url=url, secret=secret, events=check_events(chosen))
        record(events.EndpointAdded(subject=f"endpoint:{row.pk}"))
    return row.pk, secret


def change_secret(number: int) -> str:
    """A new secret, seen only now; for a day the one before signs too. NotFound: no such endpoint.

    So do those before it until their own day is over: whoever changes twice cuts nobody off.
    """
    secret, now = _secret(), timezone.now()
    with transaction.atomic():
        row = _held(number)
        old = {"secret": row.secret, "until": (now + BOTH_HOLD).isoformat()}
        row.old_secrets = [*hooks.still_sign(row, now), old][-_MOST_OLD:]
        row.secret = secret
        row.save(update_fields=["old_secrets", "secret"])
        record(events.EndpointChanged(subject=f"endpoint:{number}", change="secret"))
    return secret


def choose(number: int, chosen: Collection[str]) -> None:
    """What an endpoint is told. NotFound: no such endpoint. InputError: no such event."""
    with transaction.atomic():
        row = _held(number)
        row.events = check_events(chosen)
        row.save(update_fields=["events"])
        record(events.EndpointChanged(subject=f"endpoint:{number}", change="events"))


def disable(number: int) -> None:
    """Tell it nothing for now; what waits is held. NotFound: no such endpoint."""
    _endpoint(number)
    hooks.switch_off(number, "by_hand")


def enable(number: int) -> None:
    """Tell it again, also what was held while it was off. NotFound: no such endpoint."""
    now = timezone.now()
    with transaction.atomic():
        _endpoint(number)
        off = Endpoint.objects.filter(pk=number, active=False)
        if not off.update(active=True, disabled_because=""):
            return
        Lane.objects.filter(name=_lane(number)).delete()
        Message.objects.filter(lane=_lane(number), status="held", error="endpoint_off").update(
            status="queued", next_at=now, error=""
        )
        record(events.EndpointChanged(subject=f"endpoint:{number}", change="enabled"))


def test(number: int) -> int:
    """Send a test event; returns the message's number. NotFound: no such endpoint."""
    with transaction.atomic():
        row = _endpoint(number)
        now = timezone.now()
        key = f"webhook:{number}:test:{secrets.token_hex(8)}"
        return _write(row, key, TEST, now, {"subject": f"endpoint:{number}"})


def replay(number: int) -> int:
    """Send again what was given up or held, with the same ids; returns how many.

    NotFound: no such endpoint.
    """
    with transaction.atomic():
        _endpoint(number)
        lost = Message.objects.filter(lane=_lane(number), status__in=["failed", "held"])
        done = lost.update(status="queued", attempts=0, next_at=timezone.now(), released=True)
        Lane.objects.filter(name=_lane(number)).delete()
        if done:
            record(events.EndpointChanged(subject=f"endpoint:{number}", change="replayed"))
    return done


def tell(
    name: str, subject: str, at: datetime, data: dict[str, Any], event: int, cause: int | None
) -> int:
    """Write an event for every endpoint that wants it, in the caller's transaction; how many."""
    told = 0
    for row in Endpoint.objects.filter(active=True):
        if wanted(name, row.events):
            key = f"webhook:{row.pk}:{event}"
            _write(row, key, name, at, references(subject, data), about=subject, cause=cause)
            told += 1
    return told


def _write(
    row: Endpoint,
    key: str,
    name: str,
    at: datetime,
    data: dict[str, Any],
    about: str = "",
    cause: int | None = None,
) -> int:
    return enqueue(
        Draft(
            key=key,
            channel="webhook",
            lane=_lane(row.pk),
            purpose="webhook",
            because="outreach.because.webhook",
            address=row.url,
            data={"endpoint": row.pk, "payload": hooks.payload(name, at, data)},
            about=about,
            cause=cause,
        )
    )


def _lane(number: int) -> str:
    return f"webhook:{number}"


def _secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _held(number: int) -> Endpoint:
    row = Endpoint.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise NotFound(f"endpoint {number}: there is none of that number")
    return row


def _endpoint(number: int) -> Endpoint:
    row = Endpoint.objects.filter(pk=number).first()
    if row is None:
        raise NotFound(f"endpoint {number}: there is none of that number")
    return row
