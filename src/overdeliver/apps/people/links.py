"""Links that work once: to join, to choose a new password, to become the first owner.

A link is a secret. It is shown once, to whoever made it; the mail that brings it makes it again at
the moment of sending, from the invitation's number (`to_send`). It stands nowhere else.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal.actions import record
from overdeliver.apps.people import events
from overdeliver.apps.people.details import mail_address
from overdeliver.apps.people.models import Invitation, Staff
from overdeliver.apps.people.rules import ROLES, SigningPolicy
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound

_FIRST = timedelta(days=1)


@dataclass(frozen=True)
class ToSend:
    """A link that still works, as its mail needs it; ``link`` is the secret itself."""

    email: str
    name: str
    language: str
    works_for: timedelta
    link: str


def invite(email: str, role: str, *, team: str = "", language: str = "", by: int | None) -> str:
    """Invite somebody to join; returns the token of the link, seen only now.

    An open invitation of the same address no longer works. InputError: no address, no such role;
    Conflict: somebody of that address is here already.
    """
    address = mail_address(email.strip()).lower()
    if role not in ROLES:
        raise InputError(f"role: {role!r} is none of {', '.join(ROLES)}")
    days = business.policy(SigningPolicy).invitation_days
    with transaction.atomic():
        if Staff.objects.filter(email=address).exists():
            raise Conflict("email: somebody with this address is here already")
        Invitation.objects.filter(email=address, staff=None, used_at=None).delete()
        row, token = _make(
            timezone.now() + timedelta(days=days),
            email=address,
            role=role,
            team=team.strip()[:100],
            language=language,
            created_by_id=by,
        )
        record(events.StaffInvited(subject=f"invitation:{row.pk}", role=role))
    return token


def withdraw_invitation(number: int) -> None:
    """An invitation's link no longer works. NotFound: no open one of that number."""
    with transaction.atomic():
        if not Invitation.objects.filter(pk=number, used_at=None).delete()[0]:
            raise NotFound(f"invitation {number}: there is no open one")


def password_link(staff: int, *, asked: bool = False) -> str:
    """A link with which a member of staff chooses a new password; earlier ones stop working.

    ``asked``: by whoever typed his address at the sign-in page. That may be a stranger, so earlier
    links stay. NotFound: nobody active of that number.
    """
    hours = business.policy(SigningPolicy).password_link_hours
    with transaction.atomic():
        row = Staff.objects.filter(pk=staff, is_active=True).first()
        if row is None:
            raise NotFound(f"staff {staff}: there is nobody active of that number")
        if not asked:
            Invitation.objects.filter(staff=row, used_at=None).delete()
        made, token = _make(
            timezone.now() + timedelta(hours=hours), staff=row, email=row.email, role=row.role
        )
        record(events.PasswordLinkMade(subject=f"staff:{row.pk}", link=made.pk, asked=asked))
    return token


def to_send(number: int) -> ToSend | None:
    """The link of an invitation for the mail that brings it; None: it works no longer.

    One made with another secret of the server cannot be made again, and works by hand only.
    """
    row = Invitation.objects.select_related("staff").filter(pk=number).first()
    token = _token(row.seed) if row and row.seed else ""
    if row is None or not row.email or row.hash != _hash(token) or not _works(row):
        return None
    page = "password_link" if row.staff else "join"
    return ToSend(
        row.email,
        row.staff.name if row.staff else "",
        row.staff.language if row.staff else row.language,
        row.expires_at - row.created_at,
        address_of(page, token),
    )


def address_of(page: str, token: str) -> str:
    """The whole address of a link: ``join`` or ``password_link``."""
    return f"{settings.PUBLIC_URL}{reverse(page, args=[token])}"


def first_link() -> str | None:
    """The path of the page that makes the first owner, or None when there are members of staff.

    It works once, within a day; making a new one ends the one before.
    """
    with transaction.atomic():
        if Staff.objects.exists():
            return None
        Invitation.objects.filter(staff=None, email="", used_at=None).delete()
        _, token = _make(timezone.now() + _FIRST, role="owner")
    return f"/welcome/t/{token}/"


def opened(token: str) -> Invitation:
    """The invitation of a link that still works. NotFound: it does not, whatever the reason."""
    row = Invitation.objects.select_related("staff").filter(hash=_hash(token)).first()
    if row is None or not _works(row):
        raise NotFound("this link does not work any more; ask for a new one")
    return row


def use(invitation: Invitation) -> None:
    """Mark a link as used, inside the caller's transaction. Conflict: somebody was faster."""
    open_ones = Invitation.objects.filter(
        pk=invitation.pk, used_at=None, expires_at__gt=timezone.now()
    )
    if not open_ones.update(used_at=timezone.now()):
        raise Conflict("this link has been used already")


def _make(expires_at: datetime, **fields: object) -> tuple[Invitation, str]:
    seed = secrets.token_hex(16)
    token = _token(seed)
    row = Invitation.objects.create(seed=seed, hash=_hash(token), expires_at=expires_at, **fields)
    return row, token


def _works(row: Invitation) -> bool:
    here = row.staff is None or row.staff.is_active
    return here and row.used_at is None and row.expires_at > timezone.now()


def _token(seed: str) -> str:
    made = salted_hmac("overdeliver.people.links", seed, algorithm="sha256").digest()
    return urlsafe_b64encode(made).decode().rstrip("=")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
