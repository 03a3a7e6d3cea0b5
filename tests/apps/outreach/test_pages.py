"""The pages of messages, webhooks and texts, as people use them."""

from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client

from overdeliver.apps.outreach import endpoints, listing, reads
from overdeliver.apps.outreach.actions import Draft, enqueue
from overdeliver.apps.people import actions as people
from overdeliver.apps.people.reads import customer

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]


def write(key: str = "k-1", **more: object) -> int:
    people.keep_customer("c-1", name="Anna <b>", email="anna@example.org")
    with transaction.atomic():
        return enqueue(
            Draft(
                key=key,
                channel="mail",
                purpose="service",
                because="outreach.because.promise_broken",
                address="anna@example.org",
                customer=customer("c-1").id,
                subject="Your <i>order</i>",
                text="Hello\n\nGood bye",
                about="promise:p-1",
                **more,  # type: ignore[arg-type]
            )
        )


@pytest.mark.parametrize("tongue", ["en", "pt", "ru", "ro", "kk"])
def test_every_page_opens_in_every_language(shop: object, signed_in: Browser, tongue: str) -> None:
    number = write(by_hand=True)
    hook, _ = endpoints.add("https://example.org/hooks")
    endpoints.test(hook)
    client = signed_in("owner")
    client.cookies["language"] = tongue
    for path in (
        "/messages/",
        f"/messages/{number}/",
        "/settings/",
        "/settings/webhooks/",
        f"/settings/webhooks/{hook}/",
        "/settings/templates/",
        f"/settings/templates/promise_revised/{tongue}/",
    ):
        assert client.get(path).status_code == 200, path


def test_nothing_filled_in_becomes_markup(shop: object, signed_in: Browser) -> None:
    number = write(by_hand=True)
    for path in ("/messages/", f"/messages/{number}/"):
        page = signed_in_page(signed_in, path)
        assert "<i>order" not in page and "&lt;i&gt;order" in page


def signed_in_page(signed_in: Browser, path: str) -> str:
    client = Client()
    from overdeliver.apps.people.models import Staff

    row = Staff.objects.filter(email="owner@example.org").first()
    client = client if row else signed_in("owner")
    if row:
        client.force_login(row)
    return client.get(path).content.decode()


def test_a_person_sends_a_draft_and_takes_it_back(shop: object, signed_in: Browser) -> None:
    number = write(by_hand=True)
    client = signed_in("agent")
    assert "Send it" in client.get(f"/messages/{number}/").content.decode()
    client.post(f"/messages/{number}/act/", {"act": "release"})
    assert listing.message(number).status == "queued"
    again = client.post(f"/messages/{number}/act/", {"act": "release"}, follow=True)
    assert "faster" in again.content.decode()
    client.post(f"/messages/{number}/act/", {"act": "undo"})
    assert listing.message(number).status == "held"
    assert client.post(f"/messages/{number}/act/", {"act": "burn"}).status_code == 422
    assert client.get(f"/messages/{number}/act/").status_code == 405


def test_the_list_is_filtered_and_paged(shop: object, signed_in: Browser) -> None:
    for number in range(53):
        write(f"k-{number}", by_hand=number == 0)
    client = signed_in("manager")
    found = client.get("/messages/?status=waiting&q=ANNA")
    assert len(found.context["page"].rows) == 1
    assert len(client.get("/messages/?q=nobody").context["page"].rows) == 0
    first = client.get("/messages/").context["page"]
    second = client.get(f"/messages/?after={first.next}").context["page"]
    assert (len(first.rows), len(second.rows), second.next) == (50, 3, None)
    back = client.get(f"/messages/?before={second.previous}").context["page"]
    assert [one.id for one in back.rows] == [one.id for one in first.rows]


def test_held_mail_is_sent_once_there_is_a_server(
    shop: object, signed_in: Browser, no_server: None
) -> None:
    from overdeliver.apps.outreach.jobs import send_due

    write()
    send_due(threads=False)
    client = signed_in("manager")
    assert "no mail server" in client.get("/messages/").content.decode()
    client.post("/messages/release/")
    assert reads.counts()["queued"] == 1


def test_a_webhook_is_added_and_its_secret_shown_once(shop: object, signed_in: Browser) -> None:
    client = signed_in("manager")
    refused = client.post("/settings/webhooks/add/", {"url": "http://127.0.0.1/x"})
    assert refused.status_code == 422 and "http://127.0.0.1/x" in refused.content.decode()
    shown = client.post("/settings/webhooks/add/", {"url": "https://example.org/hooks"})
    assert "whsec_" in shown.content.decode()
    (row,) = listing.endpoints()
    page = client.get(f"/settings/webhooks/{row.id}/").content.decode()
    assert "whsec_" not in page and "https://example.org/hooks" in page
    for act in ("test", "disable", "enable", "replay"):
        path = f"/settings/webhooks/{row.id}/act/"
        assert client.post(path, {"act": act}).status_code == 302, act
    assert "whsec_" in client.post(path, {"act": "secret"}).content.decode()


def test_a_text_is_changed_refused_and_set_back(shop: object, signed_in: Browser) -> None:
    client = signed_in("manager")
    path = "/settings/templates/promise_revised/en/save/"
    wrong = client.post(path, {"subject": "New", "text": "Hello {{ settings.SECRET_KEY }}"})
    assert wrong.status_code == 422 and "settings.SECRET_KEY" in wrong.content.decode()
    client.post(path, {"subject": "New", "text": "{{ greeting }} it is {{ promise.words }}"})
    page = client.get("/settings/templates/promise_revised/en/").content.decode()
    assert "it is by Friday, 27 November" in page
    client.post(path, {"act": "back"})
    assert "it is by Friday" not in client.get(path.removesuffix("save/")).content.decode()
    assert client.get("/settings/templates/nothing/en/").status_code == 404
