"""Is a call from whom it says: the signature is the key, whatever the headers hold."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

#: Where each kind of system puts its signature, best first; names are lower case.
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "shopify": ("x-shopify-hmac-sha256", "shopify-hmac-sha256"),
    "woocommerce": ("x-wc-webhook-signature",),
}
_LONGEST = 2_000


def signed(kind: str, secrets: Iterable[str], body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether the body was signed with one of the secrets; hostile headers are a plain no.

    ``headers`` have lower-case names. A generic call (Standard Webhooks) also has to be at most
    five minutes old or early.
    """
    if any(len(value) > _LONGEST for name, value in headers.items() if _matters(name)):
        return False
    # Every secret is tried, so that the answer takes as long whichever it is.
    found = [_one(kind, secret, body, headers) for secret in secrets]
    return True in found


def signature_of(secret: str, body: bytes) -> str:
    """What Shopify and WooCommerce send: the base64 of the body's HMAC with SHA-256."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def _matters(name: str) -> bool:
    return "hmac" in name or "signature" in name or name.startswith("webhook-")


def _one(kind: str, secret: str, body: bytes, headers: Mapping[str, str]) -> bool:
    if kind == "generic":
        return _standard(secret, body, headers)
    given = next((headers[name] for name in _HEADERS[kind] if headers.get(name)), "")
    return hmac.compare_digest(signature_of(secret, body).encode(), given.strip().encode())


def _standard(secret: str, body: bytes, headers: Mapping[str, str]) -> bool:
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError, binascii.Error, TypeError):
        return False  # the library raises plain ValueErrors on headers made to hurt
    return True
