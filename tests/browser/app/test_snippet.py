"""The snippet on somebody else's page, under the strictest policy it can live with."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.processes import Installation, free_port

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
ALLOW = """
from dataclasses import replace
from overdeliver.apps.business import actions, reads
from overdeliver.apps.quoting.rules.policy import PromisingPolicy
now = reads.policy(PromisingPolicy)
actions.set_policy(replace(now, public=("parcel",), origins=({origin!r},)))
"""


@pytest.fixture
def product_page(shop: Installation) -> Iterator[str]:
    """A product page of a shop at another address, which allows the snippet's server alone."""
    port = free_port()
    policy = f"default-src 'none'; script-src {shop.url}; connect-src {shop.url}"
    page = (
        '<!doctype html><html lang="en"><title>Mug</title><h1>Mug</h1>'
        '<p><span id="when" data-overdeliver-quote="">in about two weeks</span></p>'
        f'<script src="{shop.url}/q/parcel.js" defer></script></html>'
    )

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            if self.path == "/":
                self.wfile.write(page.encode())

        def log_message(self, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    shop.python(ALLOW.format(origin=f"http://127.0.0.1:{port}"))
    yield f"http://127.0.0.1:{port}/"
    server.shutdown()


def test_a_product_page_shows_the_promise(
    browser: Any, shop: Installation, product_page: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    noise: list[str] = []
    asked: list[str] = []
    page.on("console", lambda said: noise.append(said.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("request", lambda one: asked.append(one.url))
    page.goto(product_page)
    page.wait_for_selector("#when:not(:text-is('in about two weeks'))", timeout=10_000)
    said = page.inner_text("#when")
    assert "within" in said or "by" in said or "day" in said, said
    assert page.get_attribute("#when", "aria-live") == "polite"
    assert [one for one in noise if "favicon" not in one] == []
    assert context.cookies() == []  # no tracking
    assert {one.split("/")[2] for one in asked} == {
        product_page.split("/")[2],
        shop.url.split("/")[2],
    }
    context.close()


def test_a_page_not_named_in_the_policy_keeps_its_own_words(
    browser: Any, shop: Installation, product_page: str
) -> None:
    shop.python(ALLOW.format(origin="https://another.example"))
    page = browser.new_page()
    page.goto(product_page)
    page.wait_for_timeout(800)
    assert page.inner_text("#when") == "in about two weeks"
    page.close()
