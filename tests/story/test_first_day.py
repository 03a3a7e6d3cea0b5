"""The first day: the link of the start, the wizard, a file, a night's learning, a quote."""

import re
from pathlib import Path

import pytest

from tests.processes import Installation, await_until
from tests.story.browsing import Browser

pytestmark = pytest.mark.one_database

ORDERS = """
import json
from overdeliver.apps.promises.models import Order
print(json.dumps(Order.objects.count()))
"""


def test_from_an_empty_house_to_a_learned_quote(shop: Installation, tmp_path: Path) -> None:
    shop.command(
        *("simulate", "--business", "webshop", "--orders", "2500", "--csv"),
        *("--out", str(tmp_path / "past")),
    )
    shop.knobs["OVERDELIVER_URL"] = ""  # a stranger sets nothing: the link names the open door
    shop.start("serve", "--port", str(shop.port))
    log = shop.folder / "serve.log"
    await_until(lambda: "made here" in log.read_text(), 60)
    link = re.search(rf"http://127\.0\.0\.1:{shop.port}(/welcome/t/\S+)", log.read_text())
    assert link
    owner = Browser(shop.url)
    _make_owner(owner, link[1])
    _set_up(owner)
    _bring_in(shop, owner, (tmp_path / "past" / "export.csv").read_bytes())
    _learn_and_quote(shop, owner)


def _make_owner(owner: Browser, link: str) -> None:
    owner.go(link)
    owner.send(link, name="Anna", email="anna@example.org", password="a-long-good-password")
    assert owner.at.endswith("/welcome/"), owner.at
    stranger = Browser(owner.base)
    stranger.go(link)
    assert stranger.status == 404  # it worked once


def _set_up(owner: Browser) -> None:
    owner.go("/welcome/?kind=webshop")
    owner.send(
        "/welcome/",
        kind="webshop",
        name="Harbour",
        country="PT",
        language="en",
        zone="Europe/Lisbon",
        currency="EUR",
    )
    assert owner.at.endswith("/welcome/ready/"), owner.page


def _bring_in(shop: Installation, owner: Browser, content: bytes) -> None:
    owner.go("/imports/")
    owner.send("/imports/new", file=("export.csv", content))
    place = owner.at
    assert "/imports/" in place and owner.status == 200, owner.page

    def asked(*signs: str) -> bool:
        owner.go(place)
        assert owner.status == 200
        return any(sign in owner.page for sign in signs)

    await_until(lambda: asked('name="mapped"'), 60, 1.0)
    owner.send("answer", mapped="1", **_answers(owner.page))
    await_until(lambda: asked('value="start"'), 60, 1.0)
    assert shop.python(ORDERS) == 0  # the dry run has written nothing
    owner.send("step", step="start")
    await_until(lambda: asked('value="undo"'), 90, 1.0)
    assert shop.python(ORDERS) == 2500


def _answers(page: str) -> dict[str, str]:
    """What is chosen on the page already, and the fitting service where it is asked for."""
    found = {}
    for select in re.finditer(r'<select id="[^"]+" name="([^"]+)">(.*?)</select>', page, re.S):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', select[2])
        found[select[1]] = (chosen[1] or chosen[2]) if chosen else ""
    if service := re.search(r'name="service" value="([^"]+)" required checked', page):
        found["service"] = service[1]
    return found


def _learn_and_quote(shop: Installation, owner: Browser) -> None:
    owner.go("/quoting/")
    owner.send("/quoting/learn")
    services = sorted(set(re.findall(r"/quoting/of/([\w-]+)/", owner.go("/quoting/"))))
    key = shop.key()

    def model() -> str:
        for service in services:
            quote = shop.call("/quotes", {"service": service}, key=key)[1]
            if quote.get("model"):
                return str(quote["model"])
        return ""

    await_until(lambda: bool(model()), 150, 2.0)
    owner.go(f"/quoting/of/{model().partition(' ')[0]}/")
    assert owner.status == 200
    assert "Harbour" in owner.go("/")
    assert owner.go("/reliability/") and owner.status == 200
