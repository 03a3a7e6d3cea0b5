"""The reliability page: its figures are those of an independent count, and open to their rows."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from overdeliver.apps.business.models import LeverChoice
from overdeliver.apps.promises import actions, cases
from overdeliver.apps.promises.kept import Asked, kept
from overdeliver.apps.promises.models import Standing

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
Sign = Callable[[str], Client]
Courier = Callable[..., str]


def text(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


@pytest.fixture
def history(courier: Courier) -> None:
    """30 promises said at 90 %: 15 of the north kept, of the south 5 of 15; 7 more of nobody."""
    for number in range(15):
        courier(number, took=45, level=0.9, team="north")
        courier(100 + number, took=45 if number < 5 else 90, level=0.9, team="south")
    for number in range(7):
        courier(200 + number, took=50, team="new", segment="first")


def test_without_promises_it_says_what_will_stand_here(shop: object, signed_in: Sign) -> None:
    page = text(signed_in("analyst").get("/reliability/?period=all"))
    assert "No promises in this period." in page and "It takes 20 outcomes" in page


def test_an_agent_may_not_see_figures(shop: object, signed_in: Sign) -> None:
    assert signed_in("agent").get("/reliability/").status_code == 403


def test_below_twenty_outcomes_it_says_how_many_are_missing(
    courier: Courier, signed_in: Sign
) -> None:
    for number in range(7):
        courier(number, took=45, level=0.9)
    page = text(signed_in("analyst").get("/reliability/"))
    assert "not enough data yet (7 of 20)" in page
    assert "7 of 20 outcomes needed" in page
    assert "100%<" not in page and "You kept" not in page


def test_the_answer_is_an_independent_count(history: None, signed_in: Sign) -> None:
    page = text(signed_in("manager").get("/reliability/?by=team"))
    kept_of = Standing.objects.filter(verdict__in=["met", "exceeded"]).count()
    assert (kept_of, Standing.objects.count()) == (27, 37)
    assert "You kept 73 of 100 promises." in page


def test_a_group_below_the_minimum_is_not_coloured(history: None, signed_in: Sign) -> None:
    page = text(signed_in("manager").get("/reliability/?by=team"))
    rows = _rows(page)
    assert "15 of 20 outcomes needed" in rows["south"] and "tag broken" not in rows["south"]
    assert "7 of 20 outcomes needed" in rows["new"]


def _rows(page: str) -> dict[str, str]:
    found = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", page)
    return {re.sub(r"<.*?>", "", one.split("</th>")[0]): one for one in found}


def test_it_judges_what_was_said_against_what_was_kept(courier: Courier, signed_in: Sign) -> None:
    for number in range(60):
        courier(number, took=45, level=0.6, segment="less")
        courier(100 + number, took=45 if number % 2 else 90, level=0.9, segment="more")
        courier(200 + number, took=45 if number % 10 else 90, level=0.9, segment="right")
    rows = _rows(text(signed_in("manager").get("/reliability/?by=segment")))
    assert "could promise less" in rows["less"]
    assert "promises too little" in rows["more"]
    assert "as promised" in rows["right"]


@pytest.mark.parametrize("by", ["service", "weekday", "month", "segment", "team", "channel"])
def test_every_figure_opens_to_its_rows(history: None, signed_in: Sign, by: str) -> None:
    client = signed_in("manager")
    page = text(client.get(f"/reliability/?by={by}&period=all"))
    checked = 0
    for row in _rows(page.partition("Said and kept")[2]).values():
        link = re.search(r'href="(/promises/\?[^"]+)"', row)
        numbers = re.findall(r'<td class="num">(\d+)</td>', row)
        if link and numbers:
            found = client.get(unescape(link.group(1))).context["found"]
            assert found == int(numbers[-1]), row
            checked += 1
    assert checked


def test_the_legend_and_the_bars_open_to_their_rows(history: None, signed_in: Sign) -> None:
    client = signed_in("manager")
    page = client.get("/reliability/?period=all")
    counts = [*page.context["counts"], *page.context["bins"]]
    assert sum(n for _, n, _ in page.context["bins"]) == 37
    for _, number, link in counts:
        assert client.get(link).context["found"] == number, link


def test_when_early_is_the_norm_it_warns(courier: Courier, signed_in: Sign) -> None:
    for number in range(100):
        courier(number, took=10)
    page = text(signed_in("manager").get("/reliability/?period=all"))
    assert "Being early has become the rule" in page


def test_when_the_margin_bites_it_does_not_warn(courier: Courier, signed_in: Sign) -> None:
    for number in range(100):
        courier(number, took=55 + number % 10)
    page = text(signed_in("manager").get("/reliability/?period=all"))
    assert "Being early" not in page


def test_costs_and_times_are_never_in_one_picture(
    courier: Courier, estimates: object, signed_in: Sign
) -> None:
    for number in range(25):
        courier(number, took=45)
    for number in range(21):
        order = actions.place_order(f"c-{number}", placed_at=_now(), service="crown")
        promise = actions.make_promise(order, lever="cost", unit="EUR", promised=100)
        actions.record_outcome(promise, actual=110 if number == 0 else 90)
    client = signed_in("manager")
    assert client.get("/reliability/").context["found"].kind.unit == "minutes"
    found = client.get("/reliability/?lever=cost&unit=EUR").context["found"]
    assert (found.kind.lever, found.of_kind.n, found.of_kind.broken) == ("cost", 21, 1)


@pytest.mark.parametrize(("lever", "warned"), [("cost", True), ("time", False), (None, False)])
def test_a_second_lever_over_delivered_is_named(
    courier: Courier, signed_in: Sign, lever: str | None, warned: bool
) -> None:
    if lever:
        LeverChoice.objects.create(segment="", lever=lever)
    for number in range(25):
        courier(number, took=20)
    page = text(signed_in("manager").get("/reliability/"))
    assert ("although cost is the lever" in page) == warned


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()


@pytest.mark.parametrize("query", ["by=colour", "period=decade", "from=monday"])
def test_what_cannot_be_measured_is_refused(shop: object, signed_in: Sign, query: str) -> None:
    assert signed_in("manager").get(f"/reliability/?{query}").status_code == 422


@pytest.fixture
def filed(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Ledgers of any size are kept in a file."""
    settings.DATA = tmp_path
    monkeypatch.setattr(cases, "SMALL", 0)
    return tmp_path / "cache" / "standings.parquet"


