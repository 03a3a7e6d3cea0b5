"""One promise, one order, one customer, one service; and what strangers see of them."""

from collections.abc import Mapping

import pytest

from tests.browser.app.conftest import Visit, named
from tests.browser.app.test_pages import look, look_twice
from tests.processes import Installation

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
FOUND = """
import json
from overdeliver.apps.business import reads as business
from overdeliver.apps.promises.models import Standing
from overdeliver.apps.desk import reads as desk
from overdeliver.apps.people.rules import rights_of_role
from django.utils import timezone
row = Standing.objects.filter(verdict="broken").select_related("promise__order__customer").last()
soon = Standing.objects.filter(verdict="open").select_related("promise__order").first()
first = desk.today(timezone.now(), rights_of_role("owner"))[0]
print(json.dumps({
    "promise": f"/promises/{row.promise.reference}/",
    "open promise": f"/promises/{soon.promise.reference}/",
    "order": f"/orders/{row.promise.order.reference}/",
    "customer": f"/customers/{row.promise.order.customer.reference}/",
    "service": f"/quoting/of/{business.services()[0].slug}/",
    "today why": f"/today/why/{first.key}/",
    "status": f"/s/{soon.promise.order.token}/",
}))
"""
INSIDE = ["promise", "open promise", "order", "customer", "service", "today why"]


@pytest.fixture(scope="session")
def paths(shop: Installation) -> Mapping[str, str]:
    """Where one of each stands in the seeded shop."""
    found: Mapping[str, str] = shop.python(FOUND)
    return found


@pytest.mark.parametrize("what", INSIDE)
def test_one_of_each(visit: Visit, paths: Mapping[str, str], what: str) -> None:
    look_twice(visit, paths[what], f"one-{named(what)}")


@pytest.mark.parametrize("language", ["en", "kk"])
def test_a_customer_looks_at_his_order(
    stranger: Visit, paths: Mapping[str, str], language: str
) -> None:
    look(stranger, paths["status"], f"status-390-{language}", width=390, language=language)


def test_a_status_page_that_is_none_looks_like_one(stranger: Visit) -> None:
    look(stranger, "/s/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/", "status-none", width=390, status=404)


def test_a_figure_opens_to_its_rows(visit: Visit) -> None:
    with visit("/") as seen:
        seen.page.locator(".two a").first.click()
        seen.page.wait_for_url("**/promises/?**")
        assert "verdict=open" in seen.page.url
    with visit("/money/") as seen:
        link = seen.page.locator("table td.num a").first
        said = int(link.inner_text().replace(",", ""))
        link.click()
        seen.page.wait_for_url("**/promises/?**")
        assert seen.page.inner_text(".answer").startswith(f"{said} promise")
