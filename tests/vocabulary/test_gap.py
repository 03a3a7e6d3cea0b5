"""One gap and one verdict, whether for a number, an array or a column."""

from collections.abc import Sequence

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.vocabulary.gap import KEPT, LEVERS, SETTLED, VERDICTS, Lever, gap, verdict

values = st.none() | st.integers(-1000, 1000) | st.floats(-1e6, 1e6, allow_nan=False)
rows = st.lists(st.tuples(values, values, st.booleans(), st.booleans()), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("promised", "actual", "lever", "apart", "said"),
    [
        (60, 45, "time", 15, "exceeded"),
        (30, 45, "time", -15, "broken"),
        (30, 30, "time", 0, "met"),
        (100.0, 120.0, "cost", -20.0, "broken"),
        (100.0, 80.0, "cost", 20.0, "exceeded"),
        (1, 2, "service", 1, "exceeded"),
        (3, 2, "service", -1, "broken"),
    ],
)
def test_fixtures(promised: float, actual: float, lever: Lever, apart: float, said: str) -> None:
    assert gap(promised, actual, lever) == apart
    assert verdict(gap(promised, actual, lever)) == said


@pytest.mark.parametrize("missing", [None, float("nan"), np.nan])
@pytest.mark.parametrize(
    ("overdue", "lost", "said"),
    [
        (False, False, "open"),
        (True, False, "broken"),
        (False, True, "unknown"),
        (True, True, "unknown"),
    ],
)
def test_without_an_outcome(missing: float | None, overdue: bool, lost: bool, said: str) -> None:
    assert verdict(missing, overdue=overdue, lost=lost) == said


def test_what_was_seen_outweighs_what_is_due_and_lost() -> None:
    assert verdict(1, overdue=True, lost=True) == "exceeded"


def test_the_words_are_one_set() -> None:
    assert set(KEPT) < set(SETTLED) < set(VERDICTS)
    assert len(LEVERS) == 3


def by_number(found: Sequence, lever: Lever, tolerance: float) -> list[tuple[float | None, str]]:
    answers = []
    for promised, actual, overdue, lost in found:
        known = promised is not None and actual is not None
        apart = gap(float(promised), float(actual), lever) if known else None
        said = verdict(apart, overdue=overdue, lost=lost, tolerance=tolerance)
        answers.append((apart, said))
    return answers


def by_array(found: Sequence, lever: Lever, tolerance: float) -> list[tuple[float | None, str]]:
    promised, actual = (np.array([row[i] for row in found], dtype=float) for i in (0, 1))
    overdue, lost = (np.array([row[i] for row in found]) for i in (2, 3))
    apart = gap(promised, actual, lever)
    said = verdict(apart, overdue=overdue, lost=lost, tolerance=tolerance)
    return [(None if np.isnan(a) else float(a), str(v)) for a, v in zip(apart, said, strict=True)]


def by_column(found: Sequence, lever: Lever, tolerance: float) -> list[tuple[float | None, str]]:
    promised, actual, overdue, lost = (list(column) for column in zip(*found, strict=True))
    floats = [[None if v is None else float(v) for v in column] for column in (promised, actual)]
    table = ibis.memtable(
        pa.table(
            {
                "row": range(len(found)),
                "promised": pa.array(floats[0], pa.float64()),
                "actual": pa.array(floats[1], pa.float64()),
                "overdue": pa.array(overdue, pa.bool_()),
                "lost": pa.array(lost, pa.bool_()),
            }
        )
    )
    apart = gap(table["promised"], table["actual"], lever)
    said = verdict(apart, overdue=table["overdue"], lost=table["lost"], tolerance=tolerance)
    answers = table.select("row", gap=apart, verdict=said).order_by("row").to_pyarrow().to_pylist()
    return [(row["gap"], row["verdict"]) for row in answers]


@settings(max_examples=40, deadline=None)
@given(found=rows, lever=st.sampled_from(LEVERS), tolerance=st.sampled_from([0, 0.5, 15]))
def test_number_array_and_column_agree(found: Sequence, lever: Lever, tolerance: float) -> None:
    one = by_number(found, lever, tolerance)
    assert by_array(found, lever, tolerance) == one
    assert by_column(found, lever, tolerance) == one


@given(apart=st.floats(-1e6, 1e6), tolerance=st.floats(0, 1e3), more=st.floats(0, 1e3))
def test_a_better_outcome_is_never_judged_worse(
    apart: float, tolerance: float, more: float
) -> None:
    order = ["broken", "met", "exceeded"]
    said, better = (verdict(gap, tolerance=tolerance) for gap in (apart, apart + more))
    assert order.index(better) >= order.index(said)


def test_a_single_number_of_an_array_is_a_number() -> None:
    assert verdict(np.float64(3)) == "exceeded"
    assert verdict(np.array(-3)) == "broken"
