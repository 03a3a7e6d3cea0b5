"""Every page of the menu and the doors beside it: quiet, accessible, whole at every width."""

import pytest
from django.urls import reverse

from overdeliver.server.frame import MENU
from tests.browser.app.conftest import Visit, named

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
MENU_PATHS = [reverse(entry.url) for entry in MENU]
BESIDE = [
    "/account/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/accounts/password/change/",
    "/accounts/reauthenticate/",
    "/care/plans/order/",
    "/care/tasks/",
    "/care/steps/",
    "/care/materials/add/",
    "/care/calendar/",
    "/journal/",
    "/promises/new/",
    "/settings/policies/today/",
    "/settings/people/",
    "/settings/keys/",
    "/settings/hours/",
    "/settings/services/",
    "/settings/touchpoints/",
]
OPEN = ["/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"]


def look(visit: Visit, path: str, name: str, **window: object) -> None:
    """Open a page, keep its picture, and hold it to what every page owes its reader."""
    with visit(path, **window) as seen:
        seen.keep(name)
        assert seen.sticks_out() <= 0
        assert seen.small_targets() == []
        assert seen.axe() == []
        assert seen.page.evaluate("document.querySelectorAll('h1').length") == 1


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)], ids=["light", "dark"])
@pytest.mark.parametrize("path", MENU_PATHS, ids=named)
def test_a_page_of_the_menu(visit: Visit, path: str, width: int, dark: bool) -> None:
    name = f"{named(path)}-{width}-{'dark' if dark else 'light'}"
    look(visit, path, name, width=width, dark=dark)


@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize("path", MENU_PATHS, ids=named)
def test_long_words_on_a_telephone(visit: Visit, path: str, language: str) -> None:
    look(visit, path, f"{named(path)}-390-{language}", width=390, language=language)


@pytest.mark.parametrize("path", MENU_PATHS, ids=named)
def test_a_wide_desk(visit: Visit, path: str) -> None:
    with visit(path, width=1920) as seen:
        seen.keep(f"{named(path)}-1920")
        assert seen.sticks_out() <= 0


@pytest.mark.parametrize("path", MENU_PATHS, ids=named)
def test_before_the_first_promise(visit_bare: Visit, path: str) -> None:
    look(visit_bare, path, f"{named(path)}-empty-kk", width=1280, language="kk")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", BESIDE, ids=named)
def test_a_page_beside_the_menu(visit: Visit, path: str, width: int) -> None:
    look(visit, path, f"{named(path)}-{width}", width=width)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", OPEN, ids=named)
def test_a_page_for_strangers(stranger: Visit, path: str, dark: bool) -> None:
    name = f"{named(path)}-390-{'dark' if dark else 'light'}"
    look(stranger, path, name, width=390, dark=dark, language="kk")


def test_nothing_there_is_a_page_too(visit: Visit, stranger: Visit) -> None:
    look(visit, "/promises/no-such-promise/", "not-found", status=404)
    look(stranger, "/no/such/page", "not-found-stranger", status=404, width=390)
