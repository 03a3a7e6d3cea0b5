"""The pages of quoting, as people use them."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.apps.quoting.conftest import Simulated

pytestmark = pytest.mark.django_db

Door = Callable[[str], Client]


def test_before_anything_is_learned_the_page_says_what_is_missing(
    shop: object, signed_in: Door
) -> None:
    page = signed_in("manager").get("/quoting/")
    assert page.status_code == 200
    assert "needs 9 outcomes; nothing has been learned yet." in page.content.decode()


def test_every_page_is_there_after_learning(learned: Simulated, signed_in: Door) -> None:
    browser = signed_in("manager")
    for address in ("/quoting/", "/quoting/of/sim/", "/quoting/policy/", "/quoting/of/sim/margin"):
        page = browser.get(address)
        assert page.status_code == 200, address
    assert "you promise" in browser.get("/quoting/").content.decode()
