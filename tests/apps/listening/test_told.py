"""What customers say elsewhere, told by programs; who is not asked; reading it page by page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from overdeliver.apps.business import actions as business
from overdeliver.apps.journal import jobs as journal
from overdeliver.apps.listening import actions, answers, asking, reads
from overdeliver.apps.listening.models import Ask, Feedback
from overdeliver.apps.listening.rules import SurveyPolicy
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import consents
from overdeliver.apps.promises import actions as promises
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "rumour"}, "kind 'rumour'"),
        ({"text": "  "}, "a score, a text or both"),
        ({"customer": ""}, "whose it is or which order"),
        ({"score": 4}, "needs its scale"),
        ({"score": 6, "scale": (1, 5)}, "not on the scale 1 to 5"),
    ],
)
def test_feedback_that_says_nothing_usable_is_not_kept(
    shop: object, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        actions.take_feedback(**{"kind": "survey", "customer": "c-1", "text": "Good", **given})
    assert not Feedback.objects.exists()


def test_feedback_told_again_is_one_and_its_reference_never_means_another(shop: object) -> None:
    promises.place_order("o-1", placed_at=NOON, customer="c-1")
    told = {"kind": "review", "order": "o-1", "text": "Good", "reference": "r-1"}
    assert actions.take_feedback(**told) == actions.take_feedback(**told) == "r-1"  # type: ignore[arg-type]
    with pytest.raises(Conflict, match="something else"):
        actions.take_feedback(**{**told, "text": "Bad"})  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        actions.take_feedback(kind="review", order="o-none", text="Good")
    (one,) = reads.said_of_order("o-1")
    assert (one.text, one.customer) == ("Good", "c-1")


@pytest.mark.parametrize(
    "wrong", [{"question": "why"}, {"hours_after": -1}, {"control_share": 0.95}]
)
def test_a_policy_that_cannot_be_kept_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        SurveyPolicy(**wrong)


@pytest.fixture
def many(shop: object) -> None:
    """Forty-five things said about one order."""
    promises.place_order("o-1", placed_at=NOON, customer="c-1")
    for number in range(45):
        actions.take_feedback(
            kind="review", order="o-1", text=f"word {number}", reference=f"f{number}"
        )


def test_programs_read_everything_said_page_by_page(many: None, api: Callable[..., Client]) -> None:
    reader = api("customers.see")
    seen: list[str] = []
    after = ""
    for _ in range(3):
        found = reader.get(f"/api/v1/feedback?limit=20&after={after}").json()
        seen += [one["reference"] for one in found["items"]]
        after = found["next"]
    assert sorted(seen) == sorted(f"f{number}" for number in range(45)) and not after
    assert reader.get("/api/v1/feedback?after=soon").status_code == 422


def test_people_read_everything_said_page_by_page(
    many: None, signed_in: Callable[[str], Client]
) -> None:
    analyst, after = signed_in("analyst"), ""
    seen: list[str] = []
    for _ in range(3):
        page = analyst.get("/answers/", {"kind": "review", "q": "c-1", "after": after})
        seen += [one.text for one in page.context["rows"]]
        after = page.context["next"]
    assert sorted(seen) == sorted(f"word {number}" for number in range(45)) and not after
    assert analyst.get("/answers/?after=-1").status_code == 422
    assert analyst.get("/answers/?kind=rumour").context["filter"]["kind"] == ""


def test_a_search_for_a_sign_no_text_has_finds_nothing_and_breaks_nothing(
    many: None, signed_in: Callable[[str], Client]
) -> None:
    assert signed_in("analyst").get("/answers/?q=wor%00d").status_code == 200


def _complete(order: str) -> None:
    with time_machine.travel(NOON, tick=False):
        promises.complete_order(order, at=NOON)
        while journal.deliver_due():
            pass


@pytest.fixture
def asks(shop: object) -> None:
    """Everybody is asked; Anna agreed and has ordered."""
    business.set_policy(SurveyPolicy(on=True, control_share=0))
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        people.keep_customer("c-1", name="Anna", email="anna@example.org")
        consents.note_consent("c-1", "asking", True, source="page")
        promises.place_order("o-1", customer="c-1", placed_at=NOON - timedelta(days=1))


def test_nobody_is_asked_about_an_order_without_a_customer(asks: None) -> None:
    promises.place_order("o-2", placed_at=NOON - timedelta(days=1))
    _complete("o-2")
    assert not Ask.objects.exists()


@pytest.mark.parametrize("why", ["late", "erased"])
def test_who_cannot_be_asked_any_more_is_counted_and_not_written_to(asks: None, why: str) -> None:
    _complete("o-1")
    if why == "erased":
        people.erase_customer("c-1")
    with time_machine.travel(NOON + timedelta(days=40 if why == "late" else 3), tick=False):
        asking.send_due()
    assert list(Ask.objects.values_list("state", flat=True)) == ["unreached"]
    assert not Message.objects.exists()


def test_an_order_is_asked_about_once_however_often_it_is_complete(asks: None) -> None:
    _complete("o-1")
    asking.plan("o-1", NOON)
    assert Ask.objects.count() == 1


def test_a_question_with_scores_of_effort_says_how_many_found_it_easy(
    shop: object, signed_in: Callable[[str], Client]
) -> None:
    for number in range(20):
        actions.take_feedback(
            kind="survey",
            customer=f"c-{number}",
            score=7 if number < 15 else 1,
            scale=(1, 7),
            at=datetime.now(UTC),
        )
    (found,) = answers.results()
    assert found.enough and found.good is not None and found.good.rate == 0.75
    assert "75" in signed_in("analyst").get("/answers/").content.decode()
