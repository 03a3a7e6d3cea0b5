"""The groups of any grouping, put together, are the whole."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.measure.reliability import outcomes, outcomes_of
from overdeliver.measure.tallies import merged, tally
from overdeliver.vocabulary.gap import VERDICTS

CASE = st.tuples(
    st.sampled_from([None, "a", "b", "c"]),
    st.sampled_from([None, *VERDICTS]),
    st.one_of(st.none(), st.floats(-1000, 1000)),
    st.floats(0, 100),
    st.one_of(st.none(), st.integers(0, 1000)),
)


def table(rows: list[tuple[Any, ...]]) -> ibis.Table:
    teams, verdicts, gaps, promised, hours = (
        map(list, zip(*rows, strict=True)) if rows else [[]] * 5
    )
    begin = datetime(2024, 1, 1)
    made = [None if h is None else begin + timedelta(hours=h) for h in hours]
    actual = [None if g is None else p - g for g, p in zip(gaps, promised, strict=True)]
    return ibis.memtable(
        pa.table(
            {
                "team": pa.array(teams, pa.string()),
                "verdict": pa.array(verdicts, pa.string()),
                "gap": pa.array(gaps, pa.float64()),
                "promised": pa.array(promised, pa.float64()),
                "actual": pa.array(actual, pa.float64()),
                "made_at": pa.array(made, pa.timestamp("us")),
            }
        )
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(CASE, min_size=1, max_size=40))
def test_groups_together_are_the_whole(rows: list[tuple[Any, ...]]) -> None:
    cases = table(rows)
    whole, parts = tally(cases)[0], merged(tally(cases, ["team"]))
    for name, value in asdict(whole).items():
        put_together = getattr(parts, name)
        if isinstance(value, float):
            assert put_together == pytest.approx(value, rel=1e-9, abs=1e-6), name
        else:
            assert put_together == value, name


def test_no_case_at_all_counts_nothing() -> None:
    cases = table([])
    assert merged(tally(cases, ["team"])) == tally(cases)[0]
    assert outcomes(cases).broken == 0
    assert outcomes_of(merged([])).kept is None


def test_a_group_of_unknown_verdicts_only_has_none_of_each() -> None:
    [group] = tally(table([("a", None, 1.0, 2.0, 3)]), ["team"])
    assert (group.n, group.open, group.unknown, group.observed) == (0, 0, 0, 1)
