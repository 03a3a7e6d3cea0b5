"""Every page of the menu and the doors beside it: quiet, accessible, whole at every width."""

import pytest
from django.urls import reverse

from overdeliver.server.frame import MENU
from tests.browser.app.conftest import Seen, Visit, named

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
        hold(seen, name)


def look_twice(visit: Visit, path: str, name: str) -> None:
    """The same on a desk in light and on a telephone in the dark."""
    with visit(path) as seen:
        hold(seen, f"{name}-1280-light")
        seen.turn(390, dark=True)
        hold(seen, f"{name}-390-dark")


def hold(seen: Seen, name: str) -> None:
    """What every page owes its reader."""
    fits(seen, name)
    assert seen.axe() == []


def fits(seen: Seen, name: str) -> None:
    """It is as wide as the window, what is pressed is large enough, and it has one headline."""
    seen.keep(name)
    assert seen.sticks_out() <= 0
    assert seen.small_targets() == []
    assert seen.page.evaluate("document.querySelectorAll('h1').length") == 1


@pytest.mark.parametrize("path", MENU_PATHS, ids=named)
def test_a_page_of_the_menu(visit: Visit, path: str) -> None:
    look_twice(visit, path, named(path))


@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize("path", MENU_PATHS, ids=named)
def test_long_words_on_a_telephone_and_on_a_wide_desk(
    visit: Visit, path: str, language: str
) -> None:
    with visit(path, width=390, language=language) as seen:
        fits(seen, f"{named(path)}-390-{language}")
        seen.turn(1920, dark=False)
        fits(seen, f"{named(path)}-1920-{language}")


@pytest.mark.parametrize("path", MENU_PATHS, ids=named)
def test_before_the_first_promise(visit_bare: Visit, path: str) -> None:
    look(visit_bare, path, f"{named(path)}-empty-kk", width=1280, language="kk")


@pytest.mark.parametrize("path", BESIDE, ids=named)
def test_a_page_beside_the_menu(visit: Visit, path: str) -> None:
    with visit(path) as seen:
        hold(seen, f"{named(path)}-1280")
        seen.turn(390, dark=False)
        fits(seen, f"{named(path)}-390")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", OPEN, ids=named)
def test_a_page_for_strangers(stranger: Visit, path: str, dark: bool) -> None:
    name = f"{named(path)}-390-{'dark' if dark else 'light'}"
    look(stranger, path, name, width=390, dark=dark, language="kk")


def test_nothing_there_is_a_page_too(visit: Visit, stranger: Visit) -> None:
    look(visit, "/promises/no-such-promise/", "not-found", status=404)
    look(stranger, "/no/such/page", "not-found-stranger", status=404, width=390)
