"""What people see and do: plans, calls, thanks, what waits, somebody's timeline."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business.models import Business
from overdeliver.apps.care import plans, reads, tasks
from overdeliver.apps.care.jobs import do_due
from overdeliver.apps.care.models import Due, Plan, Task
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.promises import actions as promises
from overdeliver.vocabulary.errors import Conflict

SignedIn = Callable[[str], Client]
Ordered = Callable[..., str]


def _form(client: Client, slug: str) -> dict[str, str]:
    """What a browser would send back from a plan's page."""
    row = Plan.objects.get(slug=slug)
    steps = plans.steps_of(slug)
    sent = {"version": str(row.version), "steps": str(len(steps))}
    for at, step in enumerate(steps):
        sent |= {
            f"step-{at}-{name}": str(value or "" if name != "after" else value)
            for name, value in step.data().items()
        }
    return sent


def test_plans_begin_off_and_one_click_switches_them_on(
    shop: Business, signed_in: SignedIn
) -> None:
    owner = signed_in("owner")
    assert b"no plans yet" in owner.get("/care/").content
    owner.post("/care/starters/")
    assert Plan.objects.count() == 6 and not Plan.objects.filter(active=True).exists()
    owner.post("/care/plans/order/switch/", {"on": "yes"})
    assert Plan.objects.get(slug="order").active
    assert b"1 plan is on" in owner.get("/care/").content


def test_steps_are_edited_without_javascript_and_brought_back(
    caring: Business, signed_in: SignedIn
) -> None:
    owner = signed_in("owner")
    sent = _form(owner, "order")
    page = owner.post("/care/plans/order/change/", {**sent, "do": "add"}).content.decode()
    assert 'name="step-3-channel"' in page and "Not saved yet" in page
    moved = owner.post("/care/plans/order/change/", {**sent, "do": "down:0"}).content.decode()
    assert moved.index('value="letter" selected') < moved.index('value="mail" selected')
    fewer = owner.post("/care/plans/order/change/", {**sent, "do": "remove:1"}).content.decode()
    assert 'name="step-2-channel"' not in fewer
    assert len(plans.steps_of("order")) == 3  # nothing is kept before it is saved
    owner.post("/care/plans/order/change/", {**sent, "step-0-within": "6", "do": "save"})
    assert plans.steps_of("order")[0].within == 6 and Plan.objects.get(slug="order").version == 2
    owner.post("/care/plans/order/back/", {"version": "2", "back": "1"})
    assert plans.steps_of("order")[0].within == 24 and Plan.objects.get(slug="order").version == 3


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("step-0-after", "soon", "write a number of hours"),
        ("step-0-within", "0", "within"),
        ("step-0-clock", "later", "write a time"),
        ("step-0-content", "care_call", "is no text for mail"),
        ("step-0-channel", "pigeon", "use one of"),
    ],
)
def test_wrong_steps_are_said_and_what_was_typed_stays(
    caring: Business, signed_in: SignedIn, field: str, value: str, said: str
) -> None:
    owner = signed_in("owner")
    sent = {**_form(owner, "order"), field: value, "do": "save"}
    answer = owner.post("/care/plans/order/change/", sent)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert Plan.objects.get(slug="order").version == 1


def test_an_old_form_does_not_undo_what_a_colleague_saved(
    caring: Business, signed_in: SignedIn
) -> None:
    owner = signed_in("owner")
    sent = _form(owner, "order")
    owner.post("/care/plans/order/change/", {**sent, "step-0-within": "6", "do": "save"})
    late = owner.post("/care/plans/order/change/", {**sent, "step-0-within": "9", "do": "save"})
    assert late.status_code == 409 and plans.steps_of("order")[0].within == 6


