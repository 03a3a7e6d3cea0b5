"""What people see and do on the pages of promises."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from overdeliver.apps.people.card_parts import data_of
from overdeliver.apps.people.reads import customer
from overdeliver.apps.promises import actions
from overdeliver.apps.promises.models import Order, Outcome, Promise, Standing
from tests.apps.conftest import NOON

pytestmark = pytest.mark.django_db
Sign = Callable[[str], Client]
Courier = Callable[..., str]


def text(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


def test_an_empty_list_says_the_next_step(shop: object, signed_in: Sign) -> None:
    page = signed_in("manager").get("/promises/")
    assert page.status_code == 200
    assert "Nothing has been promised yet." in text(page)
    assert 'href="/promises/new/"' in text(page)


def test_the_list_filters_by_verdict_and_by_search(courier: Courier, signed_in: Sign) -> None:
    courier(1, took=45, customer="anna-17")
    courier(2, took=90)
    client = signed_in("agent")
    assert "2 promises." in text(client.get("/promises/"))
    broken = text(client.get("/promises/?verdict=broken"))
    assert "1 promise." in broken and 'href="/promises/p-2/"' in broken
    for wanted in ("p-1", "o-1", "anna-17"):
        found = text(client.get("/promises/", {"q": wanted}))
        assert "1 promise." in found and 'href="/promises/p-1/"' in found, wanted
    assert "No promise matches." in text(client.get("/promises/?q=nobody"))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("segment=regular", 2),
        ("segment=new", 1),
        ("channel=phone", 1),
        ("team=north", 1),
        ("service=courier&lever=time", 3),
        ("lever=cost", 0),
        ("verdict=kept", 2),
        ("level=0.9", 1),
        ("gap_from=10&gap_to=20", 1),
        ("made_from=2000-01-01&made_to=2001-01-01", 0),
    ],
)
def test_every_filter_narrows(courier: Courier, signed_in: Sign, query: str, count: int) -> None:
    courier(1, took=45, level=0.9)
    courier(2, took=60, segment="new", channel="phone")
    courier(3, team="north", took=90)
    page = text(signed_in("analyst").get(f"/promises/?{query}"))
    assert page.count('href="/promises/p-') == count


def test_pages_of_a_list_meet_without_gap_or_repeat(courier: Courier, signed_in: Sign) -> None:
    for number in range(120):
        courier(number, days_ago=1 + (number // 7) / 1000)  # several at the same moment
    client, seen, address = signed_in("manager"), [], "/promises/"
    for _ in range(5):
        page = client.get(address).context["page"]
        seen += [row.reference for row in page.rows]
        if not page.next:
            break
        address = f"/promises/?after={page.next}"
    assert len(seen) == len(set(seen)) == 120
    back = client.get(f"/promises/?before={page.previous}").context["page"]
    assert [row.reference for row in back.rows] == seen[50:100]


@pytest.mark.parametrize("sort", ["made", "due", "gap"])
def test_each_order_pages_through_everything(
    courier: Courier, signed_in: Sign, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        courier(number, took=50 + number % 4, days_ago=1 + number % 3)
    from overdeliver.apps.promises import lists

    client, seen, after = signed_in("manager"), [], ""
    for _ in range(9):
        page = lists.promises(lists.Filter(sort=sort), after=after, limit=2)
        seen += list(page.rows)
        after = page.next
        if not after:
            break
    assert len({row.reference for row in seen}) == 9
    if sort == "gap":
        assert [row.gap for row in seen] == sorted(row.gap or 0 for row in seen)
    assert client.get(f"/promises/?sort={sort}").status_code == 200


@pytest.mark.parametrize(
    "query", ["after=nonsense", "verdict=lost", "made_from=yesterday", "sort=x"]
)
def test_an_address_that_means_nothing_is_refused(
    shop: object, signed_in: Sign, query: str
) -> None:
    assert signed_in("manager").get(f"/promises/?{query}").status_code == 422


def test_the_download_is_the_filtered_list_and_runs_no_formula(
    courier: Courier, signed_in: Sign
) -> None:
    courier(1, took=45, customer='=HYPERLINK("http://evil")')
    courier(2, took=90)
    response = signed_in("agent").get("/promises.csv?verdict=exceeded")
    content = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [row["reference"] for row in rows] == ["p-1"]
    assert rows[0]["customer_reference"].startswith("'=")
    assert float(rows[0]["gap"]) == pytest.approx(15)


def test_the_download_needs_its_right(courier: Courier) -> None:
    assert Client().get("/promises.csv").status_code == 302


def test_an_outcome_is_recorded_and_corrected_by_hand(courier: Courier, signed_in: Sign) -> None:
    promise, client = courier(1), signed_in("agent")
    made = Promise.objects.get().made_at
    for minutes in (90, 45):
        at = timezone.localtime(made + timedelta(minutes=minutes), timezone=_almaty())
        sent = {"happened_at": at.strftime("%Y-%m-%dT%H:%M:%S.%f")}
        assert client.post(f"/promises/{promise}/outcome", sent).status_code == 302
    page = text(client.get(f"/promises/{promise}/"))
    assert Outcome.objects.count() == 2
    assert Standing.objects.get().verdict == "exceeded"
    assert "corrected later" in page and "15 minutes early" in page
    assert "The outcome was corrected" in page


def _almaty() -> object:
    from zoneinfo import ZoneInfo

    return ZoneInfo("Asia/Almaty")


def test_a_wrong_outcome_is_said_at_its_form(courier: Courier, signed_in: Sign) -> None:
    promise = courier(1)
    later = (timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    page = signed_in("agent").post(f"/promises/{promise}/outcome", {"happened_at": later})
    assert page.status_code == 422
    assert 'id="outcome-wrong"' in text(page) and later in text(page)
    assert not Outcome.objects.exists()


def test_a_promise_is_revised_and_both_stay(courier: Courier, signed_in: Sign) -> None:
    promise, client = courier(1), signed_in("manager")
    due = timezone.localtime(timezone.now() + timedelta(days=1), timezone=_almaty())  # type: ignore[arg-type]
    sent = {"due_at": due.strftime("%Y-%m-%dT%H:%M"), "words": "by tomorrow noon"}
    assert client.post(f"/promises/{promise}/revise", sent).status_code == 302
    assert Promise.objects.count() == 2
    page = text(client.get(f"/promises/{promise}/"))
    assert "the original" in page and "revision 1" in page and "by tomorrow noon" in page
    again = client.post(f"/promises/{promise}/revise", sent)
    assert again.status_code == 422 and "revised already" in text(again)


def test_an_analyst_reads_and_does_not_write(courier: Courier, signed_in: Sign) -> None:
    promise, client = courier(1), signed_in("analyst")
    assert "Record the outcome" not in text(client.get(f"/promises/{promise}/"))
    for door in ("outcome", "revise"):
        assert client.post(f"/promises/{promise}/{door}", {"actual": "1"}).status_code == 403
    assert client.get("/promises/new/").status_code == 403
    assert client.get(f"/promises/{promise}/outcome").status_code in (403, 405)


def test_a_promise_given_on_the_phone(estimates: object, signed_in: Sign) -> None:
    client = signed_in("agent")
    assert "Crown" in text(client.get("/promises/new/"))
    sent = {"service": "crown", "promised": "1 200,50", "customer": "c-9", "source": "staff"}
    page = client.post("/promises/new/", {**sent, "words": "1200 at the most"}, follow=True)
    assert "at most €1,200" in text(page)
    made = Promise.objects.get()
    assert (made.promised, made.unit, made.source) == (1200.5, "EUR", "staff")
    assert Order.objects.get().customer_id is not None


@pytest.mark.parametrize("typed", [{"promised": "dear"}, {"promised": "-1"}, {"promised": ""}])
def test_a_promise_that_promises_nothing_is_said_at_its_form(
    estimates: object, signed_in: Sign, typed: dict[str, str]
) -> None:
    page = signed_in("agent").post("/promises/new/", {"service": "crown", "order": "o-7", **typed})
    assert page.status_code == 422 and 'id="terms-wrong"' in text(page)
    assert 'value="o-7"' in text(page)
    assert not Promise.objects.exists() and not Order.objects.exists()


def test_a_dated_promise_runs_until_the_end_of_that_day(shop: object, signed_in: Sign) -> None:
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    signed_in("agent").post("/promises/new/", {"service": "parcel", "due_at": day})
    due = Promise.objects.get().due_at
    assert due is not None
    there = due.astimezone(_almaty())  # type: ignore[arg-type]
    assert (there.date().isoformat(), there.hour, there.minute) == (day, 23, 59)


def test_the_order_page_says_what_comes_next(order: str, signed_in: Sign) -> None:
    actions.make_promise(order, lever="time", unit="minutes", promised=30, made_at=NOON)
    client = signed_in("manager")
    client.post(f"/orders/{order}/next", {"next_step": "We call you at six."})
    page = text(client.get(f"/orders/{order}/"))
    assert "We call you at six." in page and "1 promise about order o-1." in page
    wrong = client.post(f"/orders/{order}/next", {"next_step": "x" * 301})
    assert wrong.status_code == 422 and 'id="next-wrong"' in text(wrong)


def test_cancelling_is_a_post_and_makes_open_promises_unknown(
    courier: Courier, signed_in: Sign
) -> None:
    courier(1, promised=60 * 24 * 30)
    client = signed_in("manager")
    assert client.get("/orders/o-1/cancel").status_code == 405
    assert client.post("/orders/o-1/cancel").status_code == 302
    assert Standing.objects.get().verdict == "unknown"


@pytest.mark.parametrize(
    "path",
    ["/promises/none/", "/orders/none/", "/promises/%00/", "/orders/o%00/", "/why/promise:%00/"],
)
def test_what_is_not_there_is_not_found(shop: object, signed_in: Sign, path: str) -> None:
    assert signed_in("manager").get(path).status_code == 404


@pytest.mark.parametrize("tongue", ["en", "pt", "ru", "ro", "kk"])
def test_every_page_speaks_every_language(
    courier: Courier, signed_in: Sign, tongue: str, caplog: pytest.LogCaptureFixture
) -> None:
    courier(1, took=45, customer="c-1")
    client = signed_in("manager")
    client.cookies["language"] = tongue
    for path in ("/promises/", "/promises/p-1/", "/orders/o-1/", "/promises/new/", "/reliability/"):
        page = client.get(path)
        assert page.status_code == 200
        assert f'lang="{tongue}"' in text(page)
    assert not [one for one in caplog.records if "no word" in one.getMessage()]


def test_a_customers_card_shows_promises_and_opens_to_them(
    courier: Courier, signed_in: Sign
) -> None:
    courier(1, took=45, customer="c-1")
    courier(2, took=90, customer="c-1")
    courier(3, took=90, customer="c-2")
    client = signed_in("manager")
    page = text(client.get("/customers/c-1/"))
    assert 'href="/promises/p-1/"' in page and 'href="/promises/p-2/"' in page
    assert "/promises/p-3/" not in page
    assert client.get("/promises/?customer=c-1&verdict=broken").context["found"] == 1


def test_a_customers_data_hold_orders_promises_and_outcomes(courier: Courier) -> None:
    courier(1, took=45, customer="c-1")
    courier(2, customer="c-2")
    given = data_of(customer("c-1").id)["promises"]
    assert [one["order"] for one in given] == ["o-1"]
    assert given[0]["promises"][0]["outcomes"][0]["actual"] == pytest.approx(45)
