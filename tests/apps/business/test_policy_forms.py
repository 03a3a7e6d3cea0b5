"""Policies as they are typed: tables in lines, numbers, lists, and what is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.http import QueryDict
from django.test import Client

from overdeliver.apps.business import actions, reads
from overdeliver.apps.business.fields import Field, Form, plain_number, read_number
from overdeliver.apps.business.policy_form import (
    policy_form,
    policy_words,
    read_policy,
    shown_value,
)
from overdeliver.apps.business.rules import Policy
from overdeliver.apps.quoting.rules.policy import PromisingPolicy
from overdeliver.vocabulary.errors import InputError

pytestmark = pytest.mark.django_db
PAGE = "/settings/policies/promising/change/"


@dataclass(frozen=True, kw_only=True)
class Tried(Policy):
    """A policy of these tests alone."""

    kind: ClassVar[str] = "tried-test"
    limits: tuple[float, ...] = (1.0,)
    most: float | None = None
    count: int = 3
    note_text: str = "as always"


@pytest.fixture
def owner(shop: object, signed_in: Callable[[str], Client]) -> Client:
    return signed_in("owner")


@pytest.fixture
def typed(owner: Client) -> dict[str, str]:
    """What the page of the promising policy shows, as a browser would send it back."""
    form = owner.get("/settings/policies/promising/").context["form"]
    return {one.name: one.value for one in form}


def filled(policy: Policy, **given: str) -> Form:
    form = policy_form(policy)
    query = QueryDict(mutable=True)
    query.update({one.name: one.value for one in form} | given)
    form.fill(query)
    return form


def test_a_table_is_read_from_its_lines(owner: Client, typed: dict[str, str]) -> None:
    levels = "\nparcel = 0,95\n\n courier=0.8 \n"
    prices = "parcel.unit_margin = 12,5\nparcel.grace = 1"
    assert owner.post(PAGE, {**typed, "levels": levels, "prices": prices}).status_code == 302
    found = reads.policy(PromisingPolicy)
    assert found.levels == {"parcel": 0.95, "courier": 0.8}
    assert found.prices_of("parcel")["unit_margin"] == 12.5
    assert found.prices_of("courier")["unit_margin"] == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("levels", "parcel: 0.95"),
        ("levels", "parcel"),
        ("levels", "parcel = much"),
        ("levels", "parcel = nan"),
        ("prices", "parcel.unit_margin ="),
        ("prices", "parcel = 1\nparcel.unit_margin = 2"),
        ("prices", "parcel.unit_margin = 2\nparcel = 1"),
    ],
)
def test_a_line_that_is_no_pair_is_said_and_what_was_typed_stays(
    owner: Client, typed: dict[str, str], name: str, text: str
) -> None:
    answer = owner.post(PAGE, {**typed, name: text})
    assert answer.status_code == 422
    field = answer.context["form"][name]
    assert field.error and field.value == text
    assert reads.policy(PromisingPolicy) == PromisingPolicy()


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": "1"},
        {"level": "much"},
        {"levels": "parcel.deep = 0.9"},
        {"levels": "parcel = 1.5"},
        {"prices": "parcel = 12"},
        {"prices": "parcel.unit_margin.deep = 12"},
        {"valid_hours": "0"},
        {"widest": "0.5"},
        {"least_outcomes": "-1"},
        {"false_alarms": "2"},
    ],
)
def test_a_promising_policy_that_makes_no_sense_is_refused(
    owner: Client, typed: dict[str, str], wrong: dict[str, str]
) -> None:
    answer = owner.post(PAGE, {**typed, **wrong})
    assert answer.status_code == 422
    assert reads.policy(PromisingPolicy) == PromisingPolicy()


def test_lists_of_numbers_are_read_line_by_line_and_texts_as_they_stand(shop: object) -> None:
    form = filled(Tried(), limits="1,5", most="2.5", count="4", note_text=" other ")
    assert read_policy(form, Tried) == Tried(
        limits=(1.0, 5.0), most=2.5, count=4, note_text="other"
    )
    form = filled(Tried(), limits="some", most="", count="")
    assert read_policy(form, Tried) == Tried(limits=("some",))  # type: ignore[arg-type]
    assert read_policy(filled(Tried(), most="much"), Tried) is None


def test_a_policy_nobody_has_named_is_called_by_its_own_name(shop: object) -> None:
    assert policy_words(Tried, "title") == "tried-test"
    assert policy_words(Tried, "note_text") == "note text"
    assert policy_words(Tried, "about") == ""


def test_values_are_shown_in_one_line(shop: object) -> None:
    shown = [shown_value(one) for one in (True, False, (), ("a", 2.0), {}, None, "", "x", 0.5)]
    assert shown == ["yes", "no", "–", "a, 2", "–", "–", "–", "x", "0.5"]
    assert shown_value({"parcel": {"grace": 1.0}, "all": 0.9}) == "parcel.grace = 1; all = 0.9"


def test_a_policy_without_a_kind_is_not_kept(shop: object) -> None:
    with pytest.raises(InputError, match="no kind"):
        actions.set_policy(Policy())


def test_a_version_that_is_none_is_not_found(owner: Client) -> None:
    page = "/settings/policies/retention/"
    for version in ("9" * 5000, "-1", "", "two"):
        assert owner.post(f"{page}restore/", {"version": version}).status_code == 404
        answer = owner.post(f"{page}change/", {"customers_months": "1", "version": version})
        assert answer.status_code == 302


def test_numbers_are_read_as_people_type_them() -> None:
    assert [read_number(one) for one in ("1 200,5", "1\u202f200", "-3", ".5")] == [
        1200.5,
        1200.0,
        -3.0,
        0.5,
    ]
    for wrong in ("", "1,2,3", "1e999", "nan", "1.2.3"):
        with pytest.raises(ValueError):
            read_number(wrong)
    assert plain_number(1234.5) == "1234.5"


def test_the_first_thing_said_about_a_field_stays() -> None:
    form = Form(Field("name", "Name", hint="Yours"))
    form.wrong("name", "first")
    form.wrong("name", "second")
    assert form["name"].error == "first" and form["name"].described == "name-hint name-error"
    form.refuse(InputError("elsewhere: not of this form"))
    assert form.error == "elsewhere: not of this form" and not form.right
