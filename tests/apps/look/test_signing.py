"""Signing in on our own pages, in five languages: passwords, the second factor, sessions."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client

from overdeliver.apps.people.models import Invitation, Staff
from overdeliver.audit.page.words import LANGUAGES

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _forgotten_failures() -> None:
    """Failed attempts are counted in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def anna(shop: object) -> Staff:
    """A manager with a password worth its name."""
    return Staff.objects.create_user("anna@example.org", "long enough 7", role="manager")


def browser(language: str = "en") -> Client:
    client = Client()
    client.cookies["language"] = language
    return client


def sign_in(client: Client, password: str = "long enough 7") -> int:
    return client.post(LOGIN, {"login": "anna@example.org", "password": password}).status_code


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_password_is_said_in_the_language_of_the_page(anna: Staff, language: str) -> None:
    client = browser(language)
    answer = client.post(LOGIN, {"login": "anna@example.org", "password": "wrong"})
    page = answer.content.decode()
    said = {
        "en": "are not correct",
        "pt": "O e-mail ou a senha não está certo.",
        "ru": "неверны",
        "ro": "parola nu e corectă",
        "kk": "Пошта не құпиясөз дұрыс емес.",
    }
    assert said[language] in page
    assert f'<html lang="{language}"' in page
    assert "wrong" not in re.findall(r'value="([^"]*)"', page)


def test_the_right_password_leads_to_today_and_out_again(anna: Staff) -> None:
    client = browser()
    assert client.get("/")["Location"].startswith(LOGIN)
    assert sign_in(client) == 302
    assert client.get("/").status_code == 200
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/").status_code == 200, "a look at the page must not sign out"
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302


def test_guessing_is_stopped_with_a_page_of_ours(anna: Staff) -> None:
    client = browser("kk")
    pages = [
        client.post(LOGIN, {"login": "anna@example.org", "password": "wrong"}).content.decode()
        for _ in range(7)
    ]
    assert "тым көп" in pages[-1]
    assert sign_in(client) != 302, "the right password too has to wait"


def test_nobody_signs_up_by_himself(anna: Staff) -> None:
    page = browser().get("/accounts/signup/")
    assert "by invitation" in page.content.decode()
    posted = {"email": "thief@example.org", "password1": "long enough 8"}
    browser().post("/accounts/signup/", posted)
    assert not Staff.objects.filter(email="thief@example.org").exists()


@pytest.mark.parametrize(
    "path",
    ["email/", "confirm-email/", "2fa/webauthn/", "3rdparty/", "login/code/", "phone/change/"],
)
def test_doors_without_a_use_stay_shut(
    path: str, shop: object, signed_in: Callable[[str], Client]
) -> None:
    assert signed_in("owner").get(f"/accounts/{path}").status_code == 404


def test_an_unknown_address_gets_no_mail_and_the_same_answer(anna: Staff) -> None:
    known = browser().post("/accounts/password/reset/", {"email": "anna@example.org"}, follow=True)
    other = browser().post("/accounts/password/reset/", {"email": "who@example.org"}, follow=True)
    assert Invitation.objects.get().staff == anna  # one link, for her

    def text(answer: object) -> str:
        return re.sub(r'value="\w{64}"', "", answer.content.decode())  # type: ignore[attr-defined]

    assert text(known) == text(other)


def test_a_second_factor_is_set_asked_and_taken_away(
    anna: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser()
    sign_in(client)
    asked = client.get("/accounts/2fa/totp/activate/", follow=True)
    assert "that it is you" in asked.content.decode(), "a session left open is not enough"
    client.post("/accounts/reauthenticate/", {"password": "long enough 7"})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    found = re.search(r"<code>(\w+)</code>", page)
    assert found and 'src="data:image/svg+xml' in page
    secret = found[1]

    def code() -> str:
        counter = next(iter(totp.yield_hotp_counters_from_time()))
        return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))

    wrong = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert "Incorrect code." in wrong.content.decode()
    assert client.post("/accounts/2fa/totp/activate/", {"code": code()}).status_code == 302
    codes = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert "10 recovery codes are left." in codes
    spare = re.search(r"<pre>(\w+)", codes)
    assert spare
    assert "asks for a code" in client.get("/accounts/2fa/").content.decode()

    other = browser()
    asked = other.post(
        LOGIN, {"login": "anna@example.org", "password": "long enough 7"}, follow=True
    )
    assert "the code from your app" in asked.content.decode()
    assert other.get("/").status_code == 302, "the password alone is not enough"
    other.post("/accounts/2fa/authenticate/", {"code": spare[1]})
    assert other.get("/").status_code == 200

    third = browser()
    sign_in(third)
    third.post("/accounts/2fa/authenticate/", {"code": spare[1]})
    assert third.get("/").status_code == 302, "a recovery code works once"

    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
    assert "can come in" in client.get("/accounts/2fa/").content.decode()


def test_other_sessions_are_shown_and_ended(anna: Staff) -> None:
    here, there = browser(), browser()
    sign_in(here)
    there.post(LOGIN, {"login": "anna@example.org", "password": "long enough 7"})
    there.get("/", headers={"user-agent": "Telephone"})
    page = here.get("/accounts/sessions/").content.decode()
    assert page.count("<tr>") == 3 and "this one" in page
    here.post("/accounts/sessions/")
    assert there.get("/").status_code == 302
    assert here.get("/").status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "path",
    [
        "password/change/",
        "password/set/",
        "2fa/",
        "2fa/totp/activate/",
        "sessions/",
        "logout/",
        "reauthenticate/",
    ],
)
def test_pages_of_ones_own_are_in_our_frame(anna: Staff, path: str, language: str) -> None:
    client = browser(language)
    sign_in(client)
    page = client.get(f"/accounts/{path}", follow=True).content.decode()
    assert 'class="framed"' in page and f'<html lang="{language}"' in page
    assert "look.sign." not in page
