"""From a case table to arrays: in the order of promising, past the guard, without lost outcomes."""

from dataclasses import replace

import ibis
import numpy as np
import pyarrow as pa
import pytest

from overdeliver.learn.columns import DAY
from overdeliver.learn.readings import read_cases
from tests.learn.ledgers import cases_of, ledger

ONE = ledger(200, seed=81)


def test_rows_come_in_the_order_of_promising_whatever_the_source_says() -> None:
    cases = cases_of(ONE.part(np.random.default_rng(0).permutation(200)))
    reading = read_cases(cases, by=["state"])
    np.testing.assert_allclose(reading.facts.made, ONE.seconds)
    np.testing.assert_allclose(reading.facts.actual, ONE.days)
    np.testing.assert_allclose(reading.facts.observed, ONE.seconds + ONE.days * DAY, atol=1e-3)
    assert reading.groups["state"].tolist() == ONE.features["state"].to_pylist()
    assert set(reading.columns.names) == {"seller", "state", "weight"}
    assert (reading.promised == 9.0).all() and reading.facts.unit == DAY


def test_the_latest_are_read() -> None:
    reading = read_cases(cases_of(ONE), most=50)
    np.testing.assert_allclose(reading.facts.made, ONE.seconds[-50:])


def test_the_guard_may_be_overruled_by_name() -> None:
    cases = cases_of(ONE, extra={"took": ONE.days.copy()})
    assert [one.column for one in read_cases(cases).left_out] == ["took"]
    assert "took" in read_cases(cases, known=["took"]).columns.names


def test_kinds_of_features_and_stages() -> None:
    made = ONE.made.astype("datetime64[us]")
    rng = np.random.default_rng(0)
    extra = {
        "first_seen": pa.array(made - rng.integers(1, 9, 200).astype("timedelta64[D]")),
        "gift": pa.array(rng.random(200) < 0.5),
        "price": pa.array(rng.integers(1, 90, 200)).cast(pa.decimal128(23, 4)),
        "packed": pa.array(made + np.timedelta64(1, "D")),
    }
    cases = cases_of(ONE, extra=extra, stages=("packed",))
    reading = read_cases(cases)
    assert list(reading.stages) == ["packed"] and "packed" not in reading.columns.names
    before = reading.columns.numbers["first_seen"]
    assert (before > 0).all() and (before < 9).all()
    assert set(reading.columns.numbers["gift"]) == {0.0, 1.0}
    assert reading.columns.numbers["price"].dtype == float


def test_a_lost_outcome_is_left_and_an_open_one_kept() -> None:
    cases = cases_of(ONE)
    table = cases.table.to_pyarrow().to_pydict()
    for row in (3, 4):
        table["actual"][row] = table["observed_at"][row] = None
    table["verdict"][3], table["verdict"][4] = "unknown", "open"
    again = replace(cases, table=ibis.memtable(pa.table(table)))
    facts = read_cases(again).facts
    assert len(facts.made) == 199
    assert np.flatnonzero(np.isnan(facts.actual)).tolist() == [3]
    assert np.isnan(facts.observed[3])


def test_an_order_cancelled_when_its_promise_was_broken_gives_no_duration() -> None:
    cases = cases_of(ONE)
    table = cases.table.to_pyarrow().to_pydict()
    table["cancelled_at"] = [None] * len(table["made_at"])
    table["actual"][3] = table["observed_at"][3] = None
    table["verdict"][3], table["cancelled_at"][3] = "broken", table["made_at"][9]
    again = replace(cases, table=ibis.memtable(pa.table(table)))
    facts = read_cases(again).facts
    assert len(facts.made) == 199 and not np.isnan(facts.actual).any()


def test_a_bill_without_a_date_was_known_late_rather_than_early() -> None:
    cases = replace(cases_of(ONE), lever="cost", unit="EUR")
    undated = read_cases(replace(cases, table=cases.table.drop("observed_at"))).facts
    assert undated.unit is None
    np.testing.assert_allclose(undated.observed, undated.made)
    table = cases.table.to_pyarrow().to_pydict()
    table["observed_at"][7] = None
    some = read_cases(replace(cases, table=ibis.memtable(pa.table(table)))).facts
    assert some.observed[7] - some.made[7] == pytest.approx(
        np.quantile(np.delete(ONE.days, 7), 0.9) * DAY, rel=1e-3
    )
