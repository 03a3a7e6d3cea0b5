"""Systems that call us: added, changed, their secrets; a call taken in and answered at once."""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from overdeliver.apps.intake import events
from overdeliver.apps.intake.models import Received, Source
from overdeliver.apps.intake.rules.signatures import signed
from overdeliver.apps.intake.rules.strict_json import strict
from overdeliver.apps.journal.actions import record
from overdeliver.vocabulary.errors import Conflict, InputError, LimitExceeded, NotAllowed, NotFound

KINDS = ("shopify", "woocommerce", "generic")
LARGEST = 1_000_000
_BOTH = timedelta(hours=24)  # how long an old secret goes on being good
_MOST_OLD = 5  # secrets that are good beside the one of now
_SEEN = timedelta(minutes=1)
_PING = re.compile(rb"webhook_id=\d{1,12}")
_NOBODY = base64.b64encode(b"nobody has this secret").decode()


def add(kind: str, name: str, *, secret: str = "") -> tuple[str, str]:
    """Add a source; returns its slug and its secret, made here unless the shop gives it.

    InputError: no such kind, no name, Shopify without the secret it shows.
    """
    if kind not in KINDS:
        raise InputError(f"source {kind!r}: use one of {', '.join(KINDS)}")
    name = name.strip()[:200]
    if not name:
        raise InputError("source: give it a name")
    secret = _given(kind, secret) if secret.strip() or kind == "shopify" else _made(kind)
    slug = _free(name, kind)
    try:
        with transaction.atomic():
            Source.objects.create(slug=slug, name=name, kind=kind, secret=secret)
            record(events.SourceAdded(subject=f"source:{slug}", kind=kind))
    except IntegrityError:
        raise Conflict(f"source {slug!r}: there is one of that name") from None
    return slug, secret


def renew(slug: str, secret: str = "") -> str:
    """Give a source a new secret; the old one is good for a day more. Returns the new one.

    So are those before it until their own day is over: whoever renews twice cuts nobody off.
    """
    with transaction.atomic():
        row = _held(slug)
        fresh = _given(row.kind, secret) if secret.strip() else _made(row.kind)
        until = (timezone.now() + _BOTH).isoformat()
        old = [*_still_good(row), {"secret": row.secret, "until": until}][-_MOST_OLD:]
        row.settings = {**row.settings, "old_secrets": old}
        row.secret = fresh
        row.save(update_fields=["secret", "settings"])
        record(events.SourceChanged(subject=f"source:{slug}", change="secret"))
    return fresh


def change(
    slug: str,
    *,
    service: str,
    rules: Mapping[str, float],
    counts: str = "shipped",
    active: bool = True,
) -> None:
    """Say what a source's orders are promised as: the service, the promise per shipping method.

    ``counts``: whether shipped or delivered is the outcome. InputError: a number below 0.
    """
    if counts not in ("shipped", "delivered"):
        raise InputError(f"counts {counts!r}: use shipped or delivered")
    wrong = [name for name, number in rules.items() if not 0 <= number <= 10_000]
    if wrong:
        raise InputError(f"{wrong[0]}: a promise lies between 0 and 10,000")
    with transaction.atomic():
        row = _held(slug)
        row.settings = {**row.settings, "service": service, "rules": dict(rules), "counts": counts}
        row.active = active
        row.save(update_fields=["settings", "active"])
        record(events.SourceChanged(subject=f"source:{slug}", change="promises"))


def replay(slug: str, number: int) -> None:
    """Process a call once more.

    NotFound: the source has none of that number. Conflict: what it said is not kept any more.
    """
    row = Received.objects.filter(pk=number, source__slug=slug)
    found = row.exclude(body="").update(
        processed_at=None, given_up=False, attempts=0, error="", result="", next_at=timezone.now()
    )
    if not found and row.exists():
        raise Conflict("call: what it said is not kept any more; the shop can send it again")
    if not found:
        raise NotFound("call: there is none of that number")


def receive(slug: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """Take a call in; True: it is new. ``headers`` have lower-case names.

    NotAllowed: the signature does not fit (or there is no such source: both take as long);
    InputError: signed, but nothing that can be read; LimitExceeded: more than a megabyte.
    """
    if len(body) > LARGEST:
        raise LimitExceeded("body: more than 1 MB")
    row = Source.objects.filter(slug=slug, active=True).first()
    if row is not None and row.kind == "woocommerce" and _is_ping(body, headers):
        return False
    kind, good = (row.kind, _secrets(row)) if row else ("generic", [_NOBODY])
    if not signed(kind, good, body, headers) or row is None:
        raise NotAllowed("signature: it does not fit")
    data = strict(body)
    topic = _topic(kind, data, headers)
    try:
        with transaction.atomic():
            Received.objects.create(
                source=row,
                key=_key(kind, topic, body, headers),
                topic=topic,
                body=body.decode(),
                next_at=timezone.now(),
            )
            _seen(row)
    except IntegrityError:
        return False  # told before: once is enough
    return True


def _is_ping(body: bytes, headers: Mapping[str, str]) -> bool:
    return "x-wc-webhook-signature" not in headers and bool(_PING.fullmatch(body.strip()))


def _secrets(row: Source) -> list[str]:
    return [row.secret, *(str(one["secret"]) for one in _still_good(row))]


def _still_good(row: Source) -> list[dict[str, str]]:
    """Secrets before the one of now whose day is not over."""
    now = timezone.now()
    old: list[dict[str, str]] = row.settings.get("old_secrets", [])
    return [one for one in old if datetime.fromisoformat(one["until"]) > now]


def _topic(kind: str, data: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    if kind == "generic":
        return str(data.get("type", ""))[:100]
    names = {
        "shopify": ("x-shopify-topic", "shopify-topic"),
        "woocommerce": ("x-wc-webhook-topic",),
    }[kind]
    return next((headers[name] for name in names if headers.get(name)), "")[:100].replace("\0", "")


def _key(kind: str, topic: str, body: bytes, headers: Mapping[str, str]) -> str:
    """The sender's name for the call; WooCommerce's repeats, so there what is said counts."""
    names = {
        "shopify": ("x-shopify-webhook-id", "shopify-webhook-id", "x-shopify-event-id"),
        "generic": ("webhook-id",),
    }.get(kind, ())
    given = next((headers[name] for name in names if headers.get(name)), "")
    if given and len(given) <= 200 and "\0" not in given:
        return given
    return hashlib.sha256(topic.encode() + b"\n" + body).hexdigest()


def _seen(row: Source) -> None:
    now = timezone.now()
    if row.last_seen_at is None or now - row.last_seen_at > _SEEN:
        Source.objects.filter(pk=row.pk).update(last_seen_at=now)


def _held(slug: str) -> Source:
    row = Source.objects.select_for_update().filter(slug=slug).first()
    if row is None:
        raise NotFound(f"source {slug!r}: there is none of that name")
    return row


def _made(kind: str) -> str:
    if kind == "generic":
        return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
    return secrets.token_urlsafe(32)


def _given(kind: str, secret: str) -> str:
    secret = secret.strip()
    if not 8 <= len(secret) <= 200:
        raise InputError("secret: copy it as the shop shows it, 8 to 200 characters")
    if kind == "generic":
        try:
            base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:  # the library would drop what is no base64 and verify with the rest
            raise InputError("secret: base64 is needed, such as whsec_...") from None
    return secret


def _free(name: str, kind: str) -> str:
    """An address of its own that nobody guesses from the name alone."""
    return f"{slugify(name)[:50] or kind}-{secrets.token_hex(4)}"
