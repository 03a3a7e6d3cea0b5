"""The customer's door: a complaint in under a minute, and his own page of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business.models import Business, Touchpoint
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises import reads as ledger
from overdeliver.apps.promises.paid import paid_table
from overdeliver.apps.recovery.models import Attachment, Case
from tests.apps.conftest import NOON

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


@pytest.fixture
def stranger() -> Client:
    """A browser that checks forms as real ones are checked."""
    return Client(enforce_csrf_checks=True)


def test_a_complaint_is_sent_without_signing_in(shop: Business, stranger: Client) -> None:
    page = stranger.get("/c/")
    opened = re.search(r'name="opened" value="([^"]+)"', page.content.decode())
    assert page.status_code == 200 and opened
    assert page["Referrer-Policy"] == "no-referrer" and "noindex" in page["X-Robots-Tag"]
    told = {
        "text": "The lid came broken",
        "contact": "anna@example.org",
        "first": "yes",
        "object": "product",
        "opened": opened[1],
    }
    answer = stranger.post("/c/", told)
    row = Case.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"/c/k/{row.token}/"
    assert (row.channel, row.object, row.first, row.contact) == (
        "page",
        "product",
        True,
        "anna@example.org",
    )
    assert row.seconds is not None and 0 <= row.seconds < 60 and len(row.token) >= 32
    again = stranger.post("/c/", told)
    assert again["Location"] == answer["Location"] and Case.objects.count() == 1, "sent twice"
    assert "We promise an answer by" in stranger.get(answer["Location"]).content.decode()


def test_the_first_answer_is_a_promise_in_the_ledger(
    open_days: Business, stranger: Client, step: Callable[..., str]
) -> None:
    stranger.post("/c/", {"text": "The lid came broken", "contact": "anna@example.org"})
    deliver_due()
    row = Case.objects.get()
    made = ledger.promise(f"case-{row.pk}")
    assert made.due_at == row.answer_by and made.verdict == "open" and made.channel == "recovery"
    assert Message.objects.get().template == "case_received"
    assert str(row.token) in Message.objects.get().text
    step(row.pk, "admit", "You are right. The lid was packed badly.")
    deliver_due()
    assert ledger.promise(f"case-{row.pk}").verdict in ("met", "exceeded")
    sent = Message.objects.get(template="case_answer")
    assert "You are right. The lid was packed badly." in sent.text


def test_such_promises_are_no_purchases(shop: Business, stranger: Client) -> None:

    promises.place_order("o-1", placed_at=NOON, customer="c-1", amount=None)
    promises.make_promise("o-1", lever="time", unit="days", promised=2, made_at=NOON)
    token = ledger.order("o-1").token
    status = stranger.get(f"/s/{token}/").content.decode()
    assert f"/c/o/{token}/" in status and "Something is not right" in status
    stranger.post(f"/c/o/{token}/", {"text": "Where is it?"})
    deliver_due()
    assert Case.objects.get().customer is not None
    assert ledger.promise(f"case-{Case.objects.get().pk}").customer_reference == "c-1"
    assert paid_table().num_rows == 1, "the order of the complaint does not show a second purchase"


def test_links_know_what_they_are_about(shop: Business, stranger: Client) -> None:
    Touchpoint.objects.create(slug="counter", name="At the counter", phase="delivery")
    assert "At the counter" in stranger.get("/c/t/counter/").content.decode()
    stranger.post("/c/t/counter/", {"text": "Rude"})
    assert Case.objects.get().touchpoint == "counter"
    unknown = [stranger.get(path) for path in ("/c/t/none/", "/c/o/none/", "/c/k/none/")]
    assert {one.status_code for one in unknown} == {404}
    assert len({one.content for one in unknown}) == 1, "every unknown link is answered alike"


@pytest.mark.parametrize("path", ["/c/k/{}/judge", "/c/k/{}/choose"])
def test_scanners_change_nothing(path: str, complaint: Case, stranger: Client) -> None:
    assert stranger.get(path.format(complaint.token)).status_code == 405
    assert stranger.head(path.format(complaint.token)).status_code == 405
    assert stranger.head("/c/").status_code == 200 and stranger.get("/c/").status_code == 200
    assert stranger.get(f"/c/k/{complaint.token}/").status_code == 200
    assert Case.objects.count() == 1 and Case.objects.get().steps == 0


def test_who_tries_links_and_who_sends_much_waits(shop: Business, stranger: Client) -> None:
    for number in range(20):
        assert stranger.post("/c/", {"text": f"Complaint {number}"}).status_code == 302
    assert stranger.post("/c/", {"text": "One more"}).status_code == 429
    assert Case.objects.count() == 20
    statuses = [stranger.get(f"/c/k/guess{number}/").status_code for number in range(32)]
    assert statuses[:30] == [404] * 30 and statuses[30:] == [429, 429]


def test_programs_that_fill_every_field_are_thanked_and_forgotten(
    shop: Business, stranger: Client
) -> None:
    assert stranger.post("/c/", {"text": "Buy", "website": "http://x"}).status_code == 200
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ({"text": " "}, "field wrong"),
        ({"text": "ok", "contact": ""}, "Say in a few words"),
        ({"text": "The lid", "contact": "tomorrow"}, "mail address or a phone number"),
        ({"text": "x" * 10_001}, "Say in a few words"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    told: dict[str, str], what: str, shop: Business, stranger: Client
) -> None:
    answer = stranger.post("/c/", told)
    assert answer.status_code == 422 and what in answer.content.decode()
    assert told["text"].strip() in answer.content.decode() and not Case.objects.exists()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.png"),
        (b"<html><script>alert(1)</script>", "a.pdf"),
        (PNG + b"\x00" * 5_000_001, "a.png"),
    ],
)
def test_files_of_other_kinds_and_sizes_are_refused(
    data: bytes, name: str, shop: Business, stranger: Client
) -> None:
    sent = SimpleUploadedFile(name, data, content_type="image/png")
    answer = stranger.post("/c/", {"text": "See the picture", "files": sent})
    assert answer.status_code == 422 and "cannot be taken" in answer.content.decode()
    assert not Case.objects.exists() and not Attachment.objects.exists()


def test_a_picture_is_kept_and_handed_out_as_a_download(
    shop: Business, stranger: Client, signed_in: Callable[[str], Client]
) -> None:
    sent = SimpleUploadedFile("../../etc/<b>.html", PNG, content_type="text/html")
    assert stranger.post("/c/", {"text": "See the picture", "files": sent}).status_code == 302
    row = Attachment.objects.get()
    assert re.fullmatch(r"[0-9a-f]{32}\.bin", row.path) and row.kind == "png"
    path = f"/cases/{row.case_id}/files/{row.pk}"
    answer = signed_in("agent").get(path)
    assert answer.content == PNG and answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert stranger.get(path).status_code == 302, "only staff"


def test_the_customer_judges_and_nobody_else_does_it_for_him(
    complaint: Case,
    stranger: Client,
    until: Callable[[int, str], Case],
) -> None:
    path = f"/c/k/{complaint.token}/judge"
    assert stranger.post(path, {"good": "yes"}).status_code == 409, "not asked yet"
    until(complaint.pk, "invited")
    assert stranger.post(path, {}).status_code == 422
    assert stranger.post(path, {"good": "no", "words": "Still broken"}).status_code == 302
    row = Case.objects.get()
    assert (row.status, row.reopened) == ("reopened", 1)
    last = row.log.order_by("-number").first()
    assert last and (last.by, last.words) == ("customer", "Still broken")
    assert stranger.post(path, {"good": "yes"}).status_code == 409, "he was not asked again"


@pytest.mark.parametrize("tongue", ["en", "pt", "ru", "ro", "kk"])
def test_the_door_speaks_five_languages(
    tongue: str, complaint: Case, until: Callable[[int, str], Case], stranger: Client
) -> None:
    until(complaint.pk, "invited")
    stranger.cookies["language"] = tongue
    for path in ("/c/", f"/c/k/{complaint.token}/", "/c/k/none/"):
        answer: Any = stranger.get(path)
        text = answer.content.decode()
        assert f'<html lang="{tongue}"' in text and "recovery." not in text


def test_words_of_others_are_only_text(complaint: Case, stranger: Client) -> None:
    Case.objects.update(
        text="<script>alert(1)</script>", name="<b>x</b>", step_since=timezone.now()
    )
    text = stranger.get(f"/c/k/{complaint.token}/").content.decode()
    assert "<script>alert" not in text and "&lt;script&gt;" in text