def test_the_file_is_laid_over_with_what_changed(filed: Path, courier: Courier) -> None:
    courier(1, took=45)
    assert kept(Asked()).all.n == 1
    written = filed.stat().st_mtime_ns
    courier(2, took=90)
    actions.record_outcome("p-1", actual=90)
    found = kept(Asked()).all
    assert (found.broken, found.n) == (2, 2)
    assert filed.stat().st_mtime_ns == written


def test_the_file_is_written_anew_when_rows_have_gone(filed: Path, shop: object) -> None:
    for name in ("a", "b"):
        order = actions.place_order(name, placed_at=_now(), batch=name)
        promise = actions.make_promise(
            order, lever="cost", unit="EUR", promised=100, reference=name, batch=name
        )
        actions.record_outcome(promise, actual=90, batch=name)
    assert kept(Asked()).all.n == 2
    actions.withdraw_batch("a")
    assert kept(Asked()).all.n == 1


def test_the_file_is_written_anew_after_many_changes(
    filed: Path, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    courier(1, took=45)
    assert cases.refresh() == 1
    assert cases.refresh() == 0
    monkeypatch.setattr(cases, "MOST_CHANGES", 2)
    courier(2, took=45)
    courier(3, took=45)
    assert cases.refresh() == 1


def test_the_trend_breaks_where_too_little_is_known_and_opens_to_its_rows(
    courier: Courier, signed_in: Sign
) -> None:
    weeks = {4: 22, 11: 20, 18: 3, 25: 21}  # days ago: promises, every fourth broken
    for days, many in weeks.items():
        for at in range(many):
            courier(
                days * 100 + at, took=90 if at % 4 == 0 else 45, days_ago=days, level=0.9, team="a"
            )
    for at in range(6):
        courier(9000 + at, days_ago=0.01)
    client = signed_in("manager")
    page = client.get("/reliability/")
    rows = page.context["stretches"]
    assert {one.n for one in rows} >= set(weeks.values())
    assert sum(one.open for one in rows) == 6
    assert [one.state for one in rows if one.n == 3] == ["few"]
    for one in rows:
        assert client.get(one.settled_list).context["found"] == one.n
        assert client.get(one.open_list).context["found"] == one.open
    picture = str(page.context["trend"])
    known = [one for one in rows if one.kept]
    assert picture.count("<circle") == len(known) >= 2
    assert "not enough data yet (3 of 20)" in text(page)
    assert "Kept over time" in text(page) and "by the week of the promise" in text(page)


def test_a_single_week_makes_no_trend(courier: Courier, signed_in: Sign) -> None:
    for number in range(7):
        courier(number, took=45)
    page = signed_in("manager").get("/reliability/")
    assert not page.context["trend"] and len(page.context["stretches"]) == 1
    assert "A picture takes 20 outcomes in each of two weeks or months." in text(page)