def test_agents_call_and_do_not_change_plans(called: Task, signed_in: SignedIn) -> None:
    agent = signed_in("agent")
    for path in ("/care/", "/care/plans/order/", "/care/tasks/", "/care/steps/"):
        assert agent.get(path).status_code == 200
    assert agent.post("/care/plans/order/switch/", {"on": ""}).status_code == 403
    assert agent.post("/care/materials/add/", {}).status_code == 403
    analyst = signed_in("analyst")
    settle = f"/care/tasks/{called.pk}/outcome/"
    assert analyst.post(settle, {"outcome": "reached", "sequence": "0"}).status_code == 403


def test_a_call_is_found_made_and_noted(called: Task, signed_in: SignedIn) -> None:
    agent = signed_in("agent")
    assert "Aigerim" not in agent.get("/care/tasks/", {"q": "nobody"}).content.decode()
    assert "tel:+77011234567" in agent.get("/care/tasks/").content.decode()
    assert "Aigerim" in agent.get("/care/tasks/", {"q": "aigerim"}).content.decode()
    script = agent.get(f"/care/tasks/{called.pk}/").content.decode()
    assert "this is Shop" in script and "within 14 days" in script
    back = timezone.localtime() + timedelta(days=1)
    answer = agent.post(
        f"/care/tasks/{called.pk}/outcome/",
        {"outcome": "no_answer", "sequence": "0", "back": back.strftime("%Y-%m-%dT%H:%M")},
    )
    assert answer.status_code == 302
    called.refresh_from_db()
    assert called.status == "open" and called.tries == 1 and called.due_at > timezone.now()
    agent.post(
        f"/care/tasks/{called.pk}/outcome/",
        {"outcome": "reached", "sequence": "1", "note": "glad"},
    )
    called.refresh_from_db()
    assert (called.status, called.note) == ("done", "glad") and called.done_by.startswith("staff:")


def test_a_call_back_needs_a_moment_and_two_callers_do_not_both_write(
    called: Task, signed_in: SignedIn
) -> None:
    agent = signed_in("agent")
    path = f"/care/tasks/{called.pk}/outcome/"
    wrong = agent.post(path, {"outcome": "call_back", "sequence": "0", "note": "tomorrow"})
    assert wrong.status_code == 422 and b"tomorrow" in wrong.content
    tasks.settle(called.pk, "reached", sequence=0)
    with pytest.raises(Conflict):
        tasks.settle(called.pk, "message_left", sequence=0)
    tasks.reopen(called.pk)
    assert reads.needs_person(timezone.now() + timedelta(hours=5))[0].kind == "call"


def test_held_steps_wait_on_a_page_until_somebody_decides(
    order: Ordered, signed_in: SignedIn
) -> None:
    order(hours_ago=25)
    Due.objects.update(next_at=timezone.now())
    do_due()
    agent = signed_in("agent")
    assert b"its moment has passed" in agent.get("/care/steps/", {"state": "held"}).content
    mail = Due.objects.get(channel="mail")
    agent.post(f"/care/steps/{mail.pk}/act/", {"act": "release"})
    do_due()
    mail.refresh_from_db()
    assert mail.state == "done" and Message.objects.get(channel="mail").not_after is None
    letter = Due.objects.get(channel="letter")
    agent.post(f"/care/steps/{letter.pk}/act/", {"act": "drop"})
    letter.refresh_from_db()
    assert (letter.state, letter.reason) == ("dropped", "by_hand")
    assert {one.kind for one in reads.needs_person(timezone.now())} == {"held"}


def test_today_shows_calls_that_are_due(called: Task, signed_in: SignedIn) -> None:
    promises.make_promise("A-1", lever="time", unit="days", promised=5)
    Task.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    assert f"/care/tasks/{called.pk}/" in signed_in("agent").get("/").content.decode()


def test_one_persons_timeline_says_why(called: Task, signed_in: SignedIn) -> None:
    page = signed_in("agent").get("/care/people/c-1/").content.decode()
    assert "You ordered from us, and we confirm it within a day." in page
    assert page.count('class="task"') == 3
    card = signed_in("manager").get("/customers/c-1/").content.decode()
    assert "After the order" in card
