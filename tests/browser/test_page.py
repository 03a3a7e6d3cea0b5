"""The audit page in a real browser: quiet, accessible, closed to scripts, whole at every width.

axe.min.js beside this file is axe-core 4.14.1 (Deque Systems, MPL-2.0), used by these tests only.
"""

import json
import shutil
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from overdeliver.audit.page.render import render

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "audit" / "examples"
LANGUAGES = ("en", "pt", "ru", "ro", "kk")
LIGHTS = ("light", "dark")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: the page was not looked at"
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found: apt-get install chromium"),
]


def report(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


class Visit:
    """One page in one window, with everything it complained about or tried to fetch."""

    def __init__(self, browser: Any, path: Path, *, width: int = 1280, dark: bool = False) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
        )
        self.page = self.context.new_page()
        self.noise: list[str] = []
        self.fetched: list[str] = []
        self.page.on("console", lambda said: self.noise.append(said.text))
        self.page.on("pageerror", lambda error: self.noise.append(str(error)))
        self.page.on("dialog", lambda box: (self.noise.append(box.message), box.dismiss()))
        self.page.on("request", lambda request: self.fetched.append(request.url))
        self.page.goto(path.as_uri())
        self.fetched = [url for url in self.fetched if url != path.as_uri()]

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


def write(folder: Path, name: str, language: str = "en") -> Path:
    path = folder / f"{name}.{language}.html"
    path.write_text(render(report(name), language), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "language", "light"),
    [
        *((name, "kk", light) for name in ("full", "sparse") for light in ("light", "dark")),
        *(("full", language, light) for language, light in zip(LANGUAGES[:4], cycle(LIGHTS))),
    ],
)
def test_axe_finds_nothing(
    browser: Any, tmp_path: Path, name: str, language: str, light: str
) -> None:
    with Visit(browser, write(tmp_path, name, language), dark=light == "dark") as visit:
        visit.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        visit.page.evaluate((HERE / "axe.min.js").read_text(encoding="utf-8"))
        found = visit.page.evaluate("axe.run()")
    said = [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found["violations"]]
    assert said == []
    assert len(found["passes"]) > 20


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
@pytest.mark.parametrize(("name", "language"), [("full", "ru"), ("cost", "kk"), ("service", "en")])
def test_nothing_sticks_out_at_any_width(
    browser: Any, tmp_path: Path, name: str, language: str, width: int
) -> None:
    with Visit(browser, write(tmp_path, name, language), width=width) as visit:
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        assert visit.noise == [] and visit.fetched == []
        overlaps = visit.page.evaluate(OVERLAPS)
    assert overlaps == []


