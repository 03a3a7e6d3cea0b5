"""Customers as programs find and change them; policies about people that make no sense."""

from collections.abc import Callable

import pytest
from django.test import Client

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.models import Business
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.people import actions, reads
from overdeliver.apps.people.models import Customer
from overdeliver.apps.people.rules import RetentionPolicy, SigningPolicy
from overdeliver.vocabulary.errors import InputError, NotFound

pytestmark = pytest.mark.django_db


def test_a_program_walks_the_customers_page_by_page(
    shop: Business, api: Callable[..., Client]
) -> None:
    for number in range(5):
        actions.keep_customer(f"c-{number}", name=f"Ana {number}")
    program = api("customers.see")
    seen, after = [], ""
    for _ in range(3):
        page = program.get(f"/api/v1/customers?limit=2&after={after}").json()
        seen += [one["reference"] for one in page["items"]]
        after = page["next"]
    assert seen == [f"c-{number}" for number in range(5)] and after == ""


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "9" * 40])
def test_a_page_that_is_none_is_refused(
    shop: Business, api: Callable[..., Client], after: str
) -> None:
    assert api("customers.see").get(f"/api/v1/customers?after={after}").status_code == 422


def test_a_program_finds_by_every_word(shop: Business, api: Callable[..., Client]) -> None:
    actions.keep_customer("c-1", name="João Silva", email="j@example.org")
    actions.keep_customer("c-2", name="João Costa")
    found = api("customers.see").get("/api/v1/customers?q=silva joao").json()["items"]
    assert [one["reference"] for one in found] == ["c-1"]


def test_a_customer_needs_a_reference(shop: Business, api: Callable[..., Client]) -> None:
    program = api("customers.write")
    for reference in ("%20", "x" * 201):
        answer = program.put(
            f"/api/v1/customers/{reference}", {"name": "A"}, content_type="application/json"
        )
        assert answer.status_code == 422, reference
    assert not Customer.objects.exists()
    for reference in (" ", "x" * 201, "a\x00b"):
        with pytest.raises(InputError, match="reference"):
            actions.keep_customer(reference, name="A")


def test_the_same_details_again_are_no_event(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    actions.keep_customer("c-1", name="Bo")
    before = len(journal.life("customer:c-1"))
    assert signed_in("agent").post("/customers/c-1/edit", {"name": "Bo"}).status_code == 302
    assert len(journal.life("customer:c-1")) == before


def test_nobody_can_be_changed_or_looked_up(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    agent = signed_in("agent")
    assert agent.post("/customers/nobody/edit", {"name": "Bo"}).status_code == 404
    assert agent.get("/customers/nobody/").status_code == 404
    with pytest.raises(NotFound):
        actions.change_customer("nobody", name="Bo")
    with pytest.raises(NotFound):
        reads.customer_of(987654)


def test_nothing_typed_finds_nobody_and_words_are_all_needed(shop: Business) -> None:
    one = actions.keep_customer("c-1", name="Zoë Müller", email="z@example.org")
    assert reads.search_ids("  ") == []
    assert reads.search_ids("muller ZOE") == [one]
    assert reads.search_ids("muller nobody") == []
    assert reads.with_address("") == [] and reads.with_address("z@example.org") == [one]
    assert reads.customer_of(one).shown == "Zoë Müller"


@pytest.mark.parametrize(
    ("kind", "wrong", "field"),
    [
        ("signing", {"second_factor_for": "owner\nking"}, "second_factor_for"),
        ("signing", {"invitation_days": "0"}, "invitation_days"),
        ("signing", {"password_link_hours": "169"}, "password_link_hours"),
        ("retention", {"quotes_days": "-1"}, "quotes_days"),
        ("retention", {"uploads_days": "3651"}, "uploads_days"),
        ("retention", {"links_days": "-1"}, "links_days"),
        ("retention", {"customers_months": "601"}, "customers_months"),
    ],
)
def test_a_policy_about_people_that_makes_no_sense_is_refused_at_its_field(
    shop: Business,
    signed_in: Callable[[str], Client],
    kind: str,
    wrong: dict[str, str],
    field: str,
) -> None:
    usual = {
        "signing": {"invitation_days": "3", "password_link_hours": "1"},
        "retention": {"customers_months": "0", "quotes_days": "180", "uploads_days": "180"},
    }
    page = f"/settings/policies/{kind}/change/"
    answer = signed_in("owner").post(page, {**usual[kind], **wrong})
    assert answer.status_code == 422 and answer.context["form"][field].error
    assert business.policy(SigningPolicy) == SigningPolicy()
    assert business.policy(RetentionPolicy) == RetentionPolicy()
