"""Services, levers, touchpoints and policies, by action and by page."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from overdeliver.apps.business import actions, contacts, listing, models, offering, reads
from overdeliver.apps.business.policy_form import policy_form, read_policy
from overdeliver.apps.business.rules import policy_kinds
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.people.rules import RetentionPolicy
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(shop: object, signed_in: Callable[[str], Client]) -> Client:
    return signed_in("owner")


def test_services_stand_in_the_order_given(shop: object) -> None:
    offering.keep_service(name="Pick-up", lever="time", unit="hours")
    offering.move_service("pick-up", -1)
    assert [one.slug for one in reads.services()] == ["parcel", "pick-up", "courier"]
    offering.move_service("parcel", -1)  # at the top already
    assert [one.slug for one in reads.services()] == ["parcel", "pick-up", "courier"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"lever": "luck"}, "lever"),
        ({"unit": "parsec"}, "unit"),
        ({"unit": "EUR"}, "unit"),
        ({"lever": "cost", "unit": "days"}, "unit"),
        ({"tolerance": -1.0}, "tolerance"),
        ({"fallback": -1.0}, "fallback"),
        ({"lever": "service"}, "classes"),
        ({"lever": "service", "classes": ["A", "A"]}, "classes"),
    ],
)
def test_a_service_that_promises_nothing_is_refused(
    shop: object, change: dict[str, object], field: str
) -> None:
    good: dict[str, object] = {"name": "S", "lever": "time", "unit": "days"}
    with pytest.raises(InputError, match=f"^{field}"):
        offering.keep_service(**{**good, **change})  # type: ignore[arg-type]
    assert models.Service.objects.count() == 2


def test_classes_keep_their_order(shop: object) -> None:
    slug = offering.keep_service(name="Ride", lever="service", unit="", classes=["Low", "High"])
    assert reads.service(slug).classes == ("Low", "High")
    same = {"name": "Ride", "lever": "service", "unit": "class", "slug": slug, "new": False}
    offering.keep_service(**same, classes=["High", "Low"])  # type: ignore[arg-type]
    assert reads.service(slug).classes == ("High", "Low")


def test_the_same_slug_and_none_at_all(shop: object) -> None:
    with pytest.raises(Conflict):
        offering.keep_service(name="P", lever="time", unit="days", slug="parcel")
    with pytest.raises(NotFound):
        offering.keep_service(name="P", lever="time", unit="days", slug="gone", new=False)


def test_a_retired_service_keeps_its_past_and_comes_back(owner: Client) -> None:
    assert owner.post("/settings/services/parcel/retire/").status_code == 302
    assert [one.slug for one in reads.services()] == ["courier"]
    assert reads.service("parcel").active is False
    assert owner.post("/settings/services/parcel/retire/", {"active": "yes"}).status_code == 302
    assert {one.slug for one in reads.services()} == {"parcel", "courier"}


def test_a_service_is_changed_and_taken_back(owner: Client) -> None:
    page = reverse("settings_service", args=["parcel"])
    typed = {"name": "Parcel", "lever": "time", "unit": "days", "tolerance": "1,5", "whole": "yes"}
    wrong = owner.post(page, {**typed, "tolerance": "much", "name": "New name"})
    assert wrong.status_code == 422
    assert 'value="much"' in wrong.content.decode() and "New name" in wrong.content.decode()
    assert owner.post(page, typed).status_code == 302
    assert reads.service("parcel").tolerance == 1.5
    owner.post("/settings/undo/")
    assert reads.service("parcel").tolerance == 0
    assert owner.post("/settings/undo/").status_code == 404


def test_one_lever_per_segment_and_a_warning_for_the_second(owner: Client) -> None:
    offering.keep_service(name="Bill", lever="cost", unit="KZT")
    offering.choose_lever("", "time")
    offering.choose_lever("vip", "cost")
    assert (reads.lever_of("vip"), reads.lever_of("new")) == ("cost", "time")
    assert "Bill" not in owner.get("/settings/levers/").content.decode()
    owner.post("/settings/levers/choose/", {"segment": "vip", "lever": ""})
    assert reads.lever_of("vip") == "time"
    assert "Bill" in owner.get("/settings/levers/").content.decode()
    bill = {"name": "Bill", "lever": "cost", "unit": "KZT", "tolerance": 500.0, "slug": "bill"}
    offering.keep_service(**bill, new=False)  # type: ignore[arg-type]
    assert "Bill" not in owner.get("/settings/levers/").content.decode()


def test_information_past_its_day_is_listed(owner: Client) -> None:
    fresh = contacts.keep_touchpoint(
        name="Site", phase="before", information="Open", information_until=date(2999, 1, 1)
    )
    contacts.keep_touchpoint(
        name="Door", phase="order", information="Sale", information_until=date(2020, 1, 1)
    )
    contacts.keep_touchpoint(name="Call", phase="order", information="Always true")
    assert [one.name for one in listing.touchpoints(stale=True)] == ["Door"]
    page = owner.get("/settings/touchpoints/?stale=yes").content.decode()
    assert "Door" in page and "Site" not in page
    assert '<a href="/settings/touchpoints/?stale=yes">' in owner.get("/settings/").content.decode()
    with pytest.raises(InputError, match="information"):
        contacts.keep_touchpoint(name="X", phase="order", information_until=date(2020, 1, 1))
    contacts.retire_touchpoint(fresh)
    assert fresh not in {one.slug for one in listing.touchpoints()}


def test_every_policy_can_be_read_back_from_its_form(shop: object) -> None:
    kinds = policy_kinds()
    assert {"signing", "retention", "promising"} <= {kind.kind for kind in kinds}
    for kind in kinds:
        form = policy_form(kind())
        assert read_policy(form, kind) == kind(), kind


def test_a_policy_is_changed_listed_and_restored(owner: Client) -> None:
    page = "/settings/policies/retention/"
    wrong = owner.post(f"{page}change/", {"customers_months": "9999", "version": "1"})
    assert wrong.status_code == 422 and 'value="9999"' in wrong.content.decode()
    typed = {"customers_months": "24", "version": "1", "note": "law"}
    assert owner.post(f"{page}change/", typed).status_code == 302
    assert reads.policy(RetentionPolicy).customers_months == 24
    late = owner.post(f"{page}change/", {**typed, "customers_months": "36"})
    assert late.status_code == 409 and 'value="36"' in late.content.decode()
    assert owner.post(f"{page}restore/", {"version": "1"}).status_code == 302
    assert reads.policy(RetentionPolicy) == RetentionPolicy(version=3)
    history = owner.get(page).content.decode()
    assert "owner@example.org" in history  # who set it
    assert "law" in history and history.index("law") > history.index("Version 3")
    assert owner.post(f"{page}restore/", {"version": "77"}).status_code == 404
    assert owner.get("/settings/policies/nonsense/").status_code == 404


def test_tables_of_a_policy_are_typed_in_lines(owner: Client) -> None:
    from overdeliver.apps.quoting.rules.policy import PromisingPolicy

    shop = PromisingPolicy(
        levels={"parcel": 0.95}, prices={"parcel": {"unit_margin": 12.5}}, public=("parcel",)
    )
    actions.set_policy(shop)
    page = owner.get("/settings/policies/promising/").content.decode()
    assert "parcel = 0.95" in page and "parcel.unit_margin = 12.5" in page
    form = policy_form(reads.policy(PromisingPolicy))
    read = read_policy(form, PromisingPolicy)
    assert read is not None and read.data() == shop.data()


def test_agents_see_no_settings_and_managers_manage_nobody(
    shop: object, signed_in: Callable[[str], Client]
) -> None:
    agent, manager = signed_in("agent"), signed_in("manager")
    assert agent.get("/settings/").status_code == 403
    assert manager.get("/settings/").status_code == 200
    assert manager.get("/settings/people/").status_code == 403
    assert manager.get("/settings/keys/").status_code == 403


def test_looking_changes_nothing(owner: Client) -> None:
    for name in ("settings_week", "settings_special", "settings_choose_lever"):
        assert owner.get(reverse(name)).status_code == 405


def test_a_change_of_the_business_is_checked_recorded_and_taken_back(owner: Client) -> None:
    typed = {"name": "New", "country": "RO", "zone": "Europe/Bucharest", "currency": "RON"}
    assert owner.post("/settings/business/", {**typed, "language": "xx"}).status_code == 422
    assert owner.post("/settings/business/", {**typed, "language": "ro"}).status_code == 302
    here = reads.business()
    assert here is not None and (here.name, here.zone) == ("New", "Europe/Bucharest")
    assert journal.life("business:profile")[-1].name == "business.business_changed"
    owner.post("/settings/undo/")
    here = reads.business()
    assert here is not None and (here.name, here.currency) == ("Shop", "KZT")