OVERLAPS = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('svg.chart')) {
    const words = [...svg.querySelectorAll('text')].filter(t => t.getClientRects().length)
      .map(t => [t.textContent, t.getBoundingClientRect()]);
    for (let i = 0; i < words.length; i++) for (let j = i + 1; j < words.length; j++) {
      const [a, p] = words[i], [b, q] = words[j];
      if (p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 3 && q.top < p.bottom - 3)
        found.push([svg.classList[1], a, b]);
    }
  }
  return found;
}"""  # noqa: E501


def test_the_style_sheet_is_applied_under_the_policy(browser: Any, tmp_path: Path) -> None:
    with Visit(browser, write(tmp_path, "full")) as visit:
        paper = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
        targets = visit.page.evaluate(
            "[...document.querySelectorAll('nav a, summary')].filter(e => e.offsetHeight)"
            ".map(e => e.offsetHeight)"
        )
        assert visit.noise == [] and visit.fetched == []
    assert paper == "rgb(251, 250, 247)"
    assert min(targets) >= 40


def test_the_policy_stops_a_script_that_got_in(browser: Any, tmp_path: Path) -> None:
    path = write(tmp_path, "sparse")
    page = path.read_text(encoding="utf-8")
    path.write_text(page.replace("</main>", "<script>alert(1)</script></main>"), encoding="utf-8")
    with Visit(browser, path) as visit:
        assert "1" not in visit.noise
        assert any("Content Security Policy" in said for said in visit.noise)


def test_the_skip_link_is_the_first_stop_and_shows(browser: Any, tmp_path: Path) -> None:
    with Visit(browser, write(tmp_path, "full")) as visit:
        visit.page.keyboard.press("Tab")
        box = visit.page.evaluate("document.activeElement.getBoundingClientRect().top")
        assert visit.page.evaluate("document.activeElement.className") == "skip"
        assert box >= 0
        visit.page.keyboard.press("Enter")
        assert visit.page.evaluate("document.activeElement.id") == "report"


def test_it_prints_in_black_on_white_with_its_folds_open(browser: Any, tmp_path: Path) -> None:
    with Visit(browser, write(tmp_path, "full"), dark=True) as visit:
        visit.page.emulate_media(media="print", color_scheme="dark")
        ink, paper, card = visit.page.evaluate(
            "[getComputedStyle(document.body).color, getComputedStyle(document.body)"
            ".backgroundColor, getComputedStyle(document.querySelector('section')).backgroundColor]"
        )
        rows = visit.page.evaluate(
            "[...document.querySelectorAll('details:not(.menu) td')].every(d => d.offsetHeight > 0)"
        )
        wide = visit.page.evaluate(
            "[...document.querySelectorAll('.scroll')]"
            ".filter(e => e.scrollWidth > e.clientWidth + 1).length"
        )
        sheet = visit.page.pdf(format="A4")
    assert (ink, paper, card) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)", "rgb(255, 255, 255)")
    assert rows and wide == 0
    assert sheet.startswith(b"%PDF")


PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</text></svg><script>alert(1)</script>",
    "</desc><script>alert(1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "javascript:alert(1)",
    '" onmouseover=alert(1) x="',
    "' autofocus onfocus=alert(1) '",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<!--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "<math><style><img src=x onerror=alert(1)></style></math>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<a href='javascript:alert(1)'>x</a>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "<base href='https://example.org/'>",
    "<link rel=stylesheet href='https://example.org/x.css'>",
    "{{ 7 * 7 }}{% print(1) %}",
    "\x00<script>alert(1)</script>",
    "\ud800<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]
FIXED = {"lever", "granularity", "flag", "from", "outcome", "schema", "month"}
FIXED |= {"first", "last", "as_of"}


def hostile(value: Any, payloads: Iterator[str], key: str = "") -> Any:
    """The report with each free string, and each column's name in a group, a payload in turn."""
    if isinstance(value, dict):
        return {
            next(payloads) if key == "by" else k: hostile(item, payloads, k)
            for k, item in value.items()
        }
    if isinstance(value, list):
        return [hostile(item, payloads, key) for item in value]
    return next(payloads) if isinstance(value, str) and key not in FIXED else value


@pytest.mark.parametrize("policy", [True, False], ids=["with-policy", "without-policy"])
def test_no_string_of_the_data_runs_or_fetches(browser: Any, tmp_path: Path, policy: bool) -> None:
    """The escaping must hold by itself, so the policy is taken out the second time."""
    path = tmp_path / "hostile.html"
    for turn in range(5):
        payloads = cycle(PAYLOADS[turn * 5 :] + PAYLOADS[: turn * 5])
        page = render(hostile(report("full"), payloads))
        if not policy:
            page = page.replace("Content-Security-Policy", "X-Nothing")
        path.write_text(page, encoding="utf-8")
        with Visit(browser, path) as visit:
            visit.page.mouse.move(600, 400)
            assert visit.noise == [], turn
            assert visit.fetched == [], turn
            assert visit.page.evaluate("document.scripts.length") == 0, turn
            assert visit.page.evaluate("document.querySelectorAll('section').length") == 10
