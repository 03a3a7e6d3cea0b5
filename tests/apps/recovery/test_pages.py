"""The board, one complaint's story, merging, causes, lessons, codes: what staff rely on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business.models import Business, Touchpoint
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.people import actions as people
from overdeliver.apps.people.models import Staff
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.recovery import actions, jobs, registers
from overdeliver.apps.recovery.models import Case, Cause, Change
from overdeliver.apps.recovery.rules.complaint import Complaint
from tests.apps.conftest import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(signed_in: Callable[[str], Client]) -> Client:
    """Somebody who works on complaints."""
    return signed_in("agent")


def said(answer: Any) -> str:
    """A page's text."""
    return str(answer.content.decode())


def test_the_board_says_what_is_open_and_late(
    shop: Business, complaint: Case, agent: Client
) -> None:
    late = actions.open_case(
        Complaint(text="Nobody answers"), at=timezone.now() - timedelta(days=9)
    )
    text = said(agent.get("/cases/"))
    assert "2 complaints are open." in text and "1 is late." in text
    only = said(agent.get("/cases/?late=1"))
    assert "Nobody answers" in only and "The lid came broken" not in only
    assert f"/cases/{late.pk}/" in only
    assert "Nothing matches" in said(agent.get("/cases/?q=elephant"))
    assert "The lid came broken" in said(agent.get("/cases/?q=LID"))
    assert "The lid came broken" in said(agent.get("/cases/?owner=none&status=received"))


def test_an_empty_board_says_the_next_step(shop: Business, agent: Client) -> None:
    text = said(agent.get("/cases/"))
    assert "No complaint is open." in text and "/cases/door/" in text
    assert "not enough data yet (0 of 20)" in text
    for path in ("/cases/causes/", "/cases/lessons/"):
        assert "empty" in said(agent.get(path))


def test_a_page_shows_exactly_the_next_step(
    complaint: Case, agent: Client, until: Callable[[int, str], Case]
) -> None:
    path = f"/cases/{complaint.pk}/"
    for state, names in (
        ("received", ["admit"]),
        ("cause_found", ["change"]),
        ("invited", ["good", "not_good"]),
        ("closed", []),
    ):
        until(complaint.pk, state)
        text = said(agent.get(path))
        found = [part.split('"')[0] for part in text.split('name="step" value="')[1:]]
        assert found == names


def test_the_loop_is_gone_through_by_page(complaint: Case, agent: Client) -> None:
    path = f"/cases/{complaint.pk}/step"
    typed: list[dict[str, Any]] = [
        {"step": "admit", "words": "You are right."},
        {"step": "apologise", "words": "We are sorry.", "remedy": "redo"},
        {"step": "find_cause", "words": "Seen in the log", "new_cause": "labels"},
        {
            "step": "change",
            "words": "Seen in the shop",
            "what": "two rolls",
            "change_owner": "Dana",
            "since": "2026-03-05",
        },
        {"step": "invite", "words": "A new lid was sent"},
        {"step": "good", "words": "It is good"},
        {"step": "write_lesson", "words": "Check labels before the van leaves"},
        {"step": "close", "words": "Told at the round"},
    ]
    skipped = agent.post(path, {**typed[7], "seen": 0})
    assert skipped.status_code == 409 and "next comes admit" in said(skipped)
    for seen, one in enumerate(typed):
        answer = agent.post(path, {**one, "seen": seen})
        assert answer.status_code == 302, said(answer)
    row = Case.objects.get()
    assert (row.status, row.choice) == ("closed", "redo")
    assert Change.objects.get().owner == "Dana" and Cause.objects.get().name == "labels"
    assert "Check labels" in said(agent.get("/cases/lessons/"))
    assert "Check labels" in said(agent.get("/cases/lessons/?q=van"))
    assert "Nothing matches" in said(agent.get("/cases/lessons/?q=zebra"))
    names = list(Message.objects.order_by("pk").values_list("template", flat=True))
    assert names == ["case_answer", "case_answer", "case_judge"]


def test_what_was_typed_stays_where_something_is_wrong(complaint: Case, agent: Client) -> None:
    path = f"/cases/{complaint.pk}/step"
    answer = agent.post(path, {"step": "admit", "words": "We will do better.", "seen": 0})
    assert answer.status_code == 422 and "needs a change first" in said(answer)
    assert "We will do better." in said(answer) and Case.objects.get().status == "received"


