"""A report about a mail of ours comes to the mailbox of complaints: no complaint, but heard."""

import pytest
from django.utils import timezone

from overdeliver.apps.outreach import blocking
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.recovery.incoming import keep_mail, read_waiting
from overdeliver.apps.recovery.models import Case, Incoming
from tests.apps.outreach.test_bounces import report

pytestmark = pytest.mark.django_db


def test_mail_that_came_back_blocks_its_address_and_opens_nothing(shop: object) -> None:
    now = timezone.now()
    mark = "<abcdef0123456789@shop.example>"
    Message.objects.create(
        key="k",
        channel="mail",
        lane="mail",
        address="anna@example.org",
        message_id=mark,
        status="sent",
        not_before=now,
        next_at=now,
        created_at=now,
    )
    head = b"Message-ID: <report-1@mx.example>\r\n"
    assert keep_mail(head + report("5.1.1", "no such user", quoted=mark))
    assert read_waiting() == 1
    row = Incoming.objects.get()
    assert (row.status, row.because) == ("ignored", "returned")
    assert blocking.block_reason("anna@example.org") == "hard_bounce"
    assert not Case.objects.exists()
