"""What came back about mails that were sent: reports by mail, and what a provider tells us."""

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.journal.actions import record
from overdeliver.apps.outreach import events
from overdeliver.apps.outreach.blocking import block, note_soft
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.outreach.rules.bounces import Report, What, read_report


def take_report(raw: bytes) -> bool:
    """Take a mail that may be a report about one of ours; False: it is none, do with it as usual.

    It counts only where it quotes the Message-ID of a mail that was sent, which nobody can guess:
    a forged report changes nothing.
    """
    report = read_report(raw)
    return report.what != "other" and take(report)


def take(report: Report) -> bool:
    """Do what a report says, once; False: it is about no mail of ours."""
    row = Message.objects.filter(
        channel="mail", message_id__in=report.message_ids[:20], status__in=["sent", "unknown"]
    ).first()
    if row is None or not row.address:
        return False
    if report.recipient and report.recipient.casefold() != row.address.casefold():
        return False
    with transaction.atomic():
        if report.what == "soft":
            note_soft(row.address, row.pk, timezone.now())
        elif report.what in ("hard", "complaint"):
            block(row.address, "complaint" if report.what == "complaint" else "hard_bounce")
        record(
            events.MessageReturned(
                subject=f"message:{row.pk}", channel="mail", about=row.about, reason=report.what
            )
        )
    return True


def take_tracked(what: What, address: str) -> bool:
    """Do what the mail provider says of an address (signed, so it is believed).

    False: no mail was ever sent there.
    """
    row = Message.objects.filter(channel="mail", address__iexact=address).order_by("-pk").first()
    return row is not None and take(Report(what, (row.message_id,), row.address))
