from collections.abc import Callable
from datetime import timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.measure.answers import NotEnough
from overdeliver.measure.gaps import PRIOR, asymmetry, gap_costs, touchpoint_gaps
from overdeliver.vocabulary.errors import MissingField

CaseMaker = Callable[..., ir.Table]


def scored(gaps: np.ndarray, scores: np.ndarray) -> ir.Table:
    return ibis.memtable(pa.table({"gap": gaps.astype(float), "score": scores.astype(float)}))


def test_cost_is_weight_times_shortfall_ranked_with_shares(make_cases: CaseMaker) -> None:
    cases = make_cases([-1.0, -5.0, 4.0, -2.0], team=["a", "b", "b", "a"])
    found = gap_costs(cases, ["team"], 2.0)
    assert [(c.key["team"], c.shortfall, c.cost, c.share) for c in found] == [
        ("b", 5.0, 10.0, 0.625),
        ("a", 3.0, 6.0, 0.375),
    ]


def test_nothing_missed_costs_nothing_and_shares_nothing(make_cases: CaseMaker) -> None:
    found = gap_costs(make_cases([1.0, 0.0], team=["a", "b"]), ["team"])
    assert [(c.cost, c.share) for c in found] == [(0.0, None), (0.0, None)]


@pytest.mark.parametrize(
    ("unit", "granularity", "expected"),
    [
        ("days", "moment", 1.5),
        ("hours", "moment", 36.0),
        ("days", "day", 2.0),
        ("EUR", "number", 0),
    ],
)
def test_an_overdue_promise_costs_what_it_is_late_so_far(
    make_cases: CaseMaker, unit: str, granularity: str, expected: float
) -> None:
    cases = make_cases([None, None, None], verdict=["broken", "open", "unknown"], team="a")
    due = cases.due_at.min().to_pyarrow().as_py()
    found = gap_costs(
        cases,
        ["team"],
        1.0,
        as_of=due + timedelta(days=1.5),
        unit=unit,
        granularity=granularity,  # type: ignore[arg-type]
    )
    assert found[0].shortfall == pytest.approx(expected)
    assert gap_costs(cases, ["team"], 1.0)[0].shortfall == 0


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(-9, 9), min_size=1, max_size=20), st.integers(2, 60))
def test_scaling_the_unit_scales_the_cost_and_keeps_the_ranking(
    make_cases: CaseMaker, gaps: list[int], factor: int
) -> None:
    teams = ["abc"[i % 3] for i in range(len(gaps))]
    one = gap_costs(make_cases([float(g) for g in gaps], team=teams), ["team"])
    many = gap_costs(make_cases([float(g * factor) for g in gaps], team=teams), ["team"])
    assert [c.key for c in one] == [c.key for c in many]
    assert [c.cost * factor for c in one] == pytest.approx([c.cost for c in many])


def test_asymmetry_is_found_again() -> None:
    random = np.random.default_rng(3)
    gaps = random.integers(-8, 9, 6000)
    scores = 7 + np.where(gaps < 0, 0.6 * gaps, 0.2 * gaps) + random.normal(0, 1, 6000)
    found = asymmetry(scored(gaps, scores))
    assert found.source == "scores" and found.n == 6000
    assert found.low is not None and found.high is not None
    assert found.low < 3.0 < found.high
    assert found.weight == pytest.approx(3.0, abs=0.5)


def test_the_interval_of_the_asymmetry_holds_the_truth_nineteen_times_in_twenty() -> None:
    held, runs = 0, 60
    for seed in range(runs):
        random = np.random.default_rng(seed)
        gaps = random.integers(-6, 7, 1500)
        scores = 7 + np.where(gaps < 0, 0.5 * gaps, 0.25 * gaps) + random.normal(0, 1, 1500)
        found = asymmetry(scored(gaps, scores))
        assert found.low is not None
        held += found.low <= 2.0 and (found.high is None or found.high >= 2.0)
    assert held >= 0.87 * runs


def test_the_unit_does_not_alter_the_asymmetry() -> None:
    random = np.random.default_rng(3)
    gaps = random.integers(-8, 9, 4000)
    scores = 7 + np.where(gaps < 0, 0.6 * gaps, 0.2 * gaps) + random.normal(0, 1, 4000)
    days, hours = asymmetry(scored(gaps, scores)), asymmetry(scored(gaps * 24, scores))
    assert hours.weight == pytest.approx(days.weight, rel=0.03)


def test_the_prior_stands_where_scores_are_few_or_do_not_fall() -> None:
    gaps = np.array([-1.0, 1.0] * 150)
    assert asymmetry(scored(gaps, gaps)).source == "prior"
    flat = np.array([-1.0, 0.0, 1.0] * 300)
    noise = np.random.default_rng(0).normal(4, 1, 900)
    found = asymmetry(scored(flat, noise))
    assert (found.weight, found.low, found.high, found.n) == (PRIOR, None, None, 900)


def test_an_excess_that_may_earn_nothing_leaves_the_weight_without_upper_end() -> None:
    random = np.random.default_rng(5)
    gaps = random.integers(-5, 6, 1000)
    scores = 5 + np.where(gaps < 0, 0.5 * gaps, 0.02 * gaps) + random.normal(0, 1, 1000)
    found = asymmetry(scored(gaps, scores))
    assert found.source == "scores" and found.high is None and (found.low or 0) > PRIOR


def touched(**columns: list[object]) -> ir.Table:
    return ibis.memtable(pa.table(columns))


def test_touchpoints_rank_by_gap_traffic_and_importance() -> None:
    found = touchpoint_gaps(
        touched(
            touchpoint=["door"] * 40 + ["till"] * 20 + ["web"] * 30,
            expected=[5.0] * 90,
            received=[4.0, 6.0] * 20 + [3.0] * 20 + [None, 5.0] * 15,
            importance=[1.0] * 40 + [3.0] * 20 + [None] * 30,
        ),
        weight=2.0,
        minimum=15,
    )
    assert isinstance(found, list)
    assert [(t.key["touchpoint"], t.pain) for t in found] == [
        ("till", 240.0),
        ("door", 20.0),
        ("web", 0.0),
    ]
    door = found[1]
    assert door.gap_mean == 0.0 and door.weighted_mean == -0.5
    assert door.weighted is not None and door.weighted.holds(-0.5)
    assert found[2].n == 30 and found[2].rated == 15 and found[2].importance == 1.0


def test_rare_touchpoints_come_last_without_figures() -> None:
    found = touchpoint_gaps(
        touched(
            touchpoint=["rare"] * 3 + ["often"] * 20,
            segment=["new"] * 23,
            expected=[5.0] * 23,
            received=[1.0] * 3 + [5.0] * 20,
        ),
        by=["touchpoint", "segment"],
    )
    assert isinstance(found, list)
    assert found[-1].key == {"touchpoint": "rare", "segment": "new"}
    assert found[-1].pain is None and found[-1].gap is None and not found[-1].enough


def test_too_few_encounters_of_any_kind() -> None:
    few = touched(touchpoint=["door"], expected=[5.0], received=[1.0])
    assert touchpoint_gaps(few) == NotEnough(
        "at most 1 rated encounters of one kind, 20 are needed", 1, 20
    )
    with pytest.raises(MissingField, match="'place'"):
        touchpoint_gaps(few, by=["place"])
