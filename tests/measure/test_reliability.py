import random
from collections.abc import Callable
from datetime import date, datetime

import ibis
import ibis.expr.types as ir
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.measure.reliability import (
    calibration,
    outcomes,
    reliability,
    reliability_of,
    with_calendar,
)
from overdeliver.measure.tallies import Tally
from overdeliver.vocabulary.errors import MissingField

CaseMaker = Callable[..., ir.Table]
gaps = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(-5, 5).map(float)), st.sampled_from(["a", "b", None])
    ),
    min_size=1,
    max_size=40,
)


def counted(key: str, kept: int, n: int) -> Tally:
    """A group's books with only its counts filled in."""
    return Tally({"g": key}, n - kept, kept, 0, 0, 0, n, 1.0, 1.0, 0.0, 1.0, 0.0, None, None)


def test_outcomes_count_the_five_verdicts_and_only_the_settled_are_judged(
    make_cases: CaseMaker,
) -> None:
    cases = make_cases(
        [-2.0, 0.0, 3.0, None, None, None],
        verdict=["broken", "met", "exceeded", "open", "unknown", "broken"],
    )
    found = outcomes(cases)
    assert (found.broken, found.met, found.exceeded, found.open, found.unknown) == (2, 1, 1, 1, 1)
    assert found.n == 4
    assert found.kept is not None and found.kept.rate == 0.5
    assert found.actual_mean == pytest.approx((12 + 10 + 7) / 3)  # the observed ones
    assert found.gap_mean == pytest.approx(1 / 3)
    assert found.first == datetime(2024, 1, 1) and found.last == datetime(2024, 1, 1, 5)


def test_nothing_known_gives_no_figures(make_cases: CaseMaker) -> None:
    found = outcomes(make_cases([None, None]))
    assert found.open == 2
    assert found.kept is None and found.promised_mean is None and found.gap is None


def test_no_rows_at_all(make_cases: CaseMaker) -> None:
    empty = make_cases([1.0]).filter(ibis.literal(False))
    assert outcomes(empty).n == 0 and outcomes(empty).kept is None
    assert reliability(empty, ["order_id"]) == []


@settings(max_examples=25, deadline=None)
@given(gaps, st.randoms(use_true_random=False))
def test_groups_add_up_and_row_order_does_not_matter(
    make_cases: CaseMaker, rows: list[tuple[float | None, str | None]], order: random.Random
) -> None:
    def measured(pairs: list[tuple[float | None, str | None]]) -> list[tuple[object, ...]]:
        cases = make_cases([g for g, _ in pairs], team=[t for _, t in pairs] + [None])
        groups = reliability(cases.mutate(team=cases.team.cast("string")), ["team"])
        return [(g.key["team"], g.n, g.broken, g.met, g.exceeded, g.open, g.flag) for g in groups]

    found = measured(rows)
    assert sum(sum(g[2:6]) for g in found) == len(rows)  # type: ignore[arg-type,misc]
    assert {g[0] for g in found} == {team for _, team in rows}
    shuffled = list(rows)
    order.shuffle(shuffled)
    assert measured(shuffled) == found


def test_a_null_group_is_a_group(make_cases: CaseMaker) -> None:
    cases = make_cases([1.0] * 25 + [-1.0] * 20, team=[None] * 25 + ["a"] * 20)
    first = reliability(cases, ["team"])[0]
    assert first.key == {"team": None} and first.n == 25 and first.flag == "better"


def test_below_the_minimum_there_is_neither_rate_nor_flag(make_cases: CaseMaker) -> None:
    cases = make_cases([-1.0] * 19 + [1.0] * 500, team=["few"] * 19 + ["many"] * 500)
    few = next(g for g in reliability(cases, ["team"]) if g.key["team"] == "few")
    assert not few.enough and few.kept is None and few.flag is None and few.needed == 20
    assert few.gap_mean == -1.0  # counted all the same


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=12),
    st.integers(1, 40),
)
def test_a_flag_is_never_set_below_the_minimum(pairs: list[tuple[int, int]], minimum: int) -> None:
    tallies = [counted(str(i), min(p), max(p)) for i, p in enumerate(pairs)]
    for group in reliability_of(tallies, minimum=minimum):
        assert group.flag is None or (group.enough and group.n >= minimum)
        assert (group.kept is not None) == group.enough


