"""Links for staff go by the outbox, and stand nowhere but in the mail itself."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings as real
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from overdeliver.apps.business import actions as business
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.journal.models import Event
from overdeliver.apps.outreach import actions, jobs, listing
from overdeliver.apps.outreach.blocking import block
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.outreach.rules.timing import OutboxPolicy
from overdeliver.apps.people import links
from overdeliver.apps.people.models import Invitation, Staff
from tests.apps.outreach.conftest import Inbox, sweep

pytestmark = pytest.mark.django_db
GOOD = "correct horse battery"
RESET = "/accounts/password/reset/"


@pytest.fixture
def owner(shop: object, signed_in: Callable[[str], Client]) -> Client:
    return signed_in("owner")


def heard() -> None:
    while deliver_due():
        pass


def sent() -> None:
    """The worker has heard of everything and sent what is due."""
    heard()
    sweep()


def invite(owner: Client, language: str = "") -> str:
    typed = {"email": "new@example.org", "role": "agent", "language": language}
    return str(owner.post("/settings/people/invite/", typed).context["link"])


def parts(inbox: Inbox) -> tuple[str, str]:
    """The text and the HTML of the only mail."""
    (mail,) = inbox.mails
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain and html
    return plain.get_content(), html.get_content()


def link_in(inbox: Inbox) -> str:
    found = re.findall(r"http://\S+/(?:join|password)/\S+/", parts(inbox)[0])
    assert len(found) == 1
    return str(found[0])


def stored() -> str:
    """Everything the tables of messages and of the journal hold, as text."""
    rows = [*Message.objects.values(), *Event.objects.values(), *Invitation.objects.values()]
    return json.dumps(rows, default=str, ensure_ascii=False)


@pytest.mark.parametrize(
    ("language", "subject", "span"),
    [
        ("", "Shop: you are invited", "3 days"),
        ("en", "Shop: you are invited", "3 days"),
        ("pt", "Shop: um convite para si", "3 dias"),
        ("ru", "Shop: приглашение", "3 дня"),
        ("ro", "Shop: o invitație", "3 zile"),
        ("kk", "Shop: шақыру", "3 күн"),
    ],
)
def test_who_is_invited_gets_the_link_in_his_language(
    owner: Client, inbox: Inbox, language: str, subject: str, span: str
) -> None:
    link = invite(owner, language)
    sent()
    text, page = parts(inbox)
    assert inbox.mails[0]["To"] == "new@example.org"
    assert inbox.mails[0]["Subject"].strip() == subject
    assert link in text and span in text and "{{" not in text and "…" not in text
    assert f'<a href="{link}">' in page
    assert "List-Unsubscribe" not in inbox.mails[0]
    guest = Client()
    typed = {"name": "Nina", "password": GOOD}
    assert guest.post(urlsplit(link).path, typed).headers["Location"] == "/"


def test_the_link_stands_in_no_table_no_page_and_no_log(
    owner: Client, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    link = invite(owner)
    token = urlsplit(link).path.split("/")[2]
    heard()
    assert token not in stored()
    number = Message.objects.get().pk
    page = owner.get(f"/messages/{number}/").content.decode()
    assert token not in page and f"{real.PUBLIC_URL}/…/" in page
    sweep()
    assert link_in(inbox) == link
    assert token not in stored() and token not in caplog.text
    assert token not in owner.get(f"/messages/{number}/").content.decode()
    assert token not in owner.get("/messages/").content.decode()


def test_what_is_stored_opens_no_door_without_the_servers_secret(
    owner: Client, settings: Settings
) -> None:
    link = invite(owner)
    number = Invitation.objects.get().pk
    assert links.to_send(number).link == link  # type: ignore[union-attr]
    settings.SECRET_KEY = "another"
    assert links.to_send(number) is None
    assert Client().get(urlsplit(link).path).status_code == 200  # by hand it still works


def test_a_mail_server_that_is_down_delays_the_link_and_loses_nothing(
    owner: Client, inbox: Inbox
) -> None:
    inbox.answers += ["451 later"]
    link = invite(owner)
    sent()
    assert not inbox.mails and Message.objects.get().status == "queued"
    jobs.send_due(timezone.now() + timedelta(minutes=3), threads=False)
    assert link_in(inbox) == link
    assert Message.objects.get().attempts == 2


@pytest.mark.parametrize("how", ["withdrawn", "used", "expired", "replaced"])
def test_a_link_that_works_no_longer_is_not_mailed(owner: Client, inbox: Inbox, how: str) -> None:
    link = invite(owner)
    heard()
    number = Invitation.objects.get().pk
    if how == "withdrawn":
        links.withdraw_invitation(number)
    elif how == "used":
        Client().post(urlsplit(link).path, {"name": "Nina", "password": GOOD})
    elif how == "expired":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        invite(owner)
    sweep()
    first = Message.objects.earliest("pk")
    assert (first.status, first.error) == ("cancelled", "link_over")
    assert not inbox.mails


def test_staff_mail_knows_no_quiet_hours_no_blocking_by_hand_and_no_standstill(
    owner: Client, inbox: Inbox
) -> None:
    """He wrote as a customer that he wants no mail; now he works here."""
    business.set_policy(OutboxPolicy(quiet_from=0.0, quiet_to=24.0))
    block("new@example.org", "complaint")
    invite(owner)
    heard()
    jobs.send_due(timezone.now() + timedelta(hours=30), threads=False)  # the worker stood still
    assert len(inbox.mails) == 1


def test_an_address_there_is_not_is_not_written_to(owner: Client, inbox: Inbox) -> None:
    block("new@example.org", "hard_bounce")
    invite(owner)
    sent()
    assert Message.objects.get().error == "blocked"


def test_without_mail_the_owner_hands_the_link_over_and_nothing_waits(
    owner: Client, no_server: None
) -> None:
    typed = {"email": "new@example.org", "role": "agent"}
    assert owner.post("/settings/people/invite/", typed).context["mailed"] is False
    sent()
    assert not Message.objects.exists()


def test_an_owner_has_a_link_for_a_new_password_mailed(
    owner: Client, inbox: Inbox, staff: Callable[[str], Staff]
) -> None:
    agent = staff("agent")
    Staff.objects.filter(pk=agent.pk).update(name="Анна", language="ru")
    shown = owner.post(f"/settings/people/{agent.pk}/password/")
    assert shown.context["mailed"] is True
    sent()
    text, _ = parts(inbox)
    assert link_in(inbox) == shown.context["link"]
    assert "Здравствуйте, Анна!" in text and "1 час" in text


def test_who_forgot_his_password_gets_a_link_that_works_once(
    shop: object, inbox: Inbox, staff: Callable[[str], Staff]
) -> None:
    agent = staff("agent")
    by_the_owner = links.password_link(agent.pk)
    assert Client().post(RESET, {"email": agent.email.upper()}).status_code == 302
    heard()
    Message.objects.filter(template="staff_password").earliest("pk").delete()  # the owner's
    sweep()
    path = urlsplit(link_in(inbox)).path
    assert Client().get(f"/password/{by_the_owner}/").status_code == 200  # not ended by a stranger
    assert Client().post(path, {"password": GOOD}).status_code == 302
    agent.refresh_from_db()
    assert agent.check_password(GOOD)
    assert Client().post(path, {"password": GOOD}).status_code == 404
    assert Client().get(f"/password/{by_the_owner}/").status_code == 404


def test_a_strangers_address_gets_the_same_answer_and_no_mail(
    shop: object, inbox: Inbox, staff: Callable[[str], Staff]
) -> None:
    gone = staff("agent")
    Staff.objects.filter(pk=gone.pk).update(is_active=False)
    for address in ("nobody@example.org", gone.email):
        answer = Client().post(RESET, {"email": address})
        assert answer.headers["Location"] == "/accounts/password/reset/done/"
    sent()
    assert not Message.objects.exists() and not inbox.mails


def test_without_mail_somebody_sees_who_forgot_his_password(
    shop: object, no_server: None, staff: Callable[[str], Staff]
) -> None:
    Client().post(RESET, {"email": staff("agent").email})
    sent()
    (row,) = listing.messages(status="waiting").rows
    assert row.error == "no_mail_server" and "…" in row.text
    actions.mark_done(row.id)


def test_a_used_link_held_for_a_person_is_not_sent_by_him(
    owner: Client, inbox: Inbox, settings: Settings
) -> None:
    with_mail = settings.KNOBS
    invite(owner)
    heard()
    settings.KNOBS = {**with_mail, "mail_url": ""}
    sweep()
    number = Message.objects.get(status="held").pk
    Invitation.objects.update(used_at=timezone.now())
    settings.KNOBS = with_mail
    actions.release(number)
    sweep()
    assert Message.objects.get().error == "link_over" and not inbox.mails
