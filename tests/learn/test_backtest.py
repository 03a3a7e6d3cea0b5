"""Quotes in time order: honest about the past, deaf to what gives the outcome away."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from overdeliver.learn.backtest import backtest
from overdeliver.learn.results import Backtest
from overdeliver.measure.answers import NotEnough
from overdeliver.tables.cases import Cases
from overdeliver.tables.load import load_cases
from tests.figures import only_whole
from tests.learn.ledgers import Ledger, cases_of, ledger


@pytest.fixture(scope="module")
def year() -> Ledger:
    return ledger(1000, seed=31)


@pytest.fixture(scope="module")
def found(year: Ledger) -> Backtest:
    told: list[float] = []
    answer = backtest(cases_of(year), level=0.85, by=["state"], progress=told.append)
    assert isinstance(answer, Backtest)
    assert told == sorted(told) and told[-1] == 1.0
    return answer


def test_the_report_is_whole_and_consistent(found: Backtest) -> None:
    assert [one.level for one in found.levels] == [0.5, 0.8, 0.85, 0.9, 0.95]
    assert found.n == sum(one.n for one in found.months) == found.instead[0].n
    assert found.refused == 0 and found.refits >= 3
    means = [one.promised_mean for one in found.levels]
    assert means == sorted(means)
    assert {"seller", "state", "weight"} <= set(found.features_used)
    for one in found.levels:
        noise = 4 * np.sqrt(one.level * (1 - one.level) / found.n)
        assert abs(one.kept - one.level) < noise + 0.02
        assert one.low <= one.kept <= one.high
        assert one.worst_group is None or one.worst_group.kept <= one.kept


def test_at_the_owners_own_rate_the_quotes_are_shorter(found: Backtest) -> None:
    assert found.own and found.at_same_kept and found.at_same_length
    assert found.at_same_kept.kept >= found.own.kept
    assert found.at_same_kept.promised_mean < found.own.promised_mean == 9.0
    assert found.at_same_length.kept > found.own.kept


def test_the_past_is_quoted_the_same_whatever_the_future_brings(
    year: Ledger, found: Backtest
) -> None:
    last = max(found.months, key=lambda one: one.month).month
    moment = np.datetime64(f"{last}-01", "s")
    later = year.made >= moment
    other = replace(year, days=np.where(later, year.days * 3 + 20, year.days))
    again = backtest(cases_of(other), level=0.85, by=["state"])
    assert isinstance(again, Backtest)
    assert again.months[:-1] == found.months[:-1]
    assert again.months[-1].kept < found.months[-1].kept
    assert again.because == found.because


def test_a_column_that_gives_the_outcome_away_moves_nothing(year: Ledger, found: Backtest) -> None:
    rng = np.random.default_rng(0)
    planted = {"days_to_door": np.round(year.days + rng.normal(0, 0.01, len(year.days)), 3)}
    again = backtest(cases_of(year, extra=planted), level=0.85, by=["state"])
    assert isinstance(again, Backtest)
    assert [one.column for one in again.left_out] == ["days_to_door"]
    assert len(again.left_out[0].reason) > 10
    assert again.levels == found.levels and again.instead == found.instead


def test_without_own_promises_there_is_no_comparison(year: Ledger) -> None:
    answer = backtest(cases_of(year.part(slice(0, 400)), promised=None))
    assert isinstance(answer, Backtest)
    assert answer.own is answer.at_same_kept is answer.at_same_length is None
    assert answer.instead[0].promised_now is None and answer.instead[0].kept_now is None


def test_the_first_periods_are_refused_where_too_little_was_known() -> None:
    slow = ledger(400, seed=32)
    slow = replace(slow, days=slow.days + np.where(np.arange(400) < 45, 0, 80))
    answer = backtest(cases_of(slow), level=0.99, start=date(2025, 3, 1))
    assert isinstance(answer, Backtest)
    assert answer.refused > 0
    assert answer.n + answer.refused == int((slow.made >= np.datetime64("2025-03-01")).sum())


def few(size: int) -> Cases:
    return cases_of(ledger(size, seed=33))


REFUSED: dict[str, tuple[Callable[[], Cases], dict[str, Any], str]] = {
    "service": (lambda: replace(few(100), lever="service"), {}, "booked, not foreseen"),
    "undated": (
        lambda: replace(few(100), table=few(100).table.drop("made_at")),
        {},
        "no moment of promising",
    ),
    "few": (lambda: few(30), {}, "too few dated promises"),
    "early": (lambda: few(100), {"start": date(2025, 1, 20)}, "before the test began"),
    "late": (lambda: few(100), {"start": datetime(2030, 1, 1)}, "could be quoted"),
    "nothing can be promised": (lambda: few(90), {"level": 0.999}, "could be quoted"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_tested_says_why(kind: str) -> None:
    cases, options, words = REFUSED[kind]
    answer = backtest(cases(), **options)
    assert isinstance(answer, NotEnough) and words in str(answer.reason)


def test_cost_is_learned_from_bills_already_written() -> None:
    one = ledger(500, seed=34)
    cases = cases_of(one, lever="cost", unit="EUR", promised=9.0)
    answer = backtest(cases)
    assert isinstance(answer, Backtest)
    nine = next(level for level in answer.levels if level.level == 0.9)
    assert abs(nine.kept - 0.9) < 4 * np.sqrt(0.09 / answer.n) + 0.02


def test_calendar_days_are_promised_whole() -> None:
    one = ledger(500, seed=35)
    one = replace(one, days=np.floor(one.days))
    answer = backtest(cases_of(one, granularity="day"))
    assert isinstance(answer, Backtest)
    assert (answer.levels[2].promised_mean * answer.n) == pytest.approx(
        round(answer.levels[2].promised_mean * answer.n)
    )


def test_open_orders_are_not_judged() -> None:
    one = ledger(600, seed=36)
    until = datetime(2025, 1, 6) + timedelta(days=290)
    answer = backtest(cases_of(one, until=until))
    assert isinstance(answer, Backtest)
    settled = one.made + (one.days * 86_400).astype("timedelta64[s]") <= np.datetime64(until)
    judged = settled & (one.made >= np.datetime64(answer.start))
    assert answer.n == int(judged.sum())


@only_whole
def test_the_marketplace_from_april_2018(shared_data: Path) -> None:
    cases = load_cases(shared_data / "olist", preset="olist")
    answer = backtest(cases, level=0.95, start=date(2018, 4, 1))
    assert isinstance(answer, Backtest)
    asked = answer.levels[-1]
    assert 0.94 <= asked.kept <= 0.96
    assert asked.promised_mean < 20.5
    assert answer.own and answer.own.promised_mean > 22


@only_whole
def test_estimates_of_software_hours(shared_data: Path) -> None:
    cases = load_cases(shared_data / "estimates", lever="cost", unit="hours")
    late = {"DeveloperPerformance", "StatusCode"}  # known only afterwards
    fair = tuple(name for name in cases.features if name not in late)
    answer = backtest(replace(cases, features=fair), level=0.9)
    assert isinstance(answer, Backtest)
    nine = next(one for one in answer.levels if one.level == 0.9)
    assert 0.885 <= nine.kept <= 0.915
