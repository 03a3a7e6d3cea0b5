"""Unsubscribing by mail: one click of a mail program that sends a mail instead of calling."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import time_machine
from django.db import transaction
from pytest_django.fixtures import Settings

from overdeliver.apps.outreach import preferences, unsubscribing
from overdeliver.apps.outreach.actions import Draft, enqueue
from overdeliver.apps.people import actions as people
from overdeliver.apps.people.models import Consent
from overdeliver.apps.people.reads import agreed_to
from overdeliver.apps.recovery import incoming, jobs
from overdeliver.apps.recovery.models import Case, Incoming
from tests.apps.outreach.conftest import Inbox, sweep

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 9, tzinfo=UTC)  # 14:00 in Almaty
BOX = {"mailbox_url": "imaps://help%40shop.example:pw@mail.example/INBOX", "mail_in": ""}


def sent(inbox: Inbox, number: int) -> EmailMessage:
    """A question to Anna as it arrived."""
    told = {"key": "k", "because": "", "address": "anna@example.org", "text": "How was it?"}
    with time_machine.travel(NOON, tick=False):
        with transaction.atomic():
            enqueue(Draft(channel="mail", purpose="asking", customer=number, subject="x", **told))
        sweep()
    return inbox.mails[0]


def written(subject: str, sender: str = "anna.mobile@example.net", **headers: str) -> bytes:
    """A mail as a mail program writes it to unsubscribe: no text, from whatever address."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "help@shop.example", subject
    mail["Message-ID"] = f"<{abs(hash((subject, sender)))}@example.net>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("\n")
    return mail.as_bytes()


def taken(raw: bytes) -> str:
    """Why a mail that came in was left aside; nothing was opened."""
    assert incoming.keep_mail(raw) and jobs.read_mail() == 1
    row = Incoming.objects.latest("pk")
    assert row.status == "ignored" and not Case.objects.exists()
    return row.because


def test_what_the_header_names_is_read_and_done(
    anna: int, inbox: Inbox, settings: Settings
) -> None:
    settings.KNOBS = {**settings.KNOBS, **BOX}
    header = sent(inbox, anna)["List-Unsubscribe"]
    page, address = re.findall(r"<([^<>\s]+)>", header)
    assert page == preferences.link(anna, "asking")
    parts = urlsplit(address)
    assert (parts.scheme, unquote(parts.path)) == ("mailto", "help@shop.example")
    (subject,) = parse_qs(parts.query)["subject"]
    before = Consent.objects.count()
    assert taken(written(subject)) == "unsubscribe"
    assert not agreed_to("asking", [anna]) and agreed_to("marketing", [anna])
    assert taken(written(subject, "again@example.net")) == "unsubscribe"  # twice is once
    assert Consent.objects.count() == before + 1
    assert Consent.objects.latest("pk").source == "unsubscribe"


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-generated"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"}],
)
def test_a_program_may_have_written_it(anna: int, headers: dict[str, str]) -> None:
    subject = f"Unsubscribe {preferences.token(anna, 'marketing')}"
    assert taken(written(subject, **headers)) == "unsubscribe"
    assert not agreed_to("marketing", [anna])


@pytest.mark.parametrize("how", ["forged", "cut", "of another purpose", "erased"])
def test_a_forged_or_old_token_changes_nothing_and_opens_nothing(anna: int, how: str) -> None:
    whole = preferences.token(anna, "asking")
    body, _, signature = whole.partition(":")
    other = preferences.token(anna, "marketing").partition(":")[0]
    if how == "erased":
        people.erase_customer("c-1")
    token = {
        "forged": f"{body}:{signature[::-1]}",
        "cut": whole[:-1],
        "of another purpose": f"{other}:{signature}",
        "erased": whole,
    }[how]
    before = list(Consent.objects.values_list())
    assert taken(written(f"unsubscribe {token}")) == "unsubscribe"
    assert list(Consent.objects.values_list()) == before


def test_a_person_who_writes_of_unsubscribing_is_heard(anna: int) -> None:
    for number, subject in enumerate(("unsubscribe", "Unsubscribe me: your mails are late")):
        incoming.keep_mail(written(subject, f"p{number}@example.net"))
    jobs.read_mail()
    assert Case.objects.count() == 2 and agreed_to("asking", [anna])


@pytest.mark.parametrize(
    ("knobs", "address"),
    [
        ({"mailbox_url": "", "mail_returns": "", "mail_in": ""}, ""),
        ({"mailbox_url": "", "mail_returns": "", "mail_in": "help@shop.example"}, ""),
        ({"mailbox_url": "imaps://me:pw@mail.example/INBOX", "mail_in": ""}, ""),
        (BOX, "help@shop.example"),
        ({**BOX, "mail_in": "in@shop.example"}, "in@shop.example"),
        ({"mailbox_url": "", "mail_returns": "a:b", "mail_in": ""}, ""),
        (
            {"mailbox_url": "", "mail_returns": "a:b", "mail_in": "in@shop.example"},
            "in@shop.example",
        ),
    ],
)
def test_only_a_mailbox_that_is_read_is_named(
    anna: int, settings: Settings, knobs: dict[str, str], address: str
) -> None:
    settings.KNOBS = {**settings.KNOBS, "mail_returns": "", **knobs}
    assert unsubscribing.read_address() == address
    assert bool(unsubscribing.mailto(anna, "asking")) == bool(address)
    assert not unsubscribing.mailto(anna, "service") and not unsubscribing.mailto(None, "asking")


def test_without_a_mailbox_a_mail_names_the_page_alone(anna: int, inbox: Inbox) -> None:
    header = sent(inbox, anna)["List-Unsubscribe"]
    assert header.strip() == f"<{preferences.link(anna, 'asking')}>"
