"""The frame: keyboard, menu, language and light, with and without scripts; the policy."""

import pytest

from tests.browser.app.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.one_database]


def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(visit: Visit) -> None:
    with visit("/promises/") as seen:
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.className") == "skip"
        assert seen.page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
        seen.page.keyboard.press("Enter")
        assert seen.page.evaluate("document.activeElement.id") == "main"


def test_focus_is_seen_everywhere(visit: Visit) -> None:
    with visit("/") as seen:
        for _ in range(25):
            seen.page.keyboard.press("Tab")
            shown = seen.page.evaluate(
                "(e => e === document.body || getComputedStyle(e).outlineStyle !== 'none')"
                "(document.activeElement)"
            )
            assert shown, seen.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_the_menu_folds_on_a_telephone(visit: Visit, scripts: bool) -> None:
    with visit("/", width=390, scripts=scripts) as seen:
        link = seen.page.locator(".menu nav a", has_text="Money")
        assert not link.is_visible()
        seen.page.click(".menu summary")
        link.click()
        seen.page.wait_for_url("**/money/")


def test_light_and_language_are_chosen_without_scripts(visit: Visit) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    with visit("/reliability/?by=weekday", scripts=False) as seen:
        seen.page.select_option("#theme-wide", "dark")
        seen.page.select_option("#language-wide", "ro")
        seen.page.click(".wide .choices button")
        assert seen.page.url.endswith("/reliability/?by=weekday")
        assert seen.page.get_attribute("html", "data-theme") == "dark"
        assert seen.page.get_attribute("html", "lang") == "ro"
    with visit("/", dark=True) as seen:
        dark = seen.page.evaluate(paper)
        seen.page.select_option("#theme-wide", "light")
        seen.page.wait_for_selector("html[data-theme=light]")
        assert seen.page.evaluate(paper) == "rgb(251, 250, 247)" != dark


@pytest.mark.parametrize("path", ["/", "/promises/", "/reliability/", "/money/", "/customers/"])
def test_a_page_says_the_same_without_scripts(visit: Visit, path: str) -> None:
    with visit(path) as one, visit(path, scripts=False) as other:
        assert one.page.inner_text("main") == other.page.inner_text("main").strip()


def test_the_policy_stops_a_script_that_got_in(visit: Visit) -> None:
    with visit("/") as seen:
        seen.page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'),"
            " {textContent: 'window.got = 1'}))"
        )
        assert seen.page.evaluate("window.got") is None
        assert any("Content Security Policy" in said for said in seen.noise)
        seen.noise.clear()


def test_a_line_of_today_is_set_aside_and_brought_back(visit: Visit) -> None:
    with visit("/") as seen:
        lines = seen.page.locator(".less form")
        before = lines.count()
        assert before, "the seeded shop has broken promises of this week"
        first = seen.page.locator(".line .what a").first.inner_text()
        lines.first.locator("button", has_text="Done").click()
        seen.page.wait_for_selector(".notice")
        seen.page.locator(".notice button").click()
        seen.page.wait_for_selector(".notice", state="detached")
        assert seen.page.locator(".line .what a").first.inner_text() == first


def test_it_prints_in_black_on_white_without_the_frame(visit: Visit) -> None:
    with visit("/money/", dark=True) as seen:
        seen.page.emulate_media(media="print", color_scheme="dark")
        paper = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == "rgb(255, 255, 255)"
        assert not seen.page.locator(".frame").is_visible()
        assert seen.page.pdf(format="A4").startswith(b"%PDF")


def test_who_wants_no_motion_gets_none(visit: Visit) -> None:
    with visit("/") as seen:
        seen.page.emulate_media(reduced_motion="reduce")
        moving = seen.page.evaluate(
            "[...document.querySelectorAll('*')].filter(e =>"
            " parseFloat(getComputedStyle(e).transitionDuration) > 0).length"
        )
        assert moving == 0
