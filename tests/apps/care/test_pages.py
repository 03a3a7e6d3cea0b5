"""What people see and do: plans, calls, materials, the page to show at home, the calendar."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from overdeliver.apps.business.actions import set_policy
from overdeliver.apps.business.models import Business
from overdeliver.apps.care import effects, feeds, materials, plans, reads, tasks
from overdeliver.apps.care.jobs import do_due, greet_years
from overdeliver.apps.care.models import Due, Feed, Plan, Run, Share, Task
from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.outreach.rules.costs import ChannelCosts
from overdeliver.apps.people import actions as people
from overdeliver.apps.people.card_parts import data_of
from overdeliver.apps.people.models import Customer
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises.models import Order
from overdeliver.vocabulary.errors import Conflict, InputError

SignedIn = Callable[[str], Client]
Ordered = Callable[..., str]


@pytest.fixture
def called(order: Ordered) -> Task:
    """An order whose steps have been done: a call stands in the list."""
    order()
    Due.objects.update(next_at=timezone.now())
    do_due()
    return Task.objects.get()


def _draft(**given: Any) -> materials.Draft:
    return materials.Draft(**given)


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


def test_the_page_to_show_at_home_names_nobody_and_says_how_to_withdraw(
    called: Task, client: Client, who: Callable[..., Customer]
) -> None:
    people.keep_customer("c-1", language="ro")
    people.keep_customer("c-2", name="Ștefan")
    people.note_consent("c-2", "stories", True, source="page")
    text = "Au venit la timp, țin la cuvânt."
    materials.keep(
        materials.Draft(
            kind="testimonial",
            language="ro",
            title="Bună treabă",
            text=text,
            source="Ștefan, Chișinău, 2026",
            customer="c-2",
        )
    )
    token = Share.objects.get().token
    assert len(token) >= 32
    answer = client.get(f"/m/{token}/")
    page = answer.content.decode()
    assert answer.headers["Referrer-Policy"] == "no-referrer" and 'lang="ro"' in page
    assert text in page and "Puteți renunța" in page
    assert "Aigerim" not in page and "a@example.org" not in page
    people.note_consent("c-2", "stories", False, source="page")
    assert text not in client.get(f"/m/{token}/").content.decode()
    promises.cancel_order("A-1", at=timezone.now())
    deliver_due()
    assert client.get(f"/m/{token}/").status_code == 404
    assert client.get(f"/m/{token}x/").content == client.get("/m/none/").content


@pytest.mark.parametrize(
    ("language", "said"),
    [("kk", "Ойыңыз өзгерсе"), ("ro", "Dacă vă răzgândiți"), ("ru", "Если вы передумаете")],
)
def test_the_pdf_has_the_words_and_a_code_that_leads_to_the_page(
    called: Task, client: Client, language: str, said: str
) -> None:
    hostile = '#read("/etc/passwd") *not bold* $x$ \\ <label> @ref'
    materials.keep(
        materials.Draft(kind="memo", language=language, title=hostile, text="Ғашық țăran")
    )
    token = Share.objects.get().token
    client.cookies["language"] = language
    answer = client.get(f"/m/{token}/pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    document = pypdfium2.PdfDocument(answer.content)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    flat = " ".join(text.split())
    assert said in flat and "Ғашық țăran" in flat and '#read("/etc/passwd") *not bold*' in flat
    image = document[0].render(scale=3).to_numpy()
    codes = [one.text for one in zxingcpp.read_barcodes(image)]
    assert len(codes) == 1 and codes[0].endswith(f"/m/{token}/")
    assert image.min() < 60  # something is printed


def test_many_links_that_lead_nowhere_have_to_wait(caring: Business, client: Client) -> None:
    answers = [client.get(f"/m/guess{n}/").status_code for n in range(31)]
    assert answers == [404] * 30 + [429]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"source": ""}, "source"),
        ({"consent": ""}, "consent"),
        ({"customer": "c-1", "consent": ""}, "customer"),
        ({"language": "de"}, "language"),
        ({"title": " "}, "text"),
    ],
)
def test_a_testimonial_says_whose_it_is_and_that_he_agreed(
    order: Ordered, change: dict[str, str], field: str
) -> None:
    order()
    right = {
        "kind": "testimonial",
        "language": "en",
        "title": "Good",
        "text": "They keep their word.",
        "source": "Anna, 2026",
        "consent": "by letter of 3 May",
    }
    assert materials.keep(_draft(**right))
    with pytest.raises(InputError, match=f"^{field}"):
        materials.keep(_draft(**{**right, **change}))


def test_materials_are_kept_in_a_form_and_expire(caring: Business, signed_in: SignedIn) -> None:
    manager = signed_in("manager")
    sent = {"kind": "guide", "language": "en", "title": "How", "text": "First", "active": "yes"}
    assert manager.post("/care/materials/add/", {**sent, "title": ""}).status_code == 422
    assert manager.post("/care/materials/add/", {**sent, "until": "2020-01-01"}).status_code == 302
    assert b"expired" in manager.get("/care/materials/").content
    today = timezone.localdate()
    assert not materials.shown("en", "en", "", today)


def test_a_calendar_client_reads_the_feed_and_sees_changes(
    called: Task, signed_in: SignedIn, client: Client
) -> None:
    agent = signed_in("agent")
    page = agent.post("/care/calendar/change/", {"act": "make"}).content.decode()
    link = page.split('<p class="code">')[1].split("</p>")[0]
    path = link[link.index("/calendar/") :]
    answer = client.get(path)
    assert answer.headers["Content-Type"].startswith("text/calendar")
    calendar = Calendar.from_ical(answer.content)
    event = calendar.walk("VEVENT")[0]
    assert str(event["uid"]) == f"{called.uid}@overdeliver" and str(event["sequence"]) == "0"
    assert event["status"] == "CONFIRMED" and event.decoded("dtstart") == called.due_at.replace(
        microsecond=0
    )
    assert event.walk("VALARM")[0].decoded("trigger") == -timedelta(minutes=15)
    assert b"Aigerim" not in answer.content and b"+7701" not in answer.content
    tasks.settle(called.pk, "reached", sequence=0)
    after = Calendar.from_ical(client.get(path).content).walk("VEVENT")[0]
    assert (after["uid"], str(after["sequence"])) == (event["uid"], "1")
    assert after["status"] == "CANCELLED" and not after.walk("VALARM")
    agent.post("/care/calendar/change/", {"act": "revoke"})
    assert client.get(path).status_code == 404 and not Feed.objects.exists()


def test_who_left_has_no_calendar(called: Task, staff: Callable[[str], object]) -> None:
    agent = staff("agent")
    token = feeds.make_feed(agent.pk)  # type: ignore[attr-defined]
    assert feeds.calendar(token)
    agent.is_active = False  # type: ignore[attr-defined]
    agent.save()  # type: ignore[attr-defined]
    assert feeds.calendar(token) is None


def test_an_order_taken_back_ends_everything(called: Task) -> None:
    Message.objects.filter(channel="mail").update(status="queued")
    promises.cancel_order("A-1", at=timezone.now())
    deliver_due()
    called.refresh_from_db()
    assert (called.status, called.outcome) == ("dropped", "cancelled")
    assert Message.objects.get(channel="mail").status == "cancelled"


def test_an_erased_customer_leaves_nothing(called: Task, who: Callable[..., Customer]) -> None:
    tasks.settle(called.pk, "reached", sequence=0, note="her mother is ill")
    assert "her mother is ill" in str(data_of(who().pk)["care"])
    people.erase_customer("c-1")
    deliver_due()
    called.refresh_from_db()
    assert called.note == "" and not Share.objects.filter(closed_at=None).exists()


def test_programs_list_calls_and_note_what_came_of_them(
    called: Task, api: Callable[..., Client]
) -> None:
    program = api("care.see", "care.write")
    found = program.get("/api/v1/care/tasks").json()["items"]
    assert [one["number"] for one in found] == [called.pk] and found[0]["customer"] == "c-1"
    path = f"/api/v1/care/tasks/{called.pk}/outcome"
    sent = {"outcome": "call_back", "sequence": 0}
    assert program.post(path, sent, "application/json").status_code == 422
    sent = {"outcome": "reached", "sequence": 0, "note": "x"}
    assert program.post(path, sent, "application/json").json()["status"] == "done"
    assert program.post(path, sent, "application/json").status_code == 409
    listed = program.get("/api/v1/care/plans").json()["items"]
    assert {one["name"] for one in listed if one["active"]} == {"order"}
    assert api("promises.see").get("/api/v1/care/tasks").status_code == 403


def test_an_effect_needs_enough_cases_and_says_when_it_did_not_pay(order: Ordered) -> None:
    set_policy(CarePolicy(held_out=0.5, needed=20))
    set_policy(ChannelCosts(call="2.50"))
    for number in range(90):
        order(f"A-{number}", f"c-{number}", email=f"c{number}@example.org")
    few = effects.report("order")
    assert few.effects[0].says == "too_few" and few.paid == "unknown"
    Run.objects.update(moment_at=timezone.now() - timedelta(days=20))
    Due.objects.update(next_at=timezone.now())
    do_due(limit=500)
    first = Task.objects.order_by("pk")[0]
    tasks.settle(first.pk, "reached", sequence=0)
    found = effects.report("order")
    cancelled = found.effects[0]
    assert cancelled.says == "no_difference" and cancelled.treated.happened == 0
    assert found.cost == Decimal("2.50") and found.paid == "did_not"
    held = list(Run.objects.filter(arm="held_out").values_list("order", flat=True))
    lost = Order.objects.filter(reference__in=held[: len(held) * 2 // 3])
    lost.update(cancelled_at=timezone.now() - timedelta(days=1))
    late = effects.report("order").effects[0]  # after the days that are watched: not the plan's
    assert late.held_out.happened == 0
    lost.update(cancelled_at=timezone.now() - timedelta(days=19))
    helped = effects.report("order")
    assert helped.effects[0].says == "helped" and helped.paid == "did"
    assert helped.effects[0].interval and helped.effects[0].interval.high < 0


def test_a_year_after_the_first_order_once(order: Ordered, monkeypatch: pytest.MonkeyPatch) -> None:
    plans.switch("anniversary", True)
    now = timezone.now().replace(hour=10)
    then = now.replace(year=now.year - 1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    order("A-old", at=then)
    order("A-new", "c-2", at=now - timedelta(hours=1), email="b@example.org")
    assert greet_years() == 1 and greet_years() == 0
    assert Run.objects.get(plan__moment="anniversary").order == "A-old"
