"""The Today page: what stands there, for whom, why, and how it is set aside."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business import contacts
from overdeliver.apps.business.models import Business, Shift
from overdeliver.apps.desk import actions, reads
from overdeliver.apps.journal.models import Event
from overdeliver.apps.outreach import actions as outreach
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.people.rules import rights_of_role
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises.jobs import break_overdue
from overdeliver.apps.quoting.models import DriftAlarm
from overdeliver.apps.recovery import actions as recovery
from overdeliver.apps.recovery.rules.complaint import Complaint
from overdeliver.vocabulary.errors import InputError, NotFound
from tests.apps.desk.conftest import Make

pytestmark = pytest.mark.django_db
OWNER = rights_of_role("owner")


def kinds(role: str = "owner") -> list[str]:
    return [fact.key for fact in reads.today(timezone.now(), rights_of_role(role))]


def page(client: Client, path: str = "/") -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_a_broken_promise_stands_on_the_page_with_its_reason(
    made: Make, anna: int, signed_in: Callable[[str], Client]
) -> None:
    made(1, ago=600, took=90, customer="c-1")
    text = page(signed_in("agent"))
    assert "1 customer to win back." in text
    assert "Promised 60 minutes, broken by 30 minutes. Order o-1." in text
    assert "Anna &lt;b&gt;Bold&lt;/b&gt;" in text and "<b>Bold" not in text
    assert 'href="/orders/o-1/"' in text


def test_an_overdue_promise_asks_what_happened(made: Make) -> None:
    made(1, ago=61)
    break_overdue()
    (fact,) = reads.today(timezone.now(), OWNER)
    assert fact.step == "desk.step.record" and fact.step_url == "/promises/p-1/"
    assert "nobody has said what happened" in fact.because[0]


def test_kept_open_and_long_broken_promises_need_nobody(made: Make) -> None:
    made(1, ago=600, took=30)
    made(2, ago=5)
    made(3, ago=8 * 1440, took=90)
    assert kinds() == []


def test_an_open_promise_close_to_its_moment_stands_there_until_it_is_settled(made: Make) -> None:
    made(1, ago=50)
    assert kinds() == ["risk:p-1"]
    promises.record_outcome("p-1", happened_at=timezone.now())
    assert kinds() == []


def test_a_revised_promise_counts_as_revised(made: Make) -> None:
    made(1, ago=50)
    promises.make_promise(
        "o-1", lever="time", unit="minutes", promised=600, reference="p-1b", revises="p-1"
    )
    assert kinds() == []


def test_a_date_is_at_risk_before_the_shop_closes_not_before_midnight(shop: Business) -> None:
    here = timezone.localtime()
    with timezone.override(shop.zone):
        now = timezone.localtime().replace(hour=15, minute=0)
        for weekday in range(7):
            Shift.objects.create(weekday=weekday, opens="09:00", closes="18:00")
        order = promises.place_order("o-1", placed_at=now - timedelta(days=5), service="parcel")
        promises.make_promise(
            order,
            lever="time",
            unit="days",
            promised=5,
            whole=True,
            made_at=now - timedelta(days=5),
            reference="p-1",
        )
        found = [fact.key for fact in reads.today(now, OWNER)]
        early = [fact.key for fact in reads.today(now.replace(hour=10), OWNER)]
    assert (early, found) == ([], ["risk:p-1"]), here


def test_what_an_agent_may_not_open_is_not_put_before_him(made: Make) -> None:
    made(1, ago=5)
    DriftAlarm.objects.create(
        service="courier",
        raised_at=timezone.now(),
        covered=0.8,
        low=0.7,
        high=0.85,
        level=0.9,
        n=90,
    )
    contacts.keep_touchpoint(
        name="Door",
        phase="order",
        information="Ring twice",
        information_until=timezone.localdate() - timedelta(days=1),
    )
    assert {key.partition(":")[0] for key in kinds("manager")} == {"drift", "stale"}
    assert kinds("agent") == []


def a_letter_waits(customer: int) -> int:
    with transaction.atomic():
        return outreach.enqueue(
            outreach.Draft(
                key="hello",
                channel="mail",
                purpose="service",
                because="outreach.because.promise_broken",
                address="anna@example.org",
                customer=customer,
                subject="Sorry",
                text="We are late.",
                by_hand=True,
            )
        )


def test_a_message_that_waits_for_a_person_stands_there_until_one_decides(
    made: Make, anna: int
) -> None:
    made(1, ago=5)
    number = a_letter_waits(anna)
    (fact,) = reads.today(timezone.now(), rights_of_role("agent"))
    assert (fact.key, fact.step_url) == (f"message:{number}", f"/messages/{number}/")
    assert fact.because == ("A message was not sent: written for you to read and send.",)
    outreach.cancel(number)
    assert kinds() == []


def test_mail_that_has_no_way_out_is_one_line_however_much_it_is(made: Make, anna: int) -> None:
    made(1, ago=5)
    a_letter_waits(anna)
    Message.objects.update(error="no_mail_server")
    (fact,) = reads.today(timezone.now(), OWNER)
    assert fact.because == ("1 mail waits: no mail server is set yet.",)
    Message.objects.update(error="demo")
    assert kinds() == [], "made-up data: there is nothing to do about it"


def test_every_link_of_the_page_leads_somewhere(
    made: Make, anna: int, signed_in: Callable[[str], Client]
) -> None:
    test_what_an_agent_may_not_open_is_not_put_before_him(made)
    made(2, ago=600, took=90, customer="c-1")
    made(3, ago=50)
    a_letter_waits(anna)
    client = signed_in("manager")
    facts = reads.today(timezone.now(), rights_of_role("manager"))
    assert {fact.kind for fact in facts} == {"win_back", "rescue", "send", "decide", "look"}
    for fact in facts:
        for path in (fact.url, fact.step_url):
            assert client.get(path).status_code == 200, path
        text = page(client, f"/today/why/{fact.key}/")
        assert fact.because[0].replace("&", "&amp;") in text
        assert "overdeliver.apps.desk.rules.lines" in text


def test_why_is_answered_where_the_journal_knows_nothing(
    made: Make, signed_in: Callable[[str], Client]
) -> None:
    made(1, ago=600, took=90)
    client = signed_in("agent")
    assert "/why/promise:p-1/" in page(client, "/today/why/broken:p-1/")
    assert client.get("/today/why/broken:p-404/").status_code == 404


@pytest.mark.parametrize("state", ["done", "later"])
def test_a_line_is_set_aside_and_brought_back(
    made: Make, signed_in: Callable[[str], Client], state: str
) -> None:
    made(1, ago=600, took=90)
    client = signed_in("agent")
    answer = client.post("/today/mark", {"key": "broken:p-1", "state": state}, follow=True)
    text = answer.content.decode()
    assert "Nothing needs a person now." in text and 'value="broken:p-1"' in text
    client.post("/today/undo", {"key": "broken:p-1"})
    assert kinds() == ["broken:p-1"]
    told = Event.objects.filter(name__startswith="desk.").order_by("pk")
    assert list(told.values_list("name", "subject")) == [
        ("desk.line_marked", "promise:p-1"),
        ("desk.line_brought_back", "promise:p-1"),
    ]


def test_later_is_tomorrow_morning_by_the_clocks_of_the_business(
    made: Make, signed_in: Callable[[str], Client], shop: Business
) -> None:
    made(1, ago=600, took=90)
    signed_in("agent").post("/today/mark", {"key": "broken:p-1", "state": "later"})
    with timezone.override(shop.zone):
        morning = (timezone.localtime() + timedelta(days=1)).replace(hour=8, minute=1)
        assert [fact.key for fact in reads.today(morning, OWNER)] == ["broken:p-1"]
        before = morning.replace(hour=7)
        assert reads.today(before, OWNER) == []


@pytest.mark.parametrize(
    ("key", "state"), [("", "done"), ("broken", "done"), ("nose:p-1", "done"), ("broken:p-1", "x")]
)
def test_a_mark_that_means_nothing_is_refused(
    made: Make, signed_in: Callable[[str], Client], key: str, state: str
) -> None:
    answer = signed_in("agent").post("/today/mark", {"key": key, "state": state})
    assert answer.status_code == 422
    with pytest.raises(InputError):
        actions.mark(key or ":", state)


def test_an_analyst_looks_and_does_not_act(made: Make, signed_in: Callable[[str], Client]) -> None:
    made(1, ago=600, took=90)
    client = signed_in("analyst")
    assert 'name="state"' not in page(client)
    assert client.post("/today/mark", {"key": "broken:p-1", "state": "done"}).status_code == 403
    assert kinds() == ["broken:p-1"]


def test_looking_changes_nothing(made: Make, signed_in: Callable[[str], Client]) -> None:
    made(1, ago=600, took=90)
    before = Event.objects.count()
    assert signed_in("agent").get("/today/mark").status_code == 405
    page(signed_in("manager"))
    assert Event.objects.count() == before


def test_the_week_is_a_rate_only_with_enough_of_it_and_opens_to_its_rows(
    made: Make, signed_in: Callable[[str], Client]
) -> None:
    for number in range(19):
        made(number, ago=600, took=30)
    client = signed_in("manager")
    assert "not enough data yet (19 of 20)" in page(client)
    made(19, ago=600, took=90)
    made(20, ago=9 * 1440, took=90)
    day = reads.day(timezone.now())
    assert day.settled == 20 and day.kept is not None and day.kept.rate == 0.95
    text = page(client)
    link = text.partition('href="/promises/?verdict=settled')[2].partition('"')[0]
    rows = page(client, f"/promises/?verdict=settled{link}".replace("&amp;", "&"))
    assert rows.count("<tr>") == 1 + 20


def test_more_than_a_few_lines_of_a_kind_are_one_line(
    made: Make, signed_in: Callable[[str], Client]
) -> None:
    for number in range(11):
        made(number, ago=600, took=90 + number)
    text = page(signed_in("agent"))
    assert "11 customers to win back." in text and "and 3 more" in text
    assert text.count("Say what happens next</a>") == 8
    assert text.index("broken by 40 minutes") < text.index("broken by 39 minutes")


def test_before_the_first_promise_the_page_says_how_to_begin(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    assert "Start with what you have promised so far." in page(signed_in("owner"))
    assert "Somebody with more rights" in page(signed_in("analyst"))


def test_a_line_that_is_gone_is_not_found(made: Make) -> None:
    with pytest.raises(NotFound):
        reads.fact("broken:p-1", timezone.now(), OWNER)


def test_a_late_complaint_is_set_aside_under_its_own_name(
    made: Make, signed_in: Callable[[str], Client]
) -> None:
    """Whatever stands on the page can be set aside: each kind of line is known."""
    made(1, ago=600, took=90)
    long_ago = timezone.now() - timedelta(days=9)
    case = recovery.open_case(Complaint(text="The lid came broken", name="Anna"), at=long_ago)
    client = signed_in("agent")
    key = f"case:{case.pk}:0:late"
    assert f'value="{key}"' in page(client, "/")
    client.post("/today/mark", {"key": key, "state": "done"})
    assert key not in kinds()
    assert Event.objects.get(name="desk.line_marked").subject == f"case:{case.pk}"
