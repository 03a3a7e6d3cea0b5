"""Keys for programs: `Authorization: Bearer od_...`."""

import hashlib
import hmac
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from overdeliver.apps.journal.actions import act_as
from overdeliver.apps.people.buckets import spend
from overdeliver.apps.people.models import ApiKey
from overdeliver.apps.people.rules import rights_of_key

_USED = timedelta(minutes=1)
#: How often one key may call each web process: this many a second, and so many at once.
PER_SECOND, MOST = 200.0, 1000


class KeyAuth(HttpBearer):
    """Lays the key's rights on the request; unknown, expired and revoked keys are refused alike."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The key's row, or None."""
        row = _find(token)
        if row is None:
            spend(f"unknown:{request.META.get('REMOTE_ADDR', '')}", per_second=0.2, most=10)
            return None
        spend(f"key:{row.pk}", per_second=PER_SECOND, most=MOST)
        request.rights = rights_of_key(row.rights)  # type: ignore[attr-defined]
        act_as(f"key:{row.pk}")
        request.key = row.pk  # type: ignore[attr-defined]
        now = timezone.now()
        if row.last_used_at is None or now - row.last_used_at > _USED:
            ApiKey.objects.filter(pk=row.pk).update(last_used_at=now)
        return row


def _find(token: str) -> ApiKey | None:
    now = timezone.now()
    row = (
        ApiKey.objects.filter(prefix=token[:12], revoked_at__isnull=True)
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
        .first()
    )
    given = hashlib.sha256(token.encode()).hexdigest()
    return row if row and hmac.compare_digest(row.hash, given) else None