@pytest.mark.parametrize(("groups", "size"), [(2, 60), (12, 40), (40, 200)])
def test_equal_groups_are_rarely_called_worse(groups: int, size: int) -> None:
    runs, alarms = 400, 0
    random = np.random.default_rng(7)
    for _ in range(runs):
        kept = random.binomial(size, 0.9, groups)
        found = reliability_of([counted(str(i), int(k), size) for i, k in enumerate(kept)])
        alarms += any(group.flag == "worse" for group in found)
    assert alarms / runs <= 0.05


def test_a_group_that_is_worse_is_found_among_many() -> None:
    tallies = [counted(str(i), 180, 200) for i in range(30)] + [counted("bad", 140, 200)]
    flagged = {str(g.key["g"]): g.flag for g in reliability_of(tallies) if g.flag}
    assert flagged == {"bad": "worse"}


def test_with_a_said_level_groups_are_held_against_it_and_need_its_minimum() -> None:
    tallies = [counted("a", 150, 200), counted("b", 190, 200), counted("c", 30, 40)]
    found = {g.key["g"]: g for g in reliability_of(tallies, said=0.95, minimum=10)}
    assert found["a"].flag == "worse" and found["b"].flag is None
    assert found["a"].needed == 19
    rare = reliability_of([counted("a", 30, 60)], said=0.99)[0]
    assert rare.needed == 99 and rare.flag is None


def test_one_group_alone_has_no_rest_to_differ_from() -> None:
    assert reliability_of([counted("all", 10, 100)])[0].flag is None


def test_calibration_by_a_column_of_levels(make_cases: CaseMaker) -> None:
    cases = make_cases(
        [1.0] * 80 + [-1.0] * 20 + [1.0] * 80 + [-1.0] * 20 + [1.0],
        level=[0.8] * 100 + [0.95] * 100 + [None],
    )
    found = {one.said: one for one in calibration(cases, "level")}
    assert set(found) == {0.8, 0.95}
    assert found[0.8].flag is None and found[0.95].flag == "worse"
    kept = found[0.95].kept
    assert kept is not None and kept.rate == 0.8


def test_calibration_by_group_and_below_the_minimum(make_cases: CaseMaker) -> None:
    cases = make_cases([1.0] * 50, team=["a"] * 45 + ["b"] * 5)
    found = {one.key["team"]: one for one in calibration(cases, said=0.5, by=["team"])}
    assert found["a"].flag == "better"
    assert found["b"].kept is None and not found["b"].enough


def test_calibration_wants_exactly_one_level(make_cases: CaseMaker) -> None:
    for kwargs in ({}, {"level_column": "promised", "said": 0.9}):
        with pytest.raises(ValueError, match="a column of levels or one level"):
            calibration(make_cases([1.0]), **kwargs)  # type: ignore[arg-type]


def test_calendar_columns_group(make_cases: CaseMaker) -> None:
    cases = with_calendar(make_cases([1.0] * 24 * 8))  # from Monday, 1 January 2024
    days = {g.key["weekday"]: g.n for g in reliability(cases, ["weekday"])}
    assert days == {1: 48, **dict.fromkeys(range(2, 8), 24)}
    months = [g.key["month"] for g in reliability(cases, ["month"])]
    assert months == [date(2024, 1, 1)]


def test_an_absent_column_is_named(make_cases: CaseMaker) -> None:
    with pytest.raises(MissingField, match=r"no column 'team'.*order_id"):
        reliability(make_cases([1.0]), ["team"])
