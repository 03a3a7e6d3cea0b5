"""The page: complete, self-contained, honest, and closed to what the data says."""

import base64
import copy
import hashlib
import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from overdeliver.audit.page.render import render, stylesheet
from overdeliver.audit.page.words import LANGUAGES
from overdeliver.vocabulary.errors import InputError

EXAMPLES = Path(__file__).parent / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.json"))
VOID = {"meta", "link", "br"}
Report = dict[str, Any]


def load(name: str) -> Report:
    report: Report = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return report


class Outline(HTMLParser):
    """Tags in order with their attributes; complains about tags that do not close."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def answer(page: str) -> str:
    found = re.search(r'<p class="answer">(.*?)</p>', page, re.DOTALL)
    assert found
    return unescape(re.sub("<.*?>", "", found[1]))


def text(page: str) -> str:
    body = page.partition("<body>")[2]
    return re.sub(r"\s+", " ", unescape(re.sub("<[^>]*>", " ", body)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_page_is_sound_in_every_language(name: str, language: str) -> None:
    page = render(load(name), language)
    outline = Outline(page)
    ids = [attrs["id"] for _, attrs in outline.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs in outline.tags:
        for pointer in (attrs.get("aria-labelledby") or "").split():
            assert pointer in ids
        if (attrs.get("href") or "").startswith("#"):
            assert (attrs["href"] or "")[1:] in ids
    assert outline.all("html")[0]["lang"] == language
    assert len(outline.all("h1")) == 1
    assert len(outline.all("table")) == len(outline.all("caption"))
    assert all("scope" in th for th in outline.all("th"))
    said = text(page)
    assert not re.search(r"\bNone\b|\bnan\b|\{|\}|Undefined|duration-", said)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_fetched_run_or_styled_from_elsewhere(name: str) -> None:
    page = render(load(name), "en")
    outline = Outline(page)
    names = {tag for tag, _ in outline.tags}
    assert names.isdisjoint({"script", "img", "iframe", "object", "form", "base", "foreignobject"})
    for tag, attrs in outline.tags:
        assert not any(key == "style" or key.startswith("on") for key in attrs), (tag, attrs)
        assert "src" not in attrs
        assert (attrs.get("href") or "#").startswith(("#", "data:,"))
    assert "url(" not in stylesheet() and "@import" not in stylesheet()


def test_the_policy_allows_exactly_the_style_sheet_of_the_page() -> None:
    page = render(load("full"))
    css = re.search("<style>(.*?)</style>", page, re.DOTALL)
    policy = Outline(page).all("meta")[1]["content"] or ""
    assert css
    digest = base64.b64encode(hashlib.sha256(css[1].encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_has_words_and_a_table(language: str) -> None:
    page = render(load("full"), language)
    pictures = re.findall(r'<svg class="chart.*?</svg>', page, re.DOTALL)
    assert len(pictures) == 4
    for picture in pictures:
        described = re.search(r"<title[^>]*>(.+?)</title><desc[^>]*>(.+?)</desc>", picture)
        assert described and len(described[2]) > 20
        after = page[page.index(picture) + len(picture) :]
        assert re.match(r"\s*(<ul.*?</ul>\s*)?<details>.*?<table", after, re.DOTALL)
    small = re.findall(r'<svg class="ci"[^>]*>', page)
    assert small and all('aria-hidden="true"' in tag for tag in small)


def test_sections_come_in_the_order_an_owner_needs_them() -> None:
    found = re.findall(r'<section id="(\w+)"', render(load("full")))
    assert found == [
        "picture", "groups", "cliff", "fix", "instead", "levers", "steps", "warnings", "left",
        "method",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("full", "You kept 95 of 100 promises. At the same reliability you could promise 3.1 days"
                 " less. customer_state RJ keeps only 86 of 100."),
        ("empty", "There is nothing to judge: no row could be used."),
        ("sparse", "You kept 17 of 21 promises."),
        ("open_only", "Nothing is settled yet: 41 promises are still open."),
        ("no_promise", "This file does not say what was promised."
                       " You could promise 17.2 days and keep 90 of 100."),
        ("cost", "You kept 90 of 100 promises. At the same reliability you could quote"
                 " KZT 1,790 less. Implant, full course keeps only 73 of 100."),
    ],
)  # fmt: skip
def test_the_answer_in_a_sentence(name: str, said: str) -> None:
    assert answer(render(load(name))).replace("\N{NO-BREAK SPACE}", " ") == said


def test_a_worse_model_is_admitted() -> None:
    page = render(load("worse"))
    assert "Your own promises are better" in answer(page)
    assert "1.8 days longer" in text(page)
    assert "318 more broken" in text(page)


def test_an_equal_model_promises_no_gain() -> None:
    report = load("full")
    report["backtest"]["at_same_kept"]["promised_mean"] = 22.58
    report["backtest"]["at_same_length"]["kept"] = report["backtest"]["own"]["kept"]
    page = render(report)
    assert "nothing better could be promised" in answer(page)
    assert "no change" in text(page) and "as many broken" in text(page)


def test_without_a_backtest_the_reason_stands_instead_of_a_figure() -> None:
    page = render(load("sparse"))
    assert "What to promise instead is left unsaid: 21 settled promises; 100 are needed" in page
    assert "could promise" not in answer(page)


def test_a_few_broken_among_many_are_never_rounded_away() -> None:
    report = load("full")
    report["outcomes"] |= {"broken": 3, "met": 0, "exceeded": 29997}
    report["kept"] = {"rate": 0.9999, "low": 0.9997, "high": 0.99997}
    assert answer(render(report)).startswith("You kept 99.99 of 100 promises.")


def test_too_few_outcomes_give_a_count_and_no_share() -> None:
    said = text(render(load("sparse")))
    assert "7 of 20 outcomes needed" in said
    assert "not enough data yet" in said


def test_russian_counts_and_reasons() -> None:
    report = load("sparse")
    report["backtest"] |= {"have": 21, "need": 100}
    said = text(render(report, "ru"))
    assert "Вы сдержали 17 из 21 обещания." in said
    assert "данных пока мало (21 из 100)" in said


def test_text_of_the_report_in_english_is_marked_on_other_pages() -> None:
    assert '<span lang="en">gives the outcome away</span>' in render(load("full"), "kk")


def test_tolerance_splits_the_bar_it_falls_in() -> None:
    page = render(load("cost"))
    bar = re.search(r"<g><title>0 to KZT\s1,000 under: 300</title>.*?</g>", page)
    assert bar and "bar met" in bar[0] and "bar exceeded" in bar[0]


PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</text><script>alert(1)",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "javascript:alert(1)",
    "{{ 7*7 }}",
    "{% raw %}",
    "{0.__class__}",
    "{n}",
    "%s%n",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!--",
    "]]>",
    "--><b>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)>",
    "\x00<b>\x00",
    "\ud800<i>",
    "\u202e<b>evil",
    "</bdi></td></table><h1>",
    "a" * 5000,
    "\u2028<script>",
    "<base href=//x>",
    "<meta http-equiv=refresh content=0>",
    "`${alert(1)}`",
    "\r\n\r\n<p>",
    "<a href=javascript:alert(1)>x",
]
KEPT = {"lever", "granularity", "flag", "from", "outcome", "schema", "month"}
KEPT |= {"first", "last", "as_of"}


def hostile(value: Any, payload: str, key: str = "") -> Any:
    """The report with every free string, and every name of a group's column, replaced."""
    if isinstance(value, dict):
        name = payload if key == "by" else None
        return {name or k: hostile(item, payload, k) for k, item in value.items()}
    if isinstance(value, list):
        return [hostile(item, payload, key) for item in value]
    if isinstance(value, str) and key not in KEPT:
        return payload
    return value


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_strings_come_out_as_text(payload: str) -> None:
    report = hostile(load("full"), payload)
    clean_tags = {tag for tag, _ in Outline(render(load("full"))).tags}
    page = render(report)
    page.encode("utf-8")
    outline = Outline(page)
    assert {tag for tag, _ in outline.tags} <= clean_tags
    assert not any(k.startswith("on") or k == "style" for _, a in outline.tags for k in a)
    assert "\x00" not in page and "\u202e" not in page
    assert len(outline.all("h1")) == 1


