"""Customers: details, search, consent, a person's data, erasure, retention."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business import actions as business
from overdeliver.apps.business.models import Business
from overdeliver.apps.journal import jobs as journal_jobs
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.people import actions, card_parts, export, jobs, listing, reads
from overdeliver.apps.people.bulk import keep_customers
from overdeliver.apps.people.models import Consent, Customer
from overdeliver.apps.people.rules import RetentionPolicy
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound

pytestmark = pytest.mark.django_db


def test_details_are_kept_as_they_can_be_used(shop: Business) -> None:
    actions.keep_customer("c-1", phone="8 701 123 45 67", email="A@Example.ORG", language="kk-KZ")
    card = reads.customer("c-1")
    assert (card.phone, card.email, card.language) == ("+77011234567", "A@example.org", "kk")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("phone", "ask at the desk"),
        ("postal", "\n".join("line" for _ in range(7))),
        ("language", "klingon"),
        ("zone", "Mars/Base"),
        ("colour", "blue"),
    ],
)
def test_details_that_are_none_are_refused(shop: Business, field: str, value: str) -> None:
    with pytest.raises(InputError, match=field):
        actions.keep_customer("c-1", **{field: value})
    assert not Customer.objects.exists()


def test_an_import_keeps_what_it_cannot_read(shop: Business) -> None:
    actions.keep_customer("c-1", batch="b", phone="ask at the desk", zone="Mars/Base", name="A")
    card = reads.customer("c-1")
    assert (card.phone, card.zone, card.name) == ("ask at the desk", "", "A")


def test_an_empty_text_changes_nothing_by_program_and_clears_by_hand(shop: Business) -> None:
    actions.keep_customer("c-1", name="A", email="a@example.org")
    actions.keep_customer("c-1", name="", email="b@example.org")
    assert reads.customer("c-1").name == "A"
    actions.change_customer("c-1", name="", email="b@example.org")
    assert reads.customer("c-1").name == ""
    assert journal.life("customer:c-1")[-1].data == {"fields": ["name"]}


@pytest.mark.parametrize(
    "looked_for",
    ["joao", "JOÃO stef", "stefan", "айгерім", "АЙГЕРІМ", "example.org", "c-9", "(701) 123-45-67"],
)
def test_search_minds_no_accent_case_or_script(shop: Business, looked_for: str) -> None:
    actions.keep_customer(
        "c-9", name="João Ștefan Айгерім", email="j@example.org", phone="+7 701 123 45 67"
    )
    actions.keep_customer("x-1", name="Somebody else")
    found = [row.reference for row in listing.customers(looked_for).rows]
    assert found == ["c-9"]


def test_the_list_is_walked_by_keys_both_ways(shop: Business) -> None:
    for number in range(120):
        actions.keep_customer(f"c-{number}", segment="a" if number % 2 else "b")
    first = listing.customers()
    second = listing.customers(after=first.next)
    third = listing.customers(after=second.next)
    seen = [row.reference for page in (first, second, third) for row in page.rows]
    assert seen == [f"c-{n}" for n in range(119, -1, -1)]
    assert (first.previous, third.next) == (None, None)
    assert listing.customers(before=second.previous).rows == first.rows
    assert [r.segment for r in listing.customers(segment="a").rows] == ["a"] * 50
    assert listing.segments() == ["a", "b"]


def test_consent_is_per_purpose_and_the_latest_counts(shop: Business) -> None:
    one = actions.keep_customer("c-1")
    assert reads.agreed_to("service", [one]) == {one}
    assert reads.agreed_to("marketing", [one]) == set()
    actions.note_consent("c-1", "marketing", True, source="checkout", text="Send me news")
    assert reads.agreed_to("marketing", [one]) == {one}
    actions.note_consent("c-1", "marketing", True, source="page")
    assert Consent.objects.count() == 1  # the same again says nothing new
    actions.note_consent("c-1", "marketing", False, source="unsubscribe")
    actions.note_consent("c-1", "service", False, source="phone")
    assert reads.agreed_to("marketing", [one]) == reads.agreed_to("service", [one]) == set()
    with pytest.raises(InputError, match="purpose"):
        actions.note_consent("c-1", "spying", True, source="page")
    with pytest.raises(NotFound):
        actions.note_consent("c-2", "marketing", True, source="page")


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_a_consent(shop: Business, change: str) -> None:
    actions.keep_customer("c-1")
    actions.note_consent("c-1", "marketing", True, source="page")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        if change == "update":
            Consent.objects.update(given=False)
        else:
            Consent.objects.all()._raw_delete("default")


def test_the_card_keeps_what_was_typed_and_writes_consent(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    agent = signed_in("agent")
    actions.keep_customer("c/ 7", name="A")
    page = "/customers/c/%207/"
    assert agent.get(page).status_code == 200
    wrong = agent.post(f"{page}edit", {"name": "Bo", "email": "nobody", "phone": "", "segment": ""})
    assert wrong.status_code == 422 and 'value="nobody"' in wrong.content.decode()
    assert agent.post(f"{page}edit", {"name": "Bo"}).status_code == 302
    assert reads.customer("c/ 7").name == "Bo"
    said = {"purpose": "marketing", "given": "yes", "source": "phone"}
    assert agent.post(f"{page}consent", said).status_code == 302
    assert agent.post(f"{page}consent", {**said, "source": ""}).status_code == 422
    assert agent.post(f"{page}export").status_code == 403
    assert agent.get(f"{page}erase").status_code == 403


@pytest.fixture
def held() -> Iterator[dict[int, str]]:
    """Another chapter that holds something about customers."""
    notes: dict[int, str] = {}
    card_parts.gives_data("test_notes")(lambda number: notes.get(number))
    yield notes
    card_parts._DATA.pop("test_notes")


def test_a_persons_data_are_whole(
    shop: Business, signed_in: Callable[[str], Client], held: dict[int, str]
) -> None:
    number = actions.keep_customer("c-1", name="Әйгерім", email="a@example.org")
    actions.note_consent("c-1", "asking", True, source="page", text="Ask me")
    held[number] = "likes tea"
    answer = signed_in("owner").post("/customers/c-1/export")
    data = answer.json()
    assert data["customer"]["name"] == "Әйгерім" and data["test_notes"] == "likes tea"
    assert data["consents"][0]["text"] == "Ask me"
    assert "Әйгерім" in answer.content.decode()
    assert journal.life("customer:c-1")[-1].name == "people.customer_exported"


def test_erasure_takes_two_steps_and_leaves_no_name_in_any_table(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    from overdeliver.apps.promises import actions as promises

    name, mail = "Zhanerke Unmistakable", "unmistakable@example.org"
    owner = signed_in("owner")
    actions.keep_customer("c-1", name=name, email=mail, phone="+77015554433", segment="unmistaken")
    actions.note_consent("c-1", "stories", True, source="page", text=f"I, {name}, agree")
    promises.place_order(
        "o-1", placed_at=datetime(2026, 3, 5, tzinfo=UTC), customer="c-1", service="parcel"
    )
    promises.make_promise("o-1", lever="time", unit="days", promised=3, whole=True)
    assert _tables_with("Unmistakable") >= {"people_customer", "people_consent"}
    assert owner.get("/customers/c-1/erase").status_code == 200
    assert owner.post("/customers/c-1/erase", {"confirm": "c-2"}).status_code == 422
    assert reads.customer("c-1").name == name
    assert owner.post("/customers/c-1/erase", {"confirm": "c-1"}).status_code == 302
    journal_jobs.deliver_due()
    for trace in ("Unmistakable", "unmistakable", "77015554433", "unmistaken"):
        assert _tables_with(trace) == set(), trace
    assert promises.make_promise("o-1", lever="time", unit="days", promised=4)  # the ledger stands
    card = owner.get("/customers/c-1/")
    assert card.status_code == 200 and name not in card.content.decode()
    assert listing.customers("unmistakable").rows == []
    with pytest.raises(Conflict):
        actions.change_customer("c-1", name="again")
    actions.keep_customer("c-1", name="again")  # the shop sends him again: nothing is kept
    assert reads.customer("c-1").name == ""
    assert actions.erase_customer("c-1") is False


def _tables_with(text: str) -> set[str]:
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("django_session"):
                continue
            cursor.execute(f'SELECT * FROM "{table}"')
            if any(text in str(value) for row in cursor.fetchall() for value in row):
                found.add(table)
    return found


def test_retention_is_off_until_somebody_says_so_and_counts_from_the_last_event(
    shop: Business,
) -> None:
    seen: dict[int, datetime] = {}
    card_parts.knows_last_seen("test_seen")(lambda ids: {n: seen[n] for n in ids if n in seen})
    try:
        old, active = actions.keep_customer("old", name="Old"), actions.keep_customer("b", name="B")
        fresh = actions.keep_customer("fresh", name="Fresh")
        long_ago = timezone.now() - timedelta(days=800)
        Customer.objects.filter(pk__in=[old, active]).update(created_at=long_ago)
        seen[active] = timezone.now() - timedelta(days=10)
        assert jobs.forget_due() == 0
        business.set_policy(RetentionPolicy(customers_months=24))
        assert jobs.forget_due() == 2
        kept = set(Customer.objects.filter(erased_at=None).values_list("pk", flat=True))
        assert kept == {active, fresh}
        assert journal.life("customer:old")[-1].data["because"] == "retention"
        assert jobs.forget_due() == 0  # the active one is not looked at again before its time
    finally:
        card_parts._SEEN.pop("test_seen")


def test_parts_of_other_chapters_stand_on_the_card_in_their_order(shop: Business) -> None:
    known = dict(card_parts._PARTS)
    try:
        card_parts.shows_part("late", place=90)(lambda n: ("late.html", {"n": n}))
        card_parts.shows_part("early", place=-5)(lambda n: ("early.html", {"n": n}))
        card_parts.shows_part("none", place=-9)(lambda n: None)
        number = actions.keep_customer("c-1")
        shown = [template for template, _ in card_parts.parts_of(number)]
        assert shown[0] == "early.html" and shown.index("late.html") > 0
    finally:
        card_parts._PARTS.clear()
        card_parts._PARTS.update(known)


def test_the_export_of_nobody() -> None:
    with pytest.raises(NotFound):
        export.person("nobody")


def test_a_postal_address_keeps_its_lines_and_goes_with_the_person(shop: Business) -> None:
    actions.keep_customer("c-1", name="Ana", postal="  Strada  Lungă 5 \r\n\nIași\nRomânia ")
    assert reads.customer("c-1").postal == "Strada Lungă 5\nIași\nRomânia"
    assert export.person("c-1")["customer"]["postal"].endswith("România")
    actions.erase_customer("c-1")
    assert reads.customer("c-1").postal == ""


def test_many_at_once_are_tidied_as_each_would_be(shop: Business) -> None:
    rows = {
        "reference": ["c-1", "c-2"],
        "phone": ["8 (701) 123-45-67", "ask at the desk"],
        "email": ["A@Example.org", ""],
    }
    keep_customers(pa.table(rows), batch="one")
    keep_customers(pa.table({"reference": ["c-2"], "phone": ["no phone yet"]}), batch="two")
    kept = dict(Customer.objects.values_list("reference", "phone"))
    assert kept == {"c-1": "+77011234567", "c-2": "no phone yet"}
    assert Customer.objects.get(reference="c-1").email == "A@example.org"
