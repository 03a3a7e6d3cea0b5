"""What a learner of a moment may learn from."""

import numpy as np
import pytest

from overdeliver.learn.book import Facts, half_life_for, open_book
from overdeliver.learn.columns import DAY
from overdeliver.learn.scale import LogScale, scale_for
from tests.learn.ledgers import as_columns, as_facts, ledger

ONE = ledger(300, seed=51)


def test_only_settled_and_mature_promises_are_learned_from() -> None:
    facts = as_facts(ONE)
    book = open_book(as_columns(ONE.features), facts)
    moment = float(np.quantile(facts.made, 0.7))
    known = book.known_at(moment)
    assert book.delay > 0
    assert (facts.observed[known.rows] < moment).all()
    assert (moment - facts.made[known.rows] >= book.delay).all()
    left = np.setdiff1d(np.flatnonzero(facts.observed < moment), known.rows)
    assert (moment - facts.made[left] < book.delay).all()
    assert (np.diff(known.weight) >= 0).all()  # the latest weigh most
    assert (np.diff(known.fold) >= 0).all() and len(set(known.fold)) > 1
    expected = book.scale.log(facts.actual[known.rows]) - book.level[known.rows]
    np.testing.assert_allclose(known.value, expected)


def test_nothing_is_known_before_the_first_outcome() -> None:
    facts = as_facts(ONE)
    assert not len(open_book(as_columns(ONE.features), facts).known_at(facts.made[0]).rows)


def test_of_bills_nine_of_ten_must_be_written() -> None:
    days = as_facts(ONE)
    cost = Facts(days.made, days.observed, days.actual * 9, None, False)
    book = open_book(as_columns(ONE.features), cost)
    assert book.table is None
    assert book.delay == pytest.approx(np.quantile(days.observed - days.made, 0.9))
    assert book.closing_level == book.level[-1]


def test_half_lives_shrink_with_a_short_history_and_hold_enough_outcomes() -> None:
    year = Facts(np.linspace(0, 400, 90_000) * DAY, *[np.zeros(90_000)] * 2, DAY, False)
    assert half_life_for(year, 90, 1500) == pytest.approx(90 * DAY)
    week = Facts(np.linspace(0, 7, 90_000) * DAY, *[np.zeros(90_000)] * 2, DAY, False)
    assert half_life_for(week, 90, 1500) == pytest.approx(90 * DAY * 7 / 360)
    few = Facts(np.linspace(0, 400, 200) * DAY, *[np.zeros(200)] * 2, DAY, False)
    assert half_life_for(few, 90, 1500) == pytest.approx(3000 * DAY)


def test_a_history_of_one_moment_weighs_every_row() -> None:
    made = np.zeros(30)
    took = np.arange(1.0, 31.0)
    facts = Facts(made, took * DAY, took, DAY, False)
    known = open_book(as_columns(ONE.part(slice(0, 30)).features), facts).known_at(90 * DAY)
    assert len(known.rows) and (known.weight > 0).all()


def test_logarithms_and_back() -> None:
    scale = scale_for(np.array([3.0, np.nan, 5.0]), whole=False)
    np.testing.assert_allclose(scale.back(scale.log([0.0, 4.0])), [0.0, 4.0], atol=1e-12)
    assert scale_for(np.array([np.nan]), whole=True) == LogScale(1.0)
    below = scale_for(np.array([-4.0, 2.0, 9.0]), whole=False)
    assert np.isfinite(below.log([-4.0])).all()
