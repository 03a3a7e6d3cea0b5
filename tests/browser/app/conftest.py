"""A real installation, seeded, and a browser that is signed in to it.

A test asks for ``visit`` and gets a window: ``with visit("/money/", width=390) as seen``.
Leaving the window checks that nothing was complained about and nothing fetched from elsewhere.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.processes import Installation, installation

ROOT = Path(__file__).resolve().parents[3]
AXE = (ROOT / "tests" / "browser" / "axe.min.js").read_text("utf-8")
SCREENS = ROOT / ".cache" / "screens"
OWNER, PASSWORD = "owner@example.org", "a long password 7"
SEED = """
from overdeliver.server import demo
from overdeliver.apps.quoting.jobs import learn_due
demo.set_up("webshop", "en", 1500)
learn_due(wait=True)
"""


@dataclass
class Seen:
    """One page in one window, with everything it complained about or fetched."""

    page: Any
    home: str
    noise: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def axe(self) -> list[tuple[str, list[str]]]:
        """What axe finds wrong: the rule, and where."""
        # Through the debugger, which the policy of the page does not reach.
        self.page.evaluate(AXE)
        found = self.page.evaluate("axe.run()")
        return [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found["violations"]]

    def sticks_out(self) -> int:
        """By how many pixels the page is wider than the window."""
        wide: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wide

    def turn(self, width: int, *, dark: bool) -> None:
        """The same page in a window of another width and light."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme="dark" if dark else "light")

    def small_targets(self) -> list[str]:
        """Buttons, fields and lines of the menu that are hard to hit: under 40 pixels."""
        found: list[str] = self.page.evaluate(
            "[...document.querySelectorAll('button, .button, select, summary, nav a,"
            " input:not([type=checkbox]):not([type=radio]):not([type=range]):not([type=hidden])')]"
            ".filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 39.5)"
            ".map(e => e.outerHTML.slice(0, 120))"
        )
        return found

    def keep(self, name: str) -> None:
        """A picture of the whole page, for those who look: with OD_SCREENS=1."""
        if not os.environ.get("OD_SCREENS"):
            return
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(SCREENS / f"{name}.png"), full_page=True)

    def text(self) -> str:
        """What can be read on the page."""
        return str(self.page.inner_text("body"))


Visit = Callable[..., AbstractContextManager[Seen]]


@contextmanager
def _open(folder: Path, seed: str) -> Iterator[Installation]:
    with installation(folder) as found:
        found.knobs["OVERDELIVER_PASSWORD"] = PASSWORD
        found.command("createowner", OWNER, "--name", "Olga Owner")
        del found.knobs["OVERDELIVER_PASSWORD"]
        found.python(seed)
        found.web(processes=1)
        yield found


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A web shop with 1,500 orders and what was learned from them."""
    with _open(tmp_path_factory.mktemp("shop") / "data", SEED) as found:
        yield found


@pytest.fixture(scope="session")
def bare_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A business set up a minute ago: no order, no promise."""
    seed = (
        "from overdeliver.apps.business import actions\n"
        "actions.begin('dentist', 'kk', 'Ақ тіс клиникасы', 'KZ', 'Asia/Almaty', 'KZT')"
    )
    with _open(tmp_path_factory.mktemp("bare") / "data", seed) as found:
        yield found


def sign_in(browser: Any, home: str) -> Any:
    """Sign the owner in through the page; answers the cookies."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{home}/accounts/login/")
    page.fill("#id_login", OWNER)
    page.fill("#id_password", PASSWORD)
    page.click("main button:not(.link)")
    page.wait_for_url(f"{home}/")
    kept = context.storage_state()
    context.close()
    return kept


def visitor(browser: Any, home: str, kept: Any) -> Visit:
    """Makes windows on one installation, in the name of whoever the cookies are of."""

    @contextmanager
    def visit(
        path: str,
        *,
        width: int = 1280,
        dark: bool = False,
        language: str = "en",
        scripts: bool = True,
        status: int = 200,
    ) -> Iterator[Seen]:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            storage_state=kept,
            java_script_enabled=scripts,
        )
        context.add_cookies([{"name": "language", "value": language, "url": home}])
        page = context.new_page()
        seen = Seen(page, home)
        page.on("console", lambda said: seen.noise.append(said.text))
        page.on("pageerror", lambda error: seen.noise.append(str(error)))
        page.on("request", lambda asked: seen.fetched.append(asked.url))
        answer = page.goto(home + path)
        assert answer is not None and answer.status == status, f"{path}: {answer.status}"
        if status >= 400:
            seen.noise.clear()  # the browser complains of the status itself
        yield seen
        foreign = [url for url in seen.fetched if not url.startswith((home, "data:"))]
        assert (seen.noise, foreign) == ([], []), path
        context.close()

    return visit


@pytest.fixture(scope="module")
def kept(browser: Any, shop: Installation) -> Any:
    """The cookies of the owner of the shop."""
    return sign_in(browser, shop.url)


@pytest.fixture
def visit(browser: Any, shop: Installation, kept: Any) -> Visit:
    """Windows of the owner of the shop."""
    return visitor(browser, shop.url, kept)


@pytest.fixture
def stranger(browser: Any, shop: Installation) -> Visit:
    """Windows of somebody who has not signed in."""
    return visitor(browser, shop.url, None)


@pytest.fixture(scope="module")
def bare_kept(browser: Any, bare_shop: Installation) -> Any:
    """The cookies of the owner of the business without a promise."""
    return sign_in(browser, bare_shop.url)


@pytest.fixture
def visit_bare(browser: Any, bare_shop: Installation, bare_kept: Any) -> Visit:
    """Windows of the owner of the business without a promise."""
    return visitor(browser, bare_shop.url, bare_kept)


def named(path: str) -> str:
    """A path as the name of a file."""
    return re.sub(r"[^a-z0-9]+", "-", path.strip("/").lower()) or "today"
