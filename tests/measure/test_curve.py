from collections.abc import Callable

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.measure.answers import NotEnough
from overdeliver.measure.cliff import Cliff, cliff
from overdeliver.measure.disconfirmation import Curve, curve
from overdeliver.measure.distribution import MOST_BINS, distribution
from overdeliver.measure.profile import profile

CaseMaker = Callable[..., ir.Table]


def scored(gaps: np.ndarray, scores: np.ndarray) -> ir.Table:
    return ibis.memtable(pa.table({"gap": gaps.astype(float), "score": scores.astype(float)}))


def numbers(gaps: list[float | None]) -> ir.Table:
    return ibis.memtable(pa.table({"gap": pa.array(gaps, pa.float64())}))


any_gaps = st.one_of(
    st.lists(st.integers(-400, 400).map(float), min_size=1, max_size=60),
    st.lists(st.floats(-1e6, 1e6).map(lambda gap: round(gap, 6)), min_size=1, max_size=60),
)


@settings(max_examples=40, deadline=None)
@given(any_gaps)
def test_the_histogram_counts_each_case_once_on_its_side_of_zero(gaps: list[float]) -> None:
    bins = distribution(numbers([*gaps, None]))
    assert 1 <= len(bins) <= MOST_BINS
    assert sum(b.n for b in bins) == len(gaps)
    late = sum(b.n for b in bins if b.gap_high is not None and b.gap_high <= 0)
    assert late == sum(g < 0 for g in gaps)
    ends = [b.gap_high for b in bins[:-1]]
    assert ends == [b.gap_low for b in bins[1:]] and ends == sorted(ends)  # type: ignore[type-var]
    for b in bins:
        assert (b.gap_high is not None and b.gap_high <= 0) or (
            b.gap_low is not None and b.gap_low >= 0
        )
    assert (bins[0].gap_low is None) == (min(gaps) < 0)
    assert (bins[-1].gap_high is None) == (max(gaps) >= 0)


def test_no_settled_case_no_histogram() -> None:
    assert distribution(numbers([None])) == []


def test_the_profile_serves_the_histogram() -> None:
    cases = numbers([float(g) for g in range(-90, 200)])
    assert distribution(cases, gathered=profile(cases)) == distribution(cases)


def test_a_bulk_far_from_zero_still_fits_with_its_few_late_cases() -> None:
    bins = distribution(numbers([1000.0 + i % 100 for i in range(2000)] + [-1.0] * 3))
    assert len(bins) <= MOST_BINS
    assert [b.n for b in bins if b.gap_high is not None and b.gap_high <= 0] == [3]


def test_decimal_edges_are_exact() -> None:
    tenths = [round(0.1 * i, 1) for i in range(-10, 11)]
    rows = profile(numbers(tenths * 3)).rows
    assert {row.low: row.n for row in rows} == dict.fromkeys(tenths, 3)


def test_outliers_do_not_stretch_the_histogram() -> None:
    bins = distribution(numbers([float(g % 20 - 5) for g in range(2000)] + [1e9, -1e9]))
    assert bins[0].gap_high is not None and bins[0].gap_high >= -20
    assert len(bins) > 10


def test_curve_of_whole_days_has_the_usual_bins() -> None:
    gaps = np.repeat(np.arange(-20, 30), 40)
    found = curve(scored(gaps, np.where(gaps < 0, 1, 5)))
    assert isinstance(found, Curve)
    assert [(p.gap_low, p.gap_high) for p in found.points] == [
        (None, -14), (-14, -7), (-7, -3), (-3, -1), (-1, 0),
        (0, 1), (1, 3), (3, 6), (6, 11), (11, 21), (21, None),
    ]  # fmt: skip
    assert [p.lowest_share for p in found.points] == [1.0] * 5 + [0.0] * 6
    assert [p.n for p in found.points][:5] == [240, 280, 160, 80, 40]
    assert found.n == found.scored == 2000


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-50, 50), min_size=30, max_size=60), st.lists(st.floats(-40, 40)))
def test_curve_counts_each_case_once_and_never_straddles_zero(
    gaps: list[float], edges: list[float]
) -> None:
    found = curve(scored(np.array(gaps), np.array(gaps)), edges=edges, minimum=1)
    assert isinstance(found, Curve)
    assert sum(p.n for p in found.points) == len(gaps)
    for p in found.points:
        low = -np.inf if p.gap_low is None else p.gap_low
        high = np.inf if p.gap_high is None else p.gap_high
        assert p.n == sum(low <= g < high for g in gaps)
        assert high <= 0 or low >= 0


