"""Keys for programs: `Authorization: Bearer od_...`."""

import hashlib
import hmac
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from overdeliver.apps.journal.actions import act_as
from overdeliver.apps.people.buckets import spend
from overdeliver.apps.people.models import ApiKey
from overdeliver.apps.people.rules import RIGHTS, rights_of_key
from overdeliver.vocabulary.errors import NotAllowed

_USED = timedelta(minutes=1)
#: How often one key may call: this many a second, and so many at once.
PER_SECOND, MOST = 200.0, 1000
#: How often one address may come with a key that is none.
WRONG_PER_SECOND, WRONG_MOST = 0.2, 10


class KeyAuth(HttpBearer):
    """Lays the key's rights on the request; unknown, expired and revoked keys are refused alike.

    ``right`` is what the operation needs: it is asked for here too, so that a key without it
    learns nothing of the operation, not even what is wrong with the body it sent.
    """

    def __init__(self, right: str = "") -> None:
        super().__init__()
        self.right = right

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The key's row, or None.

        TooManyCalls: more often than a key or an address may; NotAllowed: not with this key.
        """
        row = known(request, token)
        if row is None:
            address = request.META.get("REMOTE_ADDR", "")
            spend(f"unknown:{address}", per_second=WRONG_PER_SECOND, most=WRONG_MOST)
            return None
        spend(f"key:{row.pk}", per_second=PER_SECOND, most=MOST)
        request.rights = rights = rights_of_key(row.rights)  # type: ignore[attr-defined]
        if self.right in RIGHTS and self.right not in rights:
            raise NotAllowed(f"this key has no right to {self.right}")
        act_as(f"key:{row.pk}")
        request.key = row.pk  # type: ignore[attr-defined]
        now = timezone.now()
        if row.last_used_at is None or now - row.last_used_at > _USED:
            ApiKey.objects.filter(pk=row.pk).update(last_used_at=now)
        return row


def bearer(request: HttpRequest) -> str:
    """The key a request came with, as it was sent; empty where it came with none."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if kind.lower() == "bearer" else ""


def known(request: HttpRequest, token: str) -> ApiKey | None:
    """The row of a key that works now; looked up once for each request."""
    found: tuple[str, ApiKey | None] | None = getattr(request, "known_key", None)
    if found is None or found[0] != token:
        found = token, _find(token)
        request.known_key = found  # type: ignore[attr-defined]
    return found[1]


def _find(token: str) -> ApiKey | None:
    if not token.isascii() or "\x00" in token:
        return None
    given = hashlib.sha256(token.encode()).hexdigest()
    for row in ApiKey.objects.filter(prefix=token[:12]):  # one, or none
        over = row.expires_at is not None and row.expires_at <= timezone.now()
        if hmac.compare_digest(row.hash, given) and row.revoked_at is None and not over:
            return row
    return None
