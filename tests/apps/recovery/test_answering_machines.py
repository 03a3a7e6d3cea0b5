"""Two installations that write to each other: the first mail is the last."""

import pytest
from django.db import transaction

from overdeliver.apps.outreach import mail
from overdeliver.apps.outreach.actions import Draft, enqueue
from overdeliver.apps.outreach.carriers import Parcel
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.recovery import incoming, jobs
from overdeliver.apps.recovery.models import Case, Incoming


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", ["service", "reassurance", "asking"])
def test_a_mail_of_another_installation_is_answered_by_nothing(purpose: str, shop: object) -> None:
    with transaction.atomic():
        told = {"key": "k", "because": "", "address": "shop@example.org", "text": "y"}
        number = enqueue(Draft(channel="mail", purpose=purpose, subject="x", **told))
    row = Message.objects.get(pk=number)
    theirs = mail.made(
        Parcel(1, "mail", purpose, row.message_id, row.address, "x", "y", "en", None, 1)
    )
    Message.objects.all().delete()
    assert incoming.keep_mail(theirs.message().as_bytes())
    assert jobs.read_mail() == 1
    assert Incoming.objects.get().status == "ignored"
    assert not Case.objects.exists() and not Message.objects.exists()
