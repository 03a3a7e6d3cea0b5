"""The board's filters, causes and changes: what is asked for is what is shown, or it says why."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from overdeliver.apps.business.models import Business
from overdeliver.apps.people.models import Staff
from overdeliver.apps.recovery import actions, board
from overdeliver.apps.recovery.models import Case, Cause, Change
from overdeliver.apps.recovery.rules.complaint import Complaint
from overdeliver.vocabulary.errors import InputError, NotFound

pytestmark = pytest.mark.django_db
_HUGE = "9" * 40


@pytest.fixture
def agent(signed_in: Callable[[str], Client]) -> Client:
    """Somebody who works on complaints."""
    return signed_in("agent")


def said(answer: Any) -> str:
    """A page's text."""
    return str(answer.content.decode())


@pytest.mark.parametrize("wrong", [{"status": "lost"}, {"object": "weather"}, {"owner": "boss"}])
def test_nobody_is_shown_what_no_complaint_can_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        board.Filter(**wrong)


@pytest.mark.parametrize("query", ["status=lost", "object=weather", "owner=boss", f"owner={_HUGE}"])
def test_an_old_address_with_a_value_gone_since_shows_everything(
    complaint: Case, agent: Client, query: str
) -> None:
    answer = agent.get(f"/cases/?{query}")
    assert answer.status_code == 200 and "The lid came broken" in said(answer)


@pytest.mark.parametrize("cursor", ["after=soon", "before=-1", f"after={_HUGE}"])
def test_a_page_that_cannot_be_says_where_to_start(
    complaint: Case, agent: Client, cursor: str
) -> None:
    answer = agent.get(f"/cases/?status=received&{cursor}")
    assert answer.status_code == 422 and "start from the first" in said(answer)


def test_the_board_is_narrowed_by_owner_and_by_what_it_is_about(
    shop: Business, agent: Client
) -> None:
    mine = actions.open_case(Complaint(text="The driver was rude", object="person"))
    actions.open_case(Complaint(text="The lid came broken", object="product"))
    me = Staff.objects.get(role="agent")
    agent.post(f"/cases/{mine.pk}/owner", {"owner": "me"})
    for query in (f"owner={me.pk}", "object=person"):
        text = said(agent.get(f"/cases/?{query}"))
        assert "The driver was rude" in text and "The lid came broken" not in text, query


def test_one_state_is_paged_through_without_gap_or_repeat(shop: Business, agent: Client) -> None:
    for number in range(120):
        actions.open_case(Complaint(text=f"number {number}"))
    seen: list[int] = []
    pages = [agent.get("/cases/?status=received").context["page"]]
    while pages[-1].next:
        path = f"/cases/?status=received&after={pages[-1].next}"
        pages.append(agent.get(path).context["page"])
    for page in pages:
        seen += [row.id for row in page.rows]
    assert len(seen) == len(set(seen)) == 120 and len(pages) > 2
    assert pages[0].previous == ""
    back = agent.get(f"/cases/?status=received&before={pages[2].previous}").context["page"]
    assert [row.id for row in back.rows] == [row.id for row in pages[1].rows]
    first = agent.get(f"/cases/?status=received&before={back.previous}").context["page"]
    assert [row.id for row in first.rows] == [row.id for row in pages[0].rows]
    assert first.previous == ""


def test_a_cause_known_already_is_chosen_instead_of_written_again(
    complaint: Case, agent: Client, until: Callable[[int, str], Case]
) -> None:
    until(complaint.pk, "apologised")
    cause = actions.keep_cause("labels missing")
    path = f"/cases/{complaint.pk}/step"
    typed = {"step": "find_cause", "words": "Seen in the log", "cause": str(cause)}
    assert agent.post(path, typed).status_code == 302
    row = Case.objects.get()
    assert (row.status, row.cause_id) == ("cause_found", cause) and Cause.objects.count() == 1
    change = actions.keep_change(cause, "two rolls", "Dana", date(2026, 3, 5))
    typed = {"step": "change", "words": "Seen in the shop", "change": str(change)}
    assert agent.post(path, typed).status_code == 302
    assert Case.objects.get().status == "changed" and Change.objects.count() == 1


def test_without_its_cause_no_change_is_written_down(complaint: Case, agent: Client) -> None:
    typed = {"step": "change", "words": "Seen", "what": "two rolls", "change_owner": "Dana"}
    answer = agent.post(f"/cases/{complaint.pk}/step", typed)
    assert answer.status_code == 409 and "cause comes first" in said(answer)
    assert not Change.objects.exists()


def test_a_cause_needs_a_name_and_a_change_its_cause(shop: Business) -> None:
    for name in ("", "  ", "x" * 201):
        with pytest.raises(InputError, match="cause"):
            actions.keep_cause(name)
    with pytest.raises(NotFound, match="none of that number"):
        actions.keep_change(999, "two rolls", "Dana", date(2026, 3, 5))
    assert actions.keep_cause(" labels   missing ") == actions.keep_cause("labels missing")


def test_a_change_nobody_sees_to_is_said_at_its_form(
    complaint: Case, signed_in: Callable[[str], Client]
) -> None:
    cause, boss = actions.keep_cause("labels missing"), signed_in("manager")
    path = f"/cases/causes/{cause}/change"
    for wrong in ({"owner": ""}, {"what": ""}, {"since": "soon"}):
        typed = {"what": "two rolls", "owner": "Dana", "since": "2026-03-05", **wrong}
        assert boss.post(path, typed).status_code == 422, wrong
    assert not Change.objects.exists()
    typed = {"what": "two rolls", "owner": "Dana", "since": "2026-03-05"}
    assert boss.post(path, typed).status_code == 302
    assert "two rolls" in said(boss.get(f"/cases/causes/{cause}/"))
