"""Every page of customers, people and settings, in five languages, full and empty."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from overdeliver.apps.business import actions as business
from overdeliver.apps.business import contacts
from overdeliver.apps.business.rules import policy_kinds
from overdeliver.apps.business.starters import starter
from overdeliver.apps.people import actions, links
from overdeliver.audit.page.words import LANGUAGES

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(signed_in: Callable[[str], Client]) -> Client:
    """An owner of a car workshop with a customer, a key and an invitation."""
    business.begin("carservice", "kk", "Шебер", "KZ", "Asia/Almaty", "KZT")
    client = signed_in("owner")
    actions.keep_customer("c/7", name="Әйгерім", email="a@example.org", segment="new")
    actions.note_consent("c/7", "marketing", True, source="phone", text="yes please")
    actions.make_key("till", ["promises.write"])
    links.invite("new@example.org", "agent", by=None)
    return client


def _pages() -> list[str]:
    names = [
        "settings",
        "settings_business",
        "settings_undo",
        "settings_services",
        "settings_levers",
    ]
    names += [
        "settings_service_new",
        "settings_hours",
        "settings_touchpoints",
        "settings_touch_new",
    ]
    names += ["settings_policies", "settings_people", "settings_invite", "settings_rights"]
    names += ["settings_keys", "account", "customers", "welcome_ready"]
    found = [reverse(name) for name in names]
    found += [reverse("settings_policy", args=[kind.kind]) for kind in policy_kinds()]
    found += [reverse("settings_service", args=["repair"])]
    found += [reverse("settings_touchpoint", args=[starter("carservice").touchpoints[0].slug])]
    found += [
        reverse(name, args=["c/7"]) for name in ("customer", "customer_edit", "customer_erase")
    ]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_shows_itself(owner: Client, language: str) -> None:
    contacts.keep_touchpoint(
        name="Old", phase="before", information="x", information_until=_day("2020-01-01")
    )
    owner.cookies["language"] = language
    for page in _pages():
        answer = owner.get(page)
        assert answer.status_code == 200, page
        text = answer.content.decode()
        assert f'<html lang="{language}"' in text
        assert "<script>" not in text and ' style="' not in text
        for chapter in ("people.", "business.", "look."):
            assert f">{chapter}" not in text, page  # a key nobody has translated


def _day(text: str) -> object:
    from datetime import date

    return date.fromisoformat(text)


def test_a_new_installation_leads_to_the_welcome_page(signed_in: Callable[[str], Client]) -> None:
    owner, agent = signed_in("owner"), signed_in("agent")
    assert owner.get("/").headers["Location"] == "/welcome/"
    assert agent.get("/").headers["Location"] == "/welcome/soon/"
    assert agent.get("/welcome/").status_code == 403
    assert agent.get("/welcome/soon/").status_code == 200
    assert owner.get("/healthz").status_code == 200
    cards = owner.get("/welcome/").content.decode()
    assert cards.count("?kind=") == 7


def test_the_wizard_sets_the_business_up(signed_in: Callable[[str], Client]) -> None:
    owner = signed_in("owner")
    assert owner.get("/welcome/?kind=pizza").status_code == 200
    typed = {"kind": "pizza", "country": "RO", "zone": "", "currency": "", "language": "ro"}
    wrong = owner.post("/welcome/", {**typed, "name": " "})
    assert wrong.status_code == 422 and 'value="RO" selected' in wrong.content.decode()
    answer = owner.post("/welcome/", {**typed, "name": "Pizza Buna"})
    assert answer.headers["Location"] == "/welcome/ready/"
    from overdeliver.apps.business import reads

    here = reads.business()
    assert here is not None and (here.zone, here.currency) == ("Europe/Bucharest", "RON")
    assert owner.post("/welcome/look-around/").headers["Location"] == "/welcome/ready/"
    here = reads.business()
    assert here is not None and here.made_up == "asked"
    assert owner.get("/welcome/ready/").status_code == 200
