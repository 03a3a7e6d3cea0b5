"""Members of staff: how they come, change and go. There is always an owner."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from overdeliver.apps.journal.actions import acting, record
from overdeliver.apps.people import events, links
from overdeliver.apps.people.details import mail_address
from overdeliver.apps.people.models import Invitation, Staff
from overdeliver.apps.people.rules import ROLES
from overdeliver.audit.page.words import LANGUAGES
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound


def make_owner(email: str, password: str, name: str = "", language: str = "") -> int:
    """Make an owner from the command line; returns his number.

    InputError: no address, or a password that is too easy; Conflict: the address is taken.
    """
    with transaction.atomic():
        return _add(mail_address(email), password, name, "owner", "", language).pk


def join(token: str, *, name: str, password: str, email: str = "") -> int:
    """Take an invitation up: a new member of staff, who may sign in at once; returns his number.

    The first owner says his own ``email``. InputError, Conflict, NotFound as the link says.
    """
    invitation = links.opened(token)
    if invitation.staff is not None:
        raise NotFound("this link does not work any more; ask for a new one")
    with transaction.atomic():
        links.use(invitation)
        if not invitation.email and Staff.objects.exists():
            raise Conflict("there is an owner already; ask for an invitation")
        address = invitation.email or mail_address(email)
        row = _add(address, password, name, invitation.role, invitation.team, invitation.language)
        Invitation.objects.filter(email=address, staff=None, used_at=None).delete()
    return row.pk


def choose_password(token: str, password: str) -> int:
    """Set a new password by a link; all sessions end. Returns the member's number."""
    invitation = links.opened(token)
    staff = invitation.staff
    if staff is None:
        raise NotFound("this link does not work any more; ask for a new one")
    _check_password(password, staff)
    with transaction.atomic():
        links.use(invitation)
        set_password(staff, password)
        _end_sessions(staff)
    return staff.pk


def set_password(staff: Staff, password: str) -> None:
    """Somebody's password from now on; links to choose one, sent before, open nothing any more.

    Sessions begun with the old one end at their next call, but those listed stay listed.
    """
    with transaction.atomic():
        Invitation.objects.filter(staff=staff, used_at=None).delete()
        staff.set_password(password)
        staff.save(update_fields=["password"])
        with acting(f"staff:{staff.pk}"):
            record(events.PasswordChanged(subject=f"staff:{staff.pk}"))


def change_staff(number: int, *, role: str, team: str, name: str, language: str = "") -> None:
    """Change somebody's role, team, name and language.

    InputError: no such role or language; NotFound: nobody of that number; Conflict: it would
    leave no owner.
    """
    if role not in ROLES:
        raise InputError(f"role: {role!r} is none of {', '.join(ROLES)}")
    if language and language not in LANGUAGES:
        raise InputError(f"language: {language!r} is none of {', '.join(LANGUAGES)}")
    given = {
        "role": role,
        "team": " ".join(team.split())[:100],
        "name": " ".join(name.split())[:200],
        "language": language,
    }
    with transaction.atomic():
        owners = _owners()
        row = _staff(number)
        changed = tuple(field for field in given if getattr(row, field) != given[field])
        if not changed:
            return
        if "role" in changed:
            _keep_an_owner(owners, row)
        Staff.objects.filter(pk=row.pk).update(**{field: given[field] for field in changed})
        record(events.StaffChanged(subject=f"staff:{number}", fields=changed, role=role))


def deactivate(number: int) -> None:
    """Somebody may sign in no longer, and his sessions end now.

    NotFound: nobody of that number; Conflict: he is the last owner.
    """
    with transaction.atomic():
        owners = _owners()
        row = _staff(number)
        if not row.is_active:
            return
        _keep_an_owner(owners, row)
        Staff.objects.filter(pk=row.pk).update(is_active=False)
        Invitation.objects.filter(staff=row, used_at=None).delete()
        _end_sessions(row)
        record(events.StaffDeactivated(subject=f"staff:{number}"))


def reactivate(number: int) -> None:
    """Somebody may sign in again, with the password he had. NotFound: nobody of that number."""
    with transaction.atomic():
        _staff(number)
        if Staff.objects.filter(pk=number, is_active=False).update(is_active=True):
            record(events.StaffReactivated(subject=f"staff:{number}"))


def sign_out_everywhere(number: int) -> None:
    """End every session of a member of staff. NotFound: nobody of that number."""
    with transaction.atomic():
        _end_sessions(_staff(number))
        record(events.SignedOutEverywhere(subject=f"staff:{number}"))


def drop_second_factor(number: int) -> None:
    """Take a lost second factor away; the next sign-in needs the password alone."""
    with transaction.atomic():
        row = _staff(number)
        if Authenticator.objects.filter(user=row).delete()[0]:
            _end_sessions(row)
            record(
                events.StaffChanged(
                    subject=f"staff:{number}", fields=("second_factor",), role=row.role
                )
            )


def _add(email: str, password: str, name: str, role: str, team: str, language: str) -> Staff:
    _check_password(password, Staff(email=email, name=name))
    try:
        with transaction.atomic():
            row = Staff.objects.create_user(
                email,
                password,
                name=" ".join(name.split())[:200],
                role=role,
                team=team,
                language=language,
            )
    except IntegrityError:
        raise Conflict("email: somebody with this address is here already") from None
    record(events.StaffJoined(subject=f"staff:{row.pk}", role=role))
    return row


def _check_password(password: str, staff: Staff) -> None:
    try:
        validate_password(password, staff)
    except ValidationError as error:
        raise InputError(f"password: {' '.join(error.messages)}") from None


def _owners() -> list[int]:
    """Every active owner, held until the transaction ends: two demotions cannot pass each other."""
    rows = Staff.objects.select_for_update().filter(role="owner", is_active=True).order_by("pk")
    return [row.pk for row in rows]


def _keep_an_owner(owners: list[int], row: Staff) -> None:
    if owners == [row.pk]:
        raise Conflict("this is the last owner: make somebody else an owner first")


def _staff(number: int) -> Staff:
    row = Staff.objects.filter(pk=number).first()
    if row is None:
        raise NotFound(f"staff {number}: there is nobody of that number")
    return row


def _end_sessions(row: Staff) -> None:
    for session in UserSession.objects.filter(user_id=row.pk):
        session.end()