def test_a_draft_that_stands_out_is_asked_about_once(complaint: Case, agent: Client) -> None:
    path = f"/cases/{complaint.pk}/step"
    draft = {"step": "admit", "words": "It is YOUR fault!", "seen": 0}
    answer = agent.post(path, draft)
    assert answer.status_code == 422 and "Puts the blame" in said(answer)
    assert "Shouts" in said(answer) and Case.objects.get().status == "received"
    assert agent.post(path, {**draft, "sure": "yes"}).status_code == 302


def test_a_step_refused_leaves_no_cause_behind(complaint: Case, agent: Client) -> None:
    path = f"/cases/{complaint.pk}/step"
    agent.post(path, {"step": "find_cause", "words": "x", "new_cause": "labels", "seen": 0})
    assert not Cause.objects.exists()


def test_a_phone_note_is_kept(shop: Business, agent: Client) -> None:
    people.keep_customer("c-1", name="Anna")
    wrong = agent.post("/cases/new/", {"text": "Rude", "customer": "nobody"})
    assert wrong.status_code == 422 and not Case.objects.exists()
    told = {"text": "Rude", "customer": "c-1", "object": "person", "severity": "high"}
    assert agent.post("/cases/new/", told).status_code == 302
    row = Case.objects.get()
    assert (row.channel, row.object, row.severity) == ("phone", "person", "high")
    assert row.customer is not None


def test_one_of_two_takes_a_complaint(
    complaint: Case, agent: Client, signed_in: Callable[[str], Client]
) -> None:
    path = f"/cases/{complaint.pk}/owner"
    assert agent.post(path, {"owner": "me"}).status_code == 302
    other = signed_in("manager")
    assert other.post(path, {"owner": "me"}).status_code == 409
    assert other.post(path, {"owner": "999"}).status_code == 422
    boss = Staff.objects.get(role="manager")
    assert other.post(path, {"owner": str(boss.pk)}).status_code == 302
    assert Case.objects.get().owner_id == boss.pk


def test_duplicates_are_proposed_merged_by_a_person_and_parted_again(
    complaint: Case, agent: Client
) -> None:
    again = actions.open_case(
        Complaint(text="The lid came broken, I said", contact="anna@example.org")
    )
    other = actions.open_case(Complaint(text="The lid came broken", contact="ion@example.org"))
    page = said(agent.get(f"/cases/{again.pk}/"))
    assert f"Make this part of {complaint.pk}" in page and f"part of {other.pk}" not in page
    assert Case.objects.filter(merged_into__isnull=False).count() == 0, "never silently"
    path = f"/cases/{again.pk}/merge"
    assert agent.post(path, {"into": str(complaint.pk)}).status_code == 302
    step = agent.post(f"/cases/{again.pk}/step", {"step": "admit", "words": "Yes", "seen": 0})
    assert step.status_code == 409 and "part of complaint" in said(step)
    assert agent.post(path, {"into": str(other.pk)}).status_code == 409
    assert agent.post(f"/cases/{complaint.pk}/merge", {"into": str(again.pk)}).status_code == 409
    assert agent.post(path, {"into": str(again.pk)}).status_code == 422
    assert "together with your other complaint" in said(agent.get(f"/c/k/{again.token}/"))
    assert agent.post(path, {"into": "undo"}).status_code == 302
    assert agent.post(path, {"into": "undo"}).status_code == 409
    again.refresh_from_db()
    assert again.merged_into_id is None


def test_a_second_failure_is_an_alarm(
    shop: Business, agent: Client, until: Callable[[int, str], Case]
) -> None:
    people.keep_customer("c-1", name="Anna", email="anna@example.org")
    for days in (400, 40, 0):
        actions.open_case(
            Complaint(text=f"The parcel came late, {days}", contact="anna@example.org"),
            at=timezone.now() - timedelta(days=days),
        )
        deliver_due()
    first, second, third = Case.objects.order_by("pk")
    assert (first.alike_id, second.alike_id, third.alike_id) == (None, None, second.pk)
    assert "second failure" in said(agent.get("/cases/"))
    assert f"#{second.pk}" in said(agent.get(f"/cases/{third.pk}/"))
    assert f"/cases/{third.pk}/" in said(agent.get("/")), "it stands on Today"


def test_a_missed_deadline_is_told_once(shop: Business, agent: Client) -> None:
    row = actions.open_case(Complaint(text="Nobody"), at=timezone.now() - timedelta(days=9))
    deliver_due()
    assert (jobs.escalate_due(), jobs.escalate_due()) == (1, 0)
    row.refresh_from_db()
    assert row.escalated_at and f"/cases/{row.pk}/" in said(agent.get("/"))
    actions.do_step(row.pk, "admit", actions.Told(words="You are right."))
    row.refresh_from_db()
    assert row.escalated_at is None and jobs.escalate_due() == 0


