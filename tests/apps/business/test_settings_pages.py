"""The pages of Settings: touchpoints, hours, services and levers, with what they refuse."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.test import Client

from overdeliver.apps.business import actions, contacts, listing, models, offering, opening, reads
from overdeliver.apps.business.models import Business
from overdeliver.apps.journal import reads as journal
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound

pytestmark = pytest.mark.django_db
NEW = "/settings/touchpoints/new/"
DOOR = {"name": "Door", "phase": "order", "information": "Ring twice", "owner": "Ana"}


@pytest.fixture
def owner(shop: Business, signed_in: Callable[[str], Client]) -> Client:
    return signed_in("owner")


def test_a_touchpoint_is_added_changed_and_taken_back(owner: Client) -> None:
    typed = {**DOOR, "information_until": "2999-12-31"}
    assert owner.post(NEW, typed).headers["Location"] == "/settings/touchpoints/"
    page = "/settings/touchpoints/door/"
    assert owner.post(page, {**typed, "name": "Gate", "information_until": ""}).status_code == 302
    card = listing.touchpoint("door")
    assert (card.name, card.owner, card.information_until) == ("Gate", "Ana", None)
    owner.post("/settings/undo/")
    card = listing.touchpoint("door")
    assert (card.name, card.information_until) == ("Door", date(2999, 12, 31))
    assert [one.data["change"] for one in journal.life("touchpoint:door")] == [
        "added",
        "changed",
        "changed",
    ]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"phase": "never"}, "phase"),
        ({"information": "", "information_until": "2030-01-01"}, "information"),
        ({"information_until": "soon"}, "information_until"),
    ],
)
def test_a_touchpoint_that_is_wrong_is_refused_at_its_field(
    owner: Client, wrong: dict[str, str], field: str
) -> None:
    answer = owner.post(NEW, {**DOOR, **wrong})
    assert answer.status_code == 422 and answer.context["form"][field].error
    assert answer.context["form"]["owner"].value == "Ana"
    assert not models.Touchpoint.objects.exists()


def test_saving_a_touchpoint_unchanged_is_no_event(owner: Client) -> None:
    owner.post(NEW, DOOR)
    owner.post("/settings/touchpoints/door/", DOOR)
    assert len(journal.life("touchpoint:door")) == 1


def test_a_touchpoint_leaves_the_map_and_comes_back(owner: Client) -> None:
    owner.post(NEW, DOOR)
    for active in ("", "", "yes", "yes"):
        owner.post("/settings/touchpoints/door/retire/", {"active": active})
        assert listing.touchpoint("door").active is bool(active)
        shown = owner.get("/settings/touchpoints/").context
        assert (shown["total"], len(shown["retired"])) == ((1, 0) if active else (0, 1))
    told = [one.data["change"] for one in journal.life("touchpoint:door")]
    assert told == ["added", "retired", "taken_up"]


def test_the_map_is_filtered_by_phase_and_by_words(owner: Client) -> None:
    owner.post(NEW, DOOR)
    owner.post(NEW, {"name": "Call", "phase": "after", "expected": "Thanks"})
    for query, found in (("phase=after", ["call"]), ("q=RING", ["door"]), ("q=nothing", [])):
        shown = owner.get(f"/settings/touchpoints/?{query}").context
        assert [card.slug for _, cards in shown["groups"] for card in cards] == found, query
        assert (shown["filtered"], shown["total"]) == (True, 2)


def test_touchpoints_of_one_name_have_addresses_of_their_own(owner: Client) -> None:
    for _ in range(3):
        owner.post(NEW, DOOR)
    assert {one.slug for one in listing.touchpoints()} == {"door", "door-2", "door-3"}
    with pytest.raises(Conflict):
        contacts.keep_touchpoint(name="Door", phase="order", slug="door")


def test_what_is_not_there_is_not_found(owner: Client) -> None:
    for path in (
        "touchpoints/nothing/",
        "touchpoints/nothing/retire/",
        "services/nothing/",
        "services/nothing/retire/",
        "services/nothing/move/",
    ):
        assert owner.post(f"/settings/{path}", DOOR).status_code == 404, path
    with pytest.raises(NotFound):
        contacts.keep_touchpoint(name="Door", phase="order", slug="nothing", new=False)


def test_a_service_is_moved_by_its_buttons(owner: Client) -> None:
    assert [one.slug for one in reads.services()] == ["parcel", "courier"]
    for way, order in (("down", ["courier", "parcel"]), ("up", ["parcel", "courier"])):
        assert owner.post("/settings/services/parcel/move/", {"way": way}).status_code == 302
        assert [one.slug for one in reads.services()] == order
        shown = owner.get("/settings/services/").context["services"]
        assert [one.slug for one in shown] == order


def test_a_new_service_is_made_on_its_page_and_a_wrong_one_is_not(owner: Client) -> None:
    page = "/settings/services/new/"
    typed = {"name": "Ride", "lever": "service", "unit": "class", "classes": "Low\n\n High \n"}
    wrong = owner.post(page, {**typed, "classes": "Low"})
    assert wrong.status_code == 422 and wrong.context["form"]["classes"].error
    assert owner.post(page, typed).status_code == 302
    assert reads.service("ride").classes == ("Low", "High")
    told = len(journal.life("service:ride"))
    assert owner.post("/settings/services/ride/", typed).status_code == 302  # as it was
    assert len(journal.life("service:ride")) == told
    assert owner.post("/settings/services/ride/retire/", {"active": "yes"}).status_code == 302
    assert len(journal.life("service:ride")) == told  # it was active already


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"segment": "", "lever": "luck"}, "lever"),
        ({"segment": "x" * 101, "lever": "time"}, "segment"),
    ],
)
def test_a_lever_that_is_none_is_refused_and_chooses_nothing(
    owner: Client, typed: dict[str, str], field: str
) -> None:
    answer = owner.post("/settings/levers/choose/", typed)
    assert answer.status_code == 422 and answer.context["form"][field].error
    assert listing.levers() == {}


def test_choosing_the_same_lever_again_is_no_event(owner: Client) -> None:
    for _ in range(2):
        owner.post("/settings/levers/choose/", {"segment": " vip  guests ", "lever": "time"})
    assert listing.levers() == {"vip guests": "time"}
    assert len(journal.life("segment:vip guests")) == 1
    offering.choose_lever("nobody", "")  # nothing was chosen: nothing to take away
    assert journal.life("segment:nobody") == []


@time_machine.travel(datetime(2026, 2, 6, 12, tzinfo=UTC), tick=False)
def test_a_day_of_its_own_is_refused_where_it_is_wrong(owner: Client) -> None:
    page = "/settings/hours/day/"
    good = {"day": "2026-02-09", "name": "Sale", "hours": "9-13"}
    for wrong, field in (
        ({"day": ""}, "day"),
        ({"day": "9 February"}, "day"),
        ({"hours": "from nine"}, "hours"),
        ({"hours": "9-25"}, "hours"),
        ({"name": "x" * 201}, "name"),
    ):
        answer = owner.post(page, {**good, **wrong})
        assert answer.status_code == 422, wrong
        assert answer.context["special_form"][field].error, wrong
    answer = owner.post(page, {**good, "hours": "9-13, 12-14"})
    assert answer.status_code == 422 and answer.context["special_form"].error
    assert not models.SpecialDay.objects.exists()
    assert owner.post(page, good).status_code == 302
    assert listing.special_days() == [
        listing.SpecialDayCard(date(2026, 2, 9), "Sale", ((time(9), time(13)),))
    ]


def test_a_week_that_overlaps_is_refused_on_its_page(owner: Client) -> None:
    answer = owner.post("/settings/hours/week/", {"day-0": "9-13, 12-14"})
    assert answer.status_code == 422 and answer.context["week_form"].error
    assert not models.Shift.objects.exists()


def test_a_day_that_is_no_day_is_not_dropped_and_dropping_nothing_is_no_event(
    owner: Client,
) -> None:
    assert owner.post("/settings/hours/day/drop/", {"day": "soon"}).status_code == 422
    assert owner.post("/settings/hours/day/drop/", {"day": "2026-02-09"}).status_code == 302
    assert journal.life("business:hours") == []


@time_machine.travel(datetime(2026, 2, 6, 12, tzinfo=UTC), tick=False)
def test_a_business_that_is_never_open_says_so_and_its_page_stands(owner: Client) -> None:
    """Every day of opening is closed by hand: there is no next opening to tell."""
    opening.set_week((((time(9), time(10)),), *((),) * 6))
    for week in range(60 * 9):
        day = date.fromordinal(date(2026, 2, 9).toordinal() + 7 * week)
        models.SpecialDay.objects.create(day=day, name="")
    shown = owner.get("/settings/hours/").context
    assert shown["next_open"] is None and shown["open_now"] is False


def test_a_country_without_known_holidays_has_none(owner: Client) -> None:
    actions.change_business(country="IC")
    assert owner.get("/settings/hours/").context["holidays"] == []
    assert owner.get("/settings/").context["holidays"] == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"country": "ZZ"}, "country"),  # what tables of countries call an unknown region
        ({"country": "Utopia"}, "country"),
        ({"zone": "Mars/Base"}, ""),
        ({"currency": "XYZ"}, "currency"),
        ({"language": "xx"}, "language"),
    ],
)
def test_a_profile_that_is_wrong_changes_nothing(
    owner: Client, wrong: dict[str, str], field: str
) -> None:
    good = {"name": "New", "country": "RO", "zone": "Europe/Bucharest", "currency": "RON"}
    answer = owner.post("/settings/business/", {**good, "language": "ro", **wrong})
    assert answer.status_code == 422
    form = answer.context["form"]
    assert form[field].error if field else form.error
    here = reads.business()
    assert here is not None and here.name == "Shop"


def test_a_profile_saved_unchanged_is_no_event(owner: Client, shop: Business) -> None:
    same = {name: getattr(shop, name) for name in actions.PROFILE}
    assert owner.post("/settings/business/", same).status_code == 302
    assert journal.life("business:profile") == []


def test_there_is_one_business_and_before_it_nothing_to_change(db: None) -> None:
    with pytest.raises(NotFound, match="not been set up"):
        actions.change_business(name="New")
    with pytest.raises(NotFound, match="not been set up"):
        actions.ask_for_demo()
    actions.begin("webshop", "en", "Shop", "KZ", "Asia/Almaty", "KZT")
    with pytest.raises(Conflict, match="set up already"):
        actions.begin("pizza", "en", "Second", "KZ", "Asia/Almaty", "KZT")
    with pytest.raises(InputError, match="colour"):
        actions.change_business(colour="blue")
    here = reads.business()
    assert here is not None and here.kind == "webshop"


def test_made_up_data_are_filled_in_by_one_worker_and_asked_for_once(
    owner: Client, shop: Business
) -> None:
    assert owner.post("/welcome/look-around/").status_code == 302
    assert owner.post("/welcome/look-around/").status_code == 409
    assert actions.take_demo() is True
    assert actions.take_demo() is False  # another worker has it
    actions.give_back_demo()  # it failed
    assert actions.take_demo() is True
    with time_machine.travel(datetime.now(UTC) + actions.DEMO_LEASE * 2):
        assert actions.take_demo() is True  # the one who had it was killed
    actions.demo_done()
    assert actions.take_demo() is False
    here = reads.business()
    assert here is not None and here.made_up == "done"
