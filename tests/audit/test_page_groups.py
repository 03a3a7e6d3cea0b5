"""Which groups the page names, and how: nothing near the average, nothing that is over."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from overdeliver.audit.page.fix import behind, fix
from overdeliver.audit.page.names import group_head, group_name, group_said
from overdeliver.audit.page.numbers import Numbers
from overdeliver.audit.page.render import render
from overdeliver.audit.page.tell import Tell
from overdeliver.audit.page.words import LANGUAGES, Words

EXAMPLES = Path(__file__).parent / "examples"
Report = dict[str, Any]


def load(name: str) -> Report:
    report: Report = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return report


def tell(language: str = "en") -> Tell:
    return Tell(Words(language), Numbers(language), "time", "days", "day", 0.0)


def said(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub("<[^>]*>", " ", page.partition("<body>")[2])))


def group(by: dict[str, Any], kept: float, excess: float, flag: str | None = "worse") -> Report:
    broken = round(1000 * (1 - kept))
    return {
        "by": by,
        "n": 1000,
        "broken": broken,
        "met": 0,
        "exceeded": 1000 - broken,
        "open": 0,
        "unknown": 0,
        "kept": {"rate": kept, "low": kept - 0.02, "high": kept + 0.02},
        "promised_mean": 10.0,
        "actual_mean": 9.0,
        "gap_mean": 1.0,
        "gap_low": 0.9,
        "gap_high": 1.1,
        "cost": excess + 500.0,
        "excess": excess,
        "flag": flag,
        "enough": True,
        "needed": 20,
    }


def report_of(*groups: Report) -> Report:
    report = load("full")
    report["kept"] = {"rate": 0.85, "low": 0.84, "high": 0.86}
    report["groups"] = list(groups)
    return report


def names(report: Report) -> list[Any]:
    return [next(iter(g["by"].values())) for g in behind(report)]


def test_groups_rank_by_what_they_cost_beyond_the_average() -> None:
    large = group({"state": "SP"}, 0.77, 300.0) | {"cost": 90_000.0}
    report = report_of(large, group({"state": "RJ"}, 0.76, 2000.0))
    assert names(report) == ["RJ", "SP"]


def test_a_flag_comes_before_a_higher_excess_without_one() -> None:
    report = report_of(group({"x": "a"}, 0.8, 9000.0, None), group({"x": "b"}, 0.8, 10.0))
    assert names(report) == ["b", "a"]


@pytest.mark.parametrize(
    "one",
    [
        group({"x": "near"}, 0.845, 5000.0),
        group({"x": "cheap"}, 0.7, -5.0),
        group({"x": "unclear"}, 0.8, 50.0, None) | {"kept": {"rate": 0.8, "low": 0.7, "high": 0.9}},
        group({"month": "2018-03"}, 0.6, 7000.0),
        group({"x": "few"}, 0.5, 70.0) | {"enough": False, "kept": None},
    ],
    ids=lambda g: str(next(iter(g["by"].values()))),
)
def test_what_is_never_named(one: Report) -> None:
    report = report_of(one)
    assert behind(report) == []
    assert "keeps only" not in said(render(report))
    assert fix(report, tell())["items"] == []
    reason = "No group falls clearly behind" if one["enough"] else "No group has both enough"
    assert reason in str(fix(report, tell())["none"])


def test_where_nearly_all_is_kept_a_quarter_more_broken_is_told() -> None:
    report = report_of(group({"x": "a"}, 0.985, 20.0))
    report["kept"] = {"rate": 0.99, "low": 0.98, "high": 0.995}
    assert names(report) == ["a"]


def test_reports_from_before_the_excess_rank_by_cost() -> None:
    old = [group({"x": v}, 0.7, c) for v, c in (("a", 1.0), ("b", 2.0))]
    for one in old:
        del one["excess"]
    assert names(report_of(*old)) == ["b", "a"]


def test_nothing_settled_names_nothing() -> None:
    assert behind(load("open_only")) == []


@pytest.mark.parametrize(
    ("language", "day", "month", "head"),
    [
        ("en", "Monday", "Mar 2018", "weekday"),
        ("pt", "Segunda-feira", "Mar. 2018", "dia da semana"),
        ("ru", "Понедельник", "Март 2018", "день недели"),
        ("ro", "Luni", "Mar. 2018", "ziua săptămânii"),
        ("kk", "Дүйсенбі", "Нау. 2018", "апта күні"),
    ],
)
def test_the_calendar_speaks_the_readers_language(
    language: str, day: str, month: str, head: str
) -> None:
    here = tell(language)
    assert group_name({"weekday": "Monday"}, here) == day
    assert group_name({"month": "2018-03"}, here) == month
    assert group_head({"weekday": "Monday"}, here) == head


def test_an_owners_own_column_keeps_its_name_and_values() -> None:
    here = tell("kk")
    assert "moon" in group_name({"month": "moon"}, here)
    assert "weekday" in group_head({"weekday": "Mo"}, here)
    assert group_name({"distance": 2586.0}, here) == "<bdi>2586</bdi>"
    assert group_said({"state": "RJ"}, tell()) == "<bdi>state</bdi> <bdi>RJ</bdi>"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_row_of_all_promises_has_a_name(language: str) -> None:
    report = load("full")
    report["instead"] = [report["instead"][0] | {"by": {}}, *report["instead"]]
    assert str(Words(language)("instead.all")) in said(render(report, language))


def test_each_column_has_a_head_of_its_own_and_long_ones_are_folded() -> None:
    report = load("full")
    row = report["instead"][0]
    report["instead"] = [row | {"by": {"carrier": f"c{i}"}} for i in range(9)]
    report["instead"] += [row | {"by": {"origin": "o"}}]
    page = render(report)
    heads = re.findall(r'scope="rowgroup"[^>]*><bdi>(\w+)</bdi>', page)
    assert heads == ["carrier", "origin", "carrier"]
    assert "3 more rows" in said(page)


def test_shares_get_a_decimal_where_a_unit_would_not_show() -> None:
    report = load("full")
    for row in report["instead"]:
        row |= {"one_less": 0.918, "kept_expected": 0.921, "one_more": 0.923}
    assert "91.8% 92.3%" in said(render(report))


def test_a_cost_in_hours_is_not_paid() -> None:
    report = load("cost")
    paid = said(render(report))
    report["unit"] = "hours"
    took = said(render(report))
    assert "Paid on average" in paid and "Paid on average" not in took
    assert "Taken on average" in took and "the promised sum" not in took


def again_only() -> Report:
    report = load("full") | {"cliff": None}
    for place, point in enumerate(report["curve"]):
        point |= {"score_mean": None, "low": None, "high": None, "lowest_share": None}
        point["repeat_rate"] = 0.02 + 0.002 * place
    return report


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_curve_of_repeat_purchases_has_a_picture_and_a_table(language: str) -> None:
    words = Words(language)
    page = render(again_only(), language)
    assert str(words("cliff.repeat_key")) in said(page)
    part = page[page.index('<section id="cliff"') : page.index('<section id="fix"')]
    assert "<svg" in part and "<table" in part
    assert str(words("cliff.repeat")) in said("<body>" + part)
    assert str(words("cliff.interval")) not in said("<body>" + part)


def test_repeat_rates_missing_in_some_bins_leave_those_out() -> None:
    report = again_only()
    report["curve"][0]["repeat_rate"] = None
    part = render(report).partition('<section id="cliff"')[2].partition("</section>")[0]
    assert part.count('<th scope="row"') == len(report["curve"]) - 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_remarks_are_told_in_the_readers_language(language: str) -> None:
    report = load("full")
    report["warnings"] = [
        {"code": "many_rejected", "message": "?", "values": {"rejected": 1200, "read": 9000}},
        {"code": "groups_cut", "message": "?", "values": {"columns": {"cell": 100}}},
        {"code": "mixed_currencies", "message": "?", "values": {"currencies": ["EUR", "GBP"]}},
        {"code": "overdue_unobserved", "message": "kept as it is", "values": {}},
    ]
    told = said(render(report, language))
    assert "?" not in told.replace(str(Words(language)("page.question")), "")
    assert re.sub(r"\s", " ", Numbers(language).count(1200)) in told
    assert re.search(r"cell\s*\(100\)", told) and re.search(r"EUR\s*,\s*GBP", told)
    assert "kept as it is" in told


def test_a_test_that_was_not_asked_for_is_no_lack_of_data() -> None:
    report = load("sparse")
    report["backtest"] = {"not_enough": "the backtest was not asked for", "code": "not_asked"}
    part = render(report).partition('<section id="instead"')[2].partition("</section>")[0]
    assert "The test on the past was not asked for." in part
    assert "Not enough data" not in part


def test_a_shortage_says_how_much_is_there_and_needed() -> None:
    report = load("sparse")
    report["backtest"] = {"not_enough": "x", "code": "few_known", "have": 21, "need": 40}
    assert "known outcome: 21, and 40 are needed" in said(render(report))


def test_a_rate_far_below_the_level_is_answered_with_what_would_keep_it() -> None:
    report = load("worse")
    report["backtest"]["own"]["kept"] = 0.6
    best = next(row for row in report["backtest"]["levels"] if row["level"] == 0.9)
    report["backtest"]["level"] = 0.9
    best |= {"promised_mean": 12.0, "kept": 0.91}
    page = unescape(render(report)).replace("\N{NO-BREAK SPACE}", " ")
    assert re.search(r"You could promise 12(\.0)? days and keep 91 of 100\.", page)
    assert "Your own promises are better" not in page
