"""What the pages of customers, people and keys show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Min, QuerySet
from django.utils import timezone

from overdeliver.apps.people.folding import folded
from overdeliver.apps.people.models import ApiKey, Consent, Customer, Invitation, Staff
from overdeliver.apps.people.rules import PURPOSES, agreed
from overdeliver.vocabulary.errors import NotFound

PAGE = 50


@dataclass(frozen=True)
class CustomerLine:
    """A line of the list; erased customers show their reference alone."""

    id: int
    reference: str
    name: str
    email: str
    phone: str
    postal: str
    language: str
    segment: str
    erased_at: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class CustomerPage:
    """A page of customers, newest first; ``next`` and ``previous`` are keys, None at the ends."""

    rows: Sequence[CustomerLine]
    next: int | None
    previous: int | None


@dataclass(frozen=True)
class ConsentLine:
    """A purpose: whether it is allowed now, and every yes and no, the newest first."""

    purpose: str
    allowed: bool
    said: bool | None  # None: nothing was said, the rule holds
    history: Sequence[Consent]


@dataclass(frozen=True)
class StaffLine:
    """A member of staff."""

    id: int
    email: str
    name: str
    role: str
    team: str
    language: str
    active: bool
    last_login: datetime | None
    second_factor: bool
    sessions: int


def customers(
    text: str = "", segment: str = "", *, after: int | None = None, before: int | None = None
) -> CustomerPage:
    """A page of customers, found by parts of name, mail, phone or reference.

    ``after`` and ``before`` are the keys of a page; the list is walked by them, never counted off.
    """
    rows = _found(text, segment)
    if before is not None:
        upward = list(rows.filter(pk__gt=before).order_by("pk")[: PAGE + 1])
        shown = upward[:PAGE][::-1]
        earlier, later = len(upward) > PAGE, True
    else:
        limited = rows.filter(pk__lt=after) if after is not None else rows
        down = list(limited.order_by("-pk")[: PAGE + 1])
        shown, later, earlier = down[:PAGE], len(down) > PAGE, after is not None
    lines = [_line(row) for row in shown]
    return CustomerPage(
        lines,
        lines[-1].id if lines and later else None,
        lines[0].id if lines and earlier else None,
    )


def customer_count(limit: int = 100_000) -> int:
    """How many customers there are, counted up to a limit."""
    return Customer.objects.order_by("pk").values("pk")[:limit].count()


def segments(limit: int = 50) -> list[str]:
    """The segments in use; each step goes to the next value in the index, not over the rows."""
    found: list[str] = []
    last = ""
    while len(found) < limit:
        rows = Customer.objects.filter(segment__gt=last)
        following = rows.aggregate(first=Min("segment"))["first"]
        if following is None:
            break
        found.append(following)
        last = following
    return found


def customer(reference: str) -> CustomerLine:
    """One customer. NotFound: none of that reference."""
    row = Customer.objects.filter(reference=reference).first()
    if row is None:
        raise NotFound(f"customer {reference!r}: there is none of that reference")
    return _line(row)


def zone_of(reference: str) -> str:
    """A customer's own time zone, or an empty text."""
    return Customer.objects.filter(reference=reference).values_list("zone", flat=True).first() or ""


def consents(number: int) -> list[ConsentLine]:
    """Every purpose with what a customer (by id) said to it."""
    said: dict[str, list[Consent]] = {purpose: [] for purpose in PURPOSES}
    for row in Consent.objects.filter(customer=number).order_by("-at", "-id"):
        said.setdefault(row.purpose, []).append(row)
    lines = []
    for purpose in PURPOSES:
        latest = said[purpose][0].given if said[purpose] else None
        lines.append(ConsentLine(purpose, agreed(purpose, latest), latest, said[purpose]))
    return lines


def staff() -> list[StaffLine]:
    """Everybody who works or worked here: active ones first, by name."""
    rows = Staff.objects.order_by("-is_active", "name", "email")
    factors = set(
        Authenticator.objects.filter(type=Authenticator.Type.TOTP).values_list("user_id", flat=True)
    )
    sessions: dict[int, int] = {}
    for number in UserSession.objects.values_list("user_id", flat=True):
        sessions[number] = sessions.get(number, 0) + 1
    return [_staff_line(row, row.pk in factors, sessions.get(row.pk, 0)) for row in rows]


def staff_member(number: int) -> StaffLine:
    """One member of staff. NotFound: nobody of that number."""
    row = Staff.objects.filter(pk=number).first()
    if row is None:
        raise NotFound(f"staff {number}: there is nobody of that number")
    factor = Authenticator.objects.filter(user=row, type=Authenticator.Type.TOTP).exists()
    return _staff_line(row, factor, UserSession.objects.filter(user=row).count())


def teams() -> list[str]:
    """The teams members of staff belong to."""
    rows = Staff.objects.exclude(team="").values_list("team", flat=True)
    return sorted(set(rows))


def invitations() -> QuerySet[Invitation]:
    """Open invitations to join, the newest first."""
    return (
        Invitation.objects.filter(staff=None, used_at=None, expires_at__gt=timezone.now())
        .exclude(email="")
        .order_by("-id")
    )


def api_keys() -> QuerySet[ApiKey]:
    """Keys for programs: those that work first, then the newest."""
    return ApiKey.objects.select_related("created_by").order_by("revoked_at", "-id")


def names_of_staff() -> Mapping[str, str]:
    """Actor (``staff:7``) -> the name to show."""
    return {f"staff:{row.pk}": row.get_full_name() for row in Staff.objects.all()}


def _found(text: str, segment: str) -> QuerySet[Customer]:
    rows = Customer.objects.all()
    if segment:
        rows = rows.filter(segment=segment)
    for word in _words(text):
        rows = rows.filter(search__contains=word)
    return rows


def _words(text: str) -> list[str]:
    """What is looked for: words, or the digits of a phone number as one.

    >>> _words("João 12"), _words("+7 (701) 123-45-67")
    (['joao', '12'], ['77011234567'])
    """
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) >= 5 and not any(c.isalpha() for c in text):
        return [digits]
    return folded(text).split()


def _line(row: Customer) -> CustomerLine:
    return CustomerLine(
        row.pk,
        row.reference,
        row.name,
        row.email,
        row.phone,
        row.postal,
        row.language,
        row.segment,
        row.erased_at,
        row.created_at,
    )


def _staff_line(row: Staff, factor: bool, sessions: int) -> StaffLine:
    return StaffLine(
        row.pk,
        row.email,
        row.name,
        row.role,
        row.team,
        row.language,
        row.is_active,
        row.last_login,
        factor,
        sessions,
    )
