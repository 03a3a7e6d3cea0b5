"""Complaints by mail: from a mailbox over a real socket, and from a provider's calls."""

import base64
import json
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business.models import Business
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.people import actions as people
from overdeliver.apps.recovery import incoming, jobs
from overdeliver.apps.recovery.models import Attachment, Case, Incoming
from overdeliver.apps.recovery.rules.mail import parsed
from tests.apps.recovery.mailbox import Mailbox, opened

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


def letter(text: str, *, html: str = "", number: str = "1", **headers: str) -> bytes:
    """A mail as it comes over the wire."""
    mail = EmailMessage()
    mail["From"] = headers.pop("sender", "Anna <anna@example.org>")
    mail["To"], mail["Subject"] = "shop@example.org", headers.pop("subject", "Lid")
    mail["Message-ID"] = f"<{number}@example.org>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    if html:
        mail.set_content(html, subtype="html")
    else:
        mail.set_content(text)
    return mail.as_bytes()


@pytest.fixture
def polled(shop: Business, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Asks a mailbox once, as the worker does."""

    def ask(box: Mailbox, password: str = "right") -> int:
        address = f"imap://me:{password}@127.0.0.1:{box.port}/INBOX"
        monkeypatch.setitem(settings.KNOBS, "mailbox_url", address)
        return jobs.poll_mail()

    return ask


def test_a_mail_becomes_a_complaint(polled: Any) -> None:
    number = people.keep_customer("c-1", name="Anna", email="anna@example.org")
    with opened(Mailbox(letter("The lid came broken"))) as box:
        assert polled(box) == 1 and box.seen == {1}
        assert polled(box) == 0
    assert jobs.read_mail() == 1
    row = Case.objects.get()
    assert (row.channel, row.contact, row.name) == ("mail", "anna@example.org", "Anna")
    assert row.text == "Lid\n\nThe lid came broken"
    deliver_due()
    row.refresh_from_db()
    assert row.customer_id == number, "known by the address"
    assert jobs.read_mail() == 0


def test_a_mail_is_kept_before_it_is_marked_as_seen(polled: Any) -> None:
    """The connection breaks between both: it comes again, and stays one."""
    with opened(Mailbox(letter("The lid came broken"))) as box:
        box.fails = True
        polled(box)
        assert Incoming.objects.count() == 1 and not box.seen
        box.fails = False
        assert polled(box) == 0 and box.seen == {1}
    jobs.read_mail()
    assert Case.objects.count() == 1


def test_nothing_is_fetched_where_nothing_is_set_or_reachable(polled: Any, shop: Business) -> None:
    assert jobs.poll_mail() == 0
    with opened(Mailbox(letter("x"))) as box:
        assert polled(box, "wrong") == 0
    assert polled(box) == 0, "the server is gone"
    assert not Incoming.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"List_Id": "<news.example.org>"},
        {"sender": "MAILER-DAEMON@example.org"},
        {"sender": "Shop <no-reply@example.org>"},
        {"subject": "Out of office: back on Monday"},
        {"subject": "Автоответ: в отпуске"},
        {"Return_Path": "<>"},
    ],
)
def test_automatic_answers_are_no_complaints(headers: dict[str, str], shop: Business) -> None:
    incoming.keep_mail(letter("I am away", **headers))
    assert jobs.read_mail() == 1
    assert Incoming.objects.get().status == "ignored" and not Case.objects.exists()


def test_html_is_made_plain(shop: Business) -> None:
    html = (
        "<style>p{color:red}</style><p>The lid <b>came</b> broken</p>"
        '<script>alert(1)</script><img src=x onerror="alert(2)"><p>twice &lt;3</p>'
    )
    incoming.keep_mail(letter("", html=html))
    jobs.read_mail()
    assert Case.objects.get().text == "Lid\n\nThe lid came broken\ntwice <3"


def test_attachments_of_known_kinds_come_along(shop: Business) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "a@example.org", "Lid", "<9@x>"
    mail.set_content("See the picture")
    mail.add_attachment(PNG, maintype="image", subtype="png", filename="../lid.png")
    mail.add_attachment(b"<svg/>", maintype="image", subtype="svg+xml", filename="x.png")
    incoming.keep_mail(mail.as_bytes())
    jobs.read_mail()
    assert [row.kind for row in Attachment.objects.all()] == ["png"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"From: =?bad?=\nSubject: =?utf-8?b?!?=\nContent-Type: text/plain; charset=nix\n\n\xff",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/mixed\n\n--x",
        b"From: a@example.org\nMessage-ID: " + b"x" * 5000 + b"\n\nhello",
    ],
)
def test_broken_mails_break_nothing(raw: bytes, shop: Business) -> None:
    parsed(raw)
    assert incoming.keep_mail(raw) and not incoming.keep_mail(raw)
    assert jobs.read_mail() == 1
    assert Incoming.objects.get().status in ("ignored", "opened")


def test_mails_are_forgotten_a_month_after_they_were_read(shop: Business) -> None:
    for number in ("1", "2", "3"):
        incoming.keep_mail(letter("The lid came broken", number=number))
    jobs.read_mail()
    old = timezone.now() - timedelta(days=31)
    Incoming.objects.filter(pk__in=Incoming.objects.order_by("pk")[:2]).update(at=old)
    Incoming.objects.filter(pk=Incoming.objects.order_by("pk")[0].pk).update(status="waiting")
    assert (jobs.forget_mails(), jobs.forget_mails()) == (1, 0)
    waits, gone, fresh = Incoming.objects.order_by("pk")
    assert bytes(waits.raw) and not bytes(gone.raw) and bytes(fresh.raw)
    assert not incoming.keep_mail(letter("The same once more", number="2")), "still known"


def test_a_provider_calls_with_its_password(
    shop: Business, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    told = {
        "FromFull": {"Email": "anna@example.org", "Name": "Anna", "MailboxHash": ""},
        "From": "anna@example.org",
        "Subject": "Lid",
        "TextBody": "The lid came broken",
        "HtmlBody": "",
        "Headers": [{"Name": "Message-ID", "Value": "<7@example.org>"}],
        "Attachments": [],
        "ToFull": [],
        "CcFull": [],
        "BccFull": [],
        "OriginalRecipient": "shop@example.org",
        "MessageID": "1",
    }

    def call(password: str = "pw") -> int:
        told_by = base64.b64encode(f"name:{password}".encode()).decode()
        return client.post(
            "/hooks/mail/in/postmark/",
            json.dumps(told),
            content_type="application/json",
            headers={"authorization": f"Basic {told_by}"},
        ).status_code

    assert call() == 404, "closed until a password is set"
    monkeypatch.setitem(settings.KNOBS, "mail_returns", "name:pw")
    assert call("other") == 401 and not Incoming.objects.exists()
    assert call() == 200 and call() == 200
    assert client.post("/hooks/mail/in/nobody/").status_code == 404
    jobs.read_mail()
    assert Case.objects.get().text == "Lid\n\nThe lid came broken"


def test_a_strange_sender_loses_nobodys_complaint(shop: object) -> None:
    raw = b"From: Anna <anna@intranet>\nMessage-ID: <9@x>\nSubject: Lid\n\nIt came broken"
    incoming.keep_mail(raw)
    assert incoming.read_waiting() == 1
    case = Case.objects.get()
    assert (case.name, case.contact) == ("Anna", "") and "broken" in case.text
