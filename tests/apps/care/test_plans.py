"""Plans of one's own, policies and materials: kept as typed, refused where they make no sense."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business.actions import set_policy
from overdeliver.apps.business.models import Business, Shift
from overdeliver.apps.care import materials, plans, saying
from overdeliver.apps.care.models import Due, Material, Plan, Run, Task
from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.people import actions as people
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises import reads
from overdeliver.vocabulary.errors import InputError, NotFound

pytestmark = pytest.mark.django_db
SignedIn = Callable[[str], Client]
Ordered = Callable[..., str]


def test_two_plans_of_ones_own_for_one_moment_have_names_of_their_own(
    caring: Business, signed_in: SignedIn
) -> None:
    owner = signed_in("owner")
    for name in ("Loyal customers", "New customers"):
        made = owner.post("/care/plans/add/", {"moment": "delivery", "name": name})
        assert made.status_code == 302
        page = owner.get(made.headers["Location"]).content.decode()
        assert name in page
    slugs = set(Plan.objects.exclude(name="").values_list("slug", flat=True))
    assert len(slugs) == 2 and not Plan.objects.filter(slug__in=slugs, active=True).exists()
    gone = Plan.objects.filter(slug__in=slugs).order_by("pk")[0]
    gone.versions.all().delete()
    gone.delete()
    assert plans.make_plan("delivery", "Third", plans.steps_of("order")) not in slugs - {gone.slug}


def test_a_plan_for_no_moment_is_refused(caring: Business, signed_in: SignedIn) -> None:
    before = Plan.objects.count()
    answer = signed_in("owner").post("/care/plans/add/", {"moment": "someday", "name": "x"})
    assert answer.status_code == 422 and Plan.objects.count() == before


def test_without_a_business_there_are_no_plans_to_begin_with(db: None) -> None:
    assert plans.make_starters() == 0 and not Plan.objects.exists()


def test_the_same_steps_again_make_no_version(caring: Business) -> None:
    assert plans.set_steps("order", plans.steps_of("order"), expected=1) == 1
    assert (
        len([one for one in journal.life("plan:order") if one.data.get("change") == "steps"]) == 0
    )
    with pytest.raises(NotFound, match="no version 7"):
        plans.steps_of("order", 7)


def test_a_version_that_is_none_is_not_brought_back(caring: Business, signed_in: SignedIn) -> None:
    owner = signed_in("owner")
    for back, status in (("7", 404), ("soon", 422), ("9" * 12, 422)):
        sent = {"version": "1", "back": back}
        assert owner.post("/care/plans/order/back/", sent).status_code == status, back
    assert Plan.objects.get(slug="order").version == 1


@pytest.mark.parametrize(("act", "status"), [("burn:0", 422), ("remove:99", 200), ("up:-1", 200)])
def test_a_button_of_an_old_page_changes_no_step(
    caring: Business, signed_in: SignedIn, act: str, status: int
) -> None:
    sent = {"version": "1", "steps": "1", "step-0-channel": "mail", "do": act}
    page = signed_in("owner").post("/care/plans/order/change/", sent)
    assert page.status_code == status
    if status == 200:
        assert 'name="step-0-channel"' in page.content.decode()
    assert len(plans.steps_of("order")) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"salt": " "},
        {"salt": "x" * 61},
        {"needed": 4},
        {"watch_days": 0},
        {"repeat_days": 6},
        {"withdraw_days": -1},
        {"early_share": 0.95},
        {"withdraw_how": "x" * 1001},
    ],
)
def test_a_policy_of_care_that_cannot_be_kept_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        CarePolicy(**wrong)


@pytest.mark.parametrize(
    ("days", "said"), [(None, "within 14 days"), (3, "until"), (30, "ended on"), (0, "Call us.")]
)
def test_a_customer_reads_until_when_the_order_can_be_taken_back(
    order: Ordered, days: int | None, said: str
) -> None:
    how = "Call us."
    set_policy(CarePolicy(held_out=0, withdraw_days=14 if days != 0 else 0, withdraw_how=how))
    order(hours_ago=40 * 24)
    if days:
        promises.complete_order("A-1", at=timezone.now() - timedelta(days=days))
    found = saying.withdraw(reads.order("A-1"))
    assert said in found
    assert found.endswith(how) or days == 30


def test_of_a_plan_whose_steps_do_not_concern_an_order_nothing_begins(order: Ordered) -> None:
    steps = tuple(replace(one, segment="vip") for one in plans.steps_of("order"))
    plans.set_steps("order", steps, expected=1)
    order()
    assert not Run.objects.exists() and not Due.objects.exists()


def test_a_call_that_cannot_come_in_time_is_held_from_the_start(
    caring: Business, order: Ordered, signed_in: SignedIn
) -> None:
    """Nobody calls at the weekend, so within a day of Friday night there is no time to call."""
    for weekday in range(5):
        Shift.objects.create(weekday=weekday, opens=time(9), closes=time(18))
    friday = datetime(2026, 3, 6, 17, 30, tzinfo=UTC)  # half past ten at night in Almaty
    with time_machine.travel(friday, tick=False):
        order(at=friday)
        agent = signed_in("agent")
        page = agent.get("/care/steps/?plan=order&channel=call&state=held").content.decode()
    states = dict(Due.objects.values_list("channel", "state"))
    assert states == {"mail": "waiting", "letter": "waiting", "call": "held"}
    call = Due.objects.get(channel="call")
    assert call.reason == "too_late" and f"/why/care_step:{call.pk}/" in page
    names = [one.name for one in journal.life(f"care_step:{call.pk}")]
    assert names == ["care.step_held"]


def test_a_call_settled_by_a_colleague_is_said_and_not_written_over(
    called: Task, signed_in: SignedIn
) -> None:
    agent = signed_in("agent")
    path = f"/care/tasks/{called.pk}"
    assert "somebody" in _follow(agent, f"{path}/reopen/", {}).lower()
    old = {"outcome": "reached", "sequence": "7", "note": "mine"}
    assert agent.post(f"{path}/outcome/", old).status_code == 302
    assert Task.objects.get().status == "open"
    assert agent.post(f"{path}/outcome/", {**old, "sequence": "0"}).status_code == 302
    assert (
        agent.post(f"{path}/outcome/", {**old, "sequence": "0", "note": "late"}).status_code == 302
    )
    assert (Task.objects.get().status, Task.objects.get().note) == ("done", "mine")
    assert agent.post(f"{path}/reopen/").status_code == 302
    assert Task.objects.get().status == "open"


def _follow(client: Client, path: str, sent: dict[str, str]) -> str:
    return str(client.post(path, sent, follow=True).content.decode())


def test_a_step_that_does_not_wait_is_neither_sent_nor_dropped(
    order: Ordered, signed_in: SignedIn
) -> None:
    order()
    agent, row = signed_in("agent"), Due.objects.order_by("pk")[0]
    for act in ("release", "drop"):
        page = agent.post(f"/care/steps/{row.pk}/act/", {"act": act}, follow=True)
        assert page.status_code == 200
        row.refresh_from_db()
        assert row.state == "waiting" and not row.released
    assert agent.post("/care/steps/999999/act/", {"act": "drop"}).status_code == 404
    assert agent.post(f"/care/steps/{row.pk}/act/", {"act": "burn"}).status_code == 422


@pytest.fixture
def guide(caring: Business) -> int:
    """A guide that customers are shown."""
    return materials.keep(
        materials.Draft(kind="guide", language="en", title="How", text="First this")
    )


def test_a_material_is_changed_and_taken_away_in_its_form(guide: int, signed_in: SignedIn) -> None:
    manager, path = signed_in("manager"), f"/care/materials/{guide}/"
    assert 'value="How"' in manager.get(path).content.decode()
    sent = {"kind": "guide", "language": "en", "title": "How to", "text": "First that"}
    assert manager.post(path, {**sent, "active": "yes"}).status_code == 302
    assert Material.objects.get().text == "First that"
    assert manager.post(path, sent).status_code == 302
    (row,) = materials.listed()
    assert (row.why, row.shown) == ("off", False)
    assert not materials.shown("en", "en", "", timezone.localdate())
    changes = [one.data["change"] for one in journal.life(f"material:{guide}")]
    assert sorted(changes) == ["added", "changed", "taken away"]


def test_a_material_that_is_not_there_is_not_changed(caring: Business, signed_in: SignedIn) -> None:
    assert signed_in("manager").get("/care/materials/999/").status_code == 404
    draft = materials.Draft(kind="guide", language="en", title="How", text="First")
    with pytest.raises(NotFound):
        materials.keep(draft, 999)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"kind": "poem"}, "kind"), ({"title": "x" * 201}, "title"), ({"text": "a\x00b"}, "text")],
)
def test_a_material_nobody_could_show_is_refused(
    caring: Business, change: dict[str, Any], said: str
) -> None:
    right: dict[str, Any] = {"kind": "guide", "language": "en", "title": "How", "text": "First"}
    with pytest.raises(InputError, match=f"^{said}"):
        materials.keep(materials.Draft(**{**right, **change}))


def test_words_of_a_customer_who_took_back_his_yes_are_not_shown(caring: Business) -> None:
    people.keep_customer("c-2", name="Ștefan")
    people.note_consent("c-2", "stories", True, source="page")
    draft = materials.Draft(
        kind="testimonial", language="ro", title="Bine", text="La timp", source="x", customer="c-2"
    )
    number = materials.keep(draft)
    (row,) = materials.listed(kind="testimonial", text="timp")
    assert (row.why, row.shown, row.customer) == ("", True, "Ștefan")
    assert materials.values_of(number)["customer"] == "c-2"
    people.note_consent("c-2", "stories", False, source="page")
    (row,) = materials.listed(language="ro")
    assert (row.why, row.shown) == ("no_consent", False)
