"""Mail that comes in: kept raw first, read later, each Message-ID once."""

import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from overdeliver.apps.outreach.bouncing import take_report
from overdeliver.apps.outreach.unsubscribing import take_unsubscribing
from overdeliver.apps.recovery import attachments
from overdeliver.apps.recovery.models import Incoming
from overdeliver.apps.recovery.opening import open_case
from overdeliver.apps.recovery.rules.complaint import Complaint, checked_contact
from overdeliver.apps.recovery.rules.mail import Letter, parsed
from overdeliver.vocabulary.errors import InputError, LimitExceeded

LARGEST = 25_000_000
TRIES = 5
_LOG = logging.getLogger(__name__)
_LEASE = timedelta(minutes=5)
_KEPT = timedelta(days=30)


def keep_mail(raw: bytes) -> bool:
    """Keep a mail as it came in; False: it was known by its Message-ID already.

    LimitExceeded: larger than 25 MB.
    """
    if len(raw) > LARGEST:
        raise LimitExceeded(f"mail: more than {LARGEST // 1_000_000} MB")
    now = timezone.now()
    try:
        with transaction.atomic():
            Incoming.objects.create(message_id=parsed(raw).message_id, raw=raw, at=now, next_at=now)
    except IntegrityError:
        return False
    return True


def read_waiting(limit: int = 20) -> int:
    """Make complaints of the mails that wait; returns how many were looked at.

    Each is claimed by one worker; one that cannot be read is left aside after five tries and the
    others go on.
    """
    now = timezone.now()
    due = Incoming.objects.filter(status="waiting", next_at__lte=now).order_by("pk")
    return sum(_read(number) for number in list(due.values_list("pk", flat=True)[:limit]))


def unread() -> int:
    """How many mails could not be read: a person finds them in the mailbox."""
    return Incoming.objects.filter(status="failed").exclude(raw=b"").count()


def forget_raw(limit: int = 500) -> int:
    """Blank what mails held once they were read and a month has passed; returns how many.

    Their Message-IDs stay, so that none comes in twice.
    """
    old = Incoming.objects.filter(at__lt=timezone.now() - _KEPT).exclude(status="waiting")
    numbers = list(old.exclude(raw=b"").order_by("pk").values_list("pk", flat=True)[:limit])
    return Incoming.objects.filter(pk__in=numbers).update(raw=b"")


def _read(number: int) -> int:
    now = timezone.now()
    free = Incoming.objects.filter(pk=number, status="waiting", next_at__lte=now)
    if not free.update(next_at=now + _LEASE, tries=F("tries") + 1):
        return 0
    row = Incoming.objects.get(pk=number)
    try:
        _opened(row)
    except InputError:
        Incoming.objects.filter(pk=number).update(status="ignored", because="empty")
    except Exception as error:  # noqa: BLE001 - one mail must not stop the others
        status = "failed" if row.tries >= TRIES else "waiting"
        kind = type(error).__name__[:40]  # no text: it may hold personal data
        Incoming.objects.filter(pk=number).update(status=status, because=kind)
        _LOG.warning("a mail could not be read: %s", kind)
    return 1


def _opened(row: Incoming) -> None:
    if take_report(bytes(row.raw)):  # about a mail of ours that came back
        Incoming.objects.filter(pk=row.pk).update(status="ignored", because="returned")
        return
    letter = parsed(bytes(row.raw))
    if take_unsubscribing(letter.subject):  # by a mail program perhaps, so before what is automatic
        Incoming.objects.filter(pk=row.pk).update(status="ignored", because="unsubscribe")
        return
    if letter.auto:
        Incoming.objects.filter(pk=row.pk).update(status="ignored", because=letter.auto)
        return
    files = _taken(letter)
    with attachments.handed_over(files), transaction.atomic():
        case = open_case(
            Complaint(
                text=letter.text,
                channel="mail",
                first=None,
                name=letter.name,
                contact=_reached(letter.sender),
            ),
            key=f"mail:{row.pk}",
            files=files,
        )
        Incoming.objects.filter(pk=row.pk).update(status="opened", case=case, because="")


def _reached(sender: str) -> str:
    """The sender where he can be answered; a strange address loses nobody's complaint."""
    try:
        return checked_contact(sender)
    except InputError:
        return ""


def _taken(letter: Letter) -> list[attachments.Kept]:
    """The attachments that are taken; the others stay in the raw mail alone."""
    found: list[attachments.Kept] = []
    for data in letter.files:
        try:
            found += attachments.keep_files([data])
        except InputError:
            continue
        except OSError:  # no room: the mail waits for its next try
            attachments.drop_files(found)
            raise
    return found
