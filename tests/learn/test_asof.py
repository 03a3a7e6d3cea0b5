"""Features as of the promise: equal to sums written out, and blind to what came later."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.learn.asof import Track, calendar_of, half_lives_for, prepare, stage_level
from overdeliver.learn.book import Facts, open_book
from overdeliver.learn.columns import DAY, Columns
from overdeliver.learn.entities import STRENGTH
from overdeliver.learn.live import Live
from tests.learn.ledgers import Ledger, as_columns, as_facts, ledger

ONES = [("seller",), ("state",), ("seller", "state")]


def track_of(facts: Facts) -> Track:
    return Track("outcome", facts.observed, np.log(facts.actual), np.full(len(facts.made), 1.5))


def test_a_history_is_the_decayed_mean_of_what_was_known_at_the_promise() -> None:
    one = ledger(120, seed=1)
    facts, columns = as_facts(one), as_columns(one.features)
    prepared = prepare(columns, facts.made, [track_of(facts)], entities=[("seller",)])
    recent, long, weight = (prepared.matrix[:, n] for n in range(3))
    seller = columns.texts["seller"]
    deviation = np.log(facts.actual) - 1.5
    for row in (0, 17, 60, 119):
        past = (seller == seller[row]) & (np.floor(facts.observed) < np.floor(facts.made[row]))
        for column, half_life in zip((recent, long), half_lives_for(facts.made), strict=True):
            fade = 2.0 ** (-(facts.made[row] - facts.observed[past]) / half_life)
            expected = (fade * deviation[past]).sum() / (fade.sum() + STRENGTH)
            assert column[row] == pytest.approx(expected, abs=1e-9)
        assert weight[row] == pytest.approx(np.log1p(fade.sum()), abs=1e-9)


@pytest.mark.parametrize("stages", [False, True])
def test_the_next_promise_gets_the_features_training_would_have_given_it(stages: bool) -> None:
    one = ledger(200, seed=2)
    facts, columns = as_facts(one), as_columns(one.features)
    tracks = [track_of(facts)]
    if stages:
        half = facts.made + 0.5 * (facts.observed - facts.made)
        tracks.append(Track("half way", half, np.log(half - facts.made), np.zeros(200)))
    last = np.arange(200) == 199
    known = [Track(t.name, np.where(last, np.nan, t.observed), t.value, t.level) for t in tracks]
    at = float(facts.observed.max()) + 7 * DAY
    made = np.where(last, at, facts.made)
    trained = prepare(columns, made, known, entities=ONES)
    live = Live.of(trained)
    again = live.matrix(columns.take(np.array([199])), np.array([at]))
    np.testing.assert_allclose(again[0], trained.matrix[199], atol=1e-6)
    features = one.features.take([199]).to_pylist()[0]
    np.testing.assert_allclose(live.row(features, at), again[0], atol=1e-12)
    assert len(trained.plan.names) == trained.matrix.shape[1]
    assert trained.plan.names[0] == "outcome of seller, recent"


def changed_later(one: Ledger, facts: Facts, moment: float, factor: float) -> Facts:
    """The same ledger where everything observed from ``moment`` on came out otherwise."""
    later = ~(facts.observed < moment)
    actual = np.where(later, np.maximum(facts.actual, (moment - facts.made) / DAY) * factor, np.nan)
    actual = np.where(later, actual, facts.actual)
    observed = np.where(later, facts.made + actual * DAY, facts.observed)
    return Facts(facts.made, observed, actual, facts.unit, facts.whole)


@given(st.integers(0, 10_000), st.floats(0.5, 0.9), st.floats(1.0, 3.0))
@settings(max_examples=25, deadline=None)
def test_what_came_later_never_moves_a_feature_or_a_level(
    seed: int, share: float, factor: float
) -> None:
    one = ledger(150, seed=seed, span=120)
    facts, columns = as_facts(one), as_columns(one.features)
    moment = float(np.quantile(facts.made, share))
    other = changed_later(one, facts, moment, factor)
    entities = [("seller",), ("state",)]
    before, after = (
        open_book(columns, f, before=moment, entities=entities) for f in (facts, other)
    )
    rows = facts.made <= moment
    np.testing.assert_array_equal(before.level[rows], after.level[rows])
    np.testing.assert_array_equal(before.matrix[rows], after.matrix[rows])
    first, second = before.known_at(moment), after.known_at(moment)
    np.testing.assert_array_equal(first.rows, second.rows)
    np.testing.assert_array_equal(first.value, second.value)


@given(st.integers(0, 10_000), st.floats(1.1, 3.0))
@settings(max_examples=15, deadline=None)
def test_later_bills_never_move_a_feature_or_a_level_of_cost(seed: int, factor: float) -> None:
    one = ledger(150, seed=seed, span=120)
    days = as_facts(one)
    moment = float(np.quantile(days.made, 0.6))
    cost = 10 * days.actual
    books = []
    for bill in (cost, np.where(days.observed < moment, cost, cost * factor)):
        facts = Facts(days.made, days.observed, bill, None, False)
        books.append(open_book(as_columns(one.features), facts, before=moment, entities=ONES[:1]))
    # Before twenty bills were known the mean of the first twenty stands in for a level.
    rows = (days.made <= moment) & (days.made > np.sort(days.observed)[20])
    np.testing.assert_array_equal(books[0].level[rows], books[1].level[rows])
    np.testing.assert_array_equal(books[0].matrix[rows], books[1].matrix[rows])


def test_a_stage_that_nobody_reached_yet_is_no_history() -> None:
    one = ledger(100, seed=4)
    facts = as_facts(one)
    never = {"packed": np.full(100, np.nan)}
    book = open_book(as_columns(one.features), facts, never, entities=[("seller",)])
    assert book.plan.tracks == ("outcome", "time to packed", "time to the end")
    assert np.isfinite(book.matrix).all()
    assert (book.matrix[:, 3:9] == 0).all()  # both stages: no mean, no weight


def test_stage_levels_follow_what_was_known() -> None:
    made = np.arange(100) * DAY
    value = np.where(np.arange(100) < 50, 1.0, 3.0)
    level = stage_level(np.ones(100, bool), made + DAY, value, made)
    assert level[40] == pytest.approx(1.0)
    assert 1.0 < level[60] < level[99] < 3.0


def test_without_a_choice_the_telling_entities_are_taken() -> None:
    one = ledger(600, seed=5)
    facts = as_facts(one)
    book = open_book(as_columns(one.features), facts, before=float(np.quantile(facts.made, 0.8)))
    assert {"seller", "state"} <= {v.entity[0] for v in book.plan.entities}
    nothing = open_book(as_columns(one.features), facts, before=facts.made[0] - 1)
    assert nothing.plan.entities == ()


def test_no_column_and_one_moment_leave_an_empty_matrix() -> None:
    made = np.full(30, 86_400.0)
    facts = Facts(made, made + DAY, np.ones(30), DAY, True)
    book = open_book(Columns({}, {}, 30), facts)
    assert book.matrix.shape == (30, 0)
    assert Live.of(book.prepared).matrix(Columns({}, {}, 2), made[:2]).shape == (2, 0)


def test_the_calendar_of_a_moment() -> None:
    monday = np.array([np.datetime64("2026-03-02T18:30", "s").astype(np.float64)])
    found = {name: float(values[0]) for name, values in calendar_of(monday).items()}
    assert found == {"weekday": 0.0, "hour": 18.5, "day_of_month": 2.0}