def test_causes_say_whether_a_change_helped(
    shop: Business, agent: Client, until: Callable[[int, str], Case]
) -> None:
    now = timezone.now()
    number = actions.keep_cause("labels missing")
    for days in (200, 180, 160, 140, 120, 110, 105, 102):
        row = actions.open_case(Complaint(text="Late"), at=now - timedelta(days=days))
        Case.objects.filter(pk=row.pk).update(cause_id=number)
    turn = (now - timedelta(days=100)).date()
    actions.keep_change(number, "two rolls", "Dana", turn)
    [found] = registers.judged(registers.changes(number), now)
    assert found.found is not None and found.found.verdict == "stopped"
    assert found.found.before is not None and found.found.before.n == 8
    assert "stopped" in said(agent.get(f"/cases/causes/{number}/"))
    actions.keep_change(number, "three rolls", "Dana", now.date())
    assert "too early to say" in said(agent.get("/cases/causes/"))


@pytest.mark.parametrize(
    "typed",
    [{}, {"what": "x"}, {"what": "x", "owner": "y"}, {"what": "x", "owner": "y", "since": "z"}],
)
def test_a_change_says_what_who_and_from_when(
    typed: dict[str, str], shop: Business, signed_in: Callable[[str], Client]
) -> None:
    number = actions.keep_cause("labels")
    path = f"/cases/causes/{number}/change"
    manager = signed_in("manager")
    assert manager.post(path, typed).status_code == 422 and not Change.objects.exists()
    whole = {"what": "two rolls", "owner": "Dana", "since": "2026-03-05"}
    assert signed_in("agent").post(path, whole).status_code == 403
    assert manager.post(path, whole).status_code == 302 and Change.objects.count() == 1


def test_codes_lead_to_the_door(shop: Business, agent: Client) -> None:
    Touchpoint.objects.create(slug="counter", name="At the counter", phase="delivery")
    promises.place_order("o-1", placed_at=NOON)
    page = said(agent.get("/cases/door/?order=o-1"))
    assert "/c/o/" in page
    assert "/c/t/counter/" in said(agent.get("/cases/door/?touchpoint=counter"))
    drawn = agent.get("/cases/door/code.svg?touchpoint=counter")
    assert drawn["Content-Type"] == "image/svg+xml" and b"<svg" in drawn.content
    dotted = agent.get("/cases/door/code.png")
    assert dotted.content.startswith(b"\x89PNG")
    assert agent.get("/cases/door/?order=none").status_code == 404


def test_a_code_is_read_as_it_was_written(shop: Business, agent: Client) -> None:
    zxing = pytest.importorskip("zxingcpp")
    numpy = pytest.importorskip("numpy")
    import segno

    from overdeliver.apps.recovery import codes

    address = "https://shop.example/c/o/abcdefghijklmnopqrstuvwxyz123456/"
    assert codes.dotted(address).startswith(b"\x89PNG")
    rows = [list(row) for row in segno.make(address, error="m", micro=False).matrix_iter(6, 4)]
    picture = numpy.array([[0 if dark else 255 for dark in row] for row in rows], numpy.uint8)
    assert [one.text for one in zxing.read_barcodes(picture)] == [address]


def test_every_page_speaks_every_language(
    complaint: Case, until: Callable[[int, str], Case], signed_in: Callable[[str], Client]
) -> None:
    until(complaint.pk, "changed")
    browser = signed_in("owner")
    for tongue in ("en", "pt", "ru", "ro", "kk"):
        browser.cookies["language"] = tongue
        for path in ("", "?status=changed", "new/", "causes/", "lessons/", "door/", "1/"):
            path = f"{complaint.pk}/" if path == "1/" else path
            text = said(browser.get(f"/cases/{path}"))
            assert "recovery." not in text.replace("recovery/recovery.css", ""), (tongue, path)


def test_an_analyst_looks_and_does_nothing(
    complaint: Case, signed_in: Callable[[str], Client]
) -> None:
    analyst = signed_in("analyst")
    text = said(analyst.get(f"/cases/{complaint.pk}/"))
    assert "The lid came broken" in text and 'name="step"' not in text
    assert analyst.post(f"/cases/{complaint.pk}/step", {"step": "admit"}).status_code == 403