def test_rendering_leaves_the_report_as_it_was_and_is_a_pure_function() -> None:
    report = load("full")
    before = copy.deepcopy(report)
    assert render(report, "kk") == render(report, "kk")
    assert report == before


def test_an_unknown_language_is_a_clear_error() -> None:
    with pytest.raises(InputError, match="no page in the language 'de'"):
        render(load("full"), "de")


def test_numbers_that_are_none_are_not_shown_as_zero() -> None:
    report = load("full")
    for group in report["instead"]:
        group |= {"promised_now": None, "kept_now": None, "one_less": None, "one_more": None}
    report["steps"][0] |= {"median": None, "p90": None}
    report["curve"][0] |= {"score_mean": None, "low": None, "high": None}
    report["backtest"]["levels"][0] |= {"kept": None, "low": None, "high": None}
    report["groups"][0]["gap_mean"] = float("nan")
    Outline(render(report))


def test_a_curve_of_repeat_purchases_alone_does_not_speak_of_scores() -> None:
    report = load("full")
    report["cliff"] = None
    for point in report["curve"]:
        point |= {"score_mean": None, "low": None, "high": None, "lowest_share": None}
    said = text(render(report))
    assert "There is no score in this file" in said
    assert "No jump was found" not in said


def test_scores_without_a_jump_say_so() -> None:
    report = load("full") | {"cliff": None}
    assert "No jump was found" in text(render(report))


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (-0.5, "The fall lies at the promise itself"),
        (0.0, "The fall lies at the promise itself"),
        (1.5, "The fall comes before the promise is broken"),
        (-1.5, "between 1 and 2 days late, by 1.02 points [0.86, 1.19]"),
    ],
)
def test_the_jump_is_placed_in_words(at: float, said: str) -> None:
    report = load("full")
    report["cliff"]["at"] = at
    assert said in text(render(report))


def test_an_unbounded_weight_and_unclear_levers_are_said() -> None:
    report = load("full")
    report["asymmetry"]["high"] = None
    for row in report["levers"]:
        row |= {"low": -0.1, "high": 0.6}
    said = text(render(report))
    assert "[at least 2.20]" in said
    assert "None of the levers can be told apart" in said


def test_a_remark_with_a_code_the_page_does_not_know_keeps_its_own_words() -> None:
    report = load("full")
    report["warnings"] = [{"code": "new_thing", "message": "Something new happened."}]
    report["ratchet"] = None
    assert "Something new happened." in text(render(report, "ro"))