def test_curve_is_silent_where_scores_are_few_and_shows_repeats(make_cases: CaseMaker) -> None:
    n = 40
    cases = make_cases(
        [-5.0] * n + [1.0] * n + [2.0] * 2,
        score=[1.0] * 29 + [None] * 11 + [4.0] * n + [5.0] * 2,
        customer_id=[f"late{i}" for i in range(n)] + [f"c{i // 2}" for i in range(n)] + [None] * 2,
    )
    found = curve(cases)
    assert isinstance(found, Curve)
    late, early = found.points
    assert (late.scored, late.score_mean, late.low, late.lowest_share) == (29, None, None, None)
    assert late.repeat_rate == 0.0 and early.repeat_rate == 0.5
    assert early.n == 42 and early.low is not None and early.low < 4.05 < (early.high or 0)


def test_curve_refuses_without_scores_and_without_cases(make_cases: CaseMaker) -> None:
    assert isinstance(curve(numbers([1.0])), NotEnough)
    found = curve(make_cases([1.0] * 29, score=3.0))
    assert isinstance(found, NotEnough) and (found.have, found.need) == (29, 30)


def test_edges_of_hours_fit_the_data() -> None:
    gaps = np.random.default_rng(0).normal(2, 3, 4000) / 24
    found = curve(scored(gaps, gaps))
    assert isinstance(found, Curve) and len(found.points) >= 8


def stepped(seed: int, n: int, at: float, drop: float, spread: float = 1.0) -> ir.Table:
    random = np.random.default_rng(seed)
    gaps = random.integers(-12, 13, n) if at % 1 else random.uniform(-12, 12, n)
    scores = 4 + 0.03 * gaps - drop * (gaps < at) + random.normal(0, spread, n)
    return scored(gaps, scores)


@pytest.mark.parametrize("at", [-2.5, -1.5, -0.5])
def test_the_cliff_is_found_where_it_is(at: float) -> None:
    found = cliff(stepped(1, 5000, at, 1.0))
    assert isinstance(found, Cliff)
    assert found.at == at and found.significant
    assert found.low < -1.0 < found.high and found.low <= found.size <= found.high
    assert found.slope_late == pytest.approx(0.03, abs=0.05)


def test_the_cliff_of_continuous_gaps_is_near() -> None:
    found = cliff(stepped(2, 20_000, 0.0, 1.0))
    assert isinstance(found, Cliff) and found.significant
    assert abs(found.at) <= 0.5 and found.at_low <= found.at <= found.at_high
    assert found.size == pytest.approx(-1.0, abs=0.25)


def test_a_bent_line_without_jump_is_rarely_called_a_cliff() -> None:
    alarms, runs = 0, 60
    for seed in range(runs):
        random = np.random.default_rng(seed)
        gaps = random.integers(-12, 13, 2000)
        scores = 4 + np.where(gaps < -1, 0.25 * (gaps + 1), 0.02 * gaps) + random.normal(0, 1, 2000)
        found = cliff(scored(gaps, scores))
        assert isinstance(found, Cliff)
        alarms += found.significant
    assert alarms / runs <= 0.1


def test_the_interval_of_the_jump_holds_the_truth() -> None:
    held, runs = 0, 50
    for seed in range(runs):
        found = cliff(stepped(seed, 2500, -1.5, 1.0))
        assert isinstance(found, Cliff)
        held += found.low <= -1.0 <= found.high
    assert held >= 0.86 * runs


def test_the_cliff_refuses_few_scores_and_few_places() -> None:
    assert isinstance(cliff(numbers([1.0])), NotEnough)
    late = cliff(scored(np.array([-1.0] * 29 + [1.0] * 99), np.array([3.0] * 128)))
    assert late == NotEnough("29 scored cases on the late side, 30 are needed", 29, 30)
    kept = cliff(scored(np.array([-1.0] * 99 + [1.0] * 9), np.array([3.0] * 108)))
    assert isinstance(kept, NotEnough) and "kept side" in kept.reason
    two = cliff(scored(np.array([-1.0, 1.0] * 99), np.array([3.0] * 198)))
    assert isinstance(two, NotEnough) and "too few different gaps" in two.reason


def test_equal_scores_have_no_cliff() -> None:
    found = cliff(scored(np.repeat(np.arange(-8, 9), 20), np.full(340, 4.0)))
    assert isinstance(found, Cliff)
    assert not found.significant and found.size == pytest.approx(0.0, abs=1e-9)
