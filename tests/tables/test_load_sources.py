"""Where rows come from: frames, files, folders, two tables joined, an event log, real data."""

from datetime import UTC, datetime, timedelta

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from overdeliver.tables.load import load_cases
from overdeliver.vocabulary.errors import InputError
from tests.tables.orders import codes, frame, orders, rows_of


class TestSources:
    def test_every_kind_of_frame_gives_the_same(self, tmp_path):
        table = orders()
        path = tmp_path / "o.parquet"
        pl.from_arrow(table).write_parquet(path)
        csv = tmp_path / "o.csv"
        table.to_pandas().to_csv(csv, index=False)
        connection = duckdb.connect()
        sources = [table, pd.DataFrame(table.to_pandas()), pl.from_arrow(table), path, str(csv)]
        connection.register("rows", table)
        sources.append(connection.sql("SELECT * FROM rows"))
        wanted = ["order_id", "promised", "actual", "gap", "verdict"]
        seen = [[[r[c] for c in wanted] for r in rows_of(load_cases(s))] for s in sources]
        assert all(found == seen[0] for found in seen[1:])

    def test_promise_file_and_outcome_file(self, tmp_path):
        promises = orders().drop(["delivered_at"])
        outcomes = orders().select(["order_id", "delivered_at"]).take([2, 1, 0, 0])
        paths = [tmp_path / "p.parquet", tmp_path / "q.parquet"]
        for part, path in zip((promises, outcomes), paths, strict=True):
            pl.from_arrow(part).write_parquet(path)
        cases = load_cases(paths)
        assert [r["verdict"] for r in rows_of(cases)] == ["met", "broken", "exceeded", "broken"]
        assert "files_joined" in codes(cases)
        assert load_cases(tmp_path).intake.read == 4

    def test_parts_are_stacked(self):
        cases = load_cases([orders().slice(0, 2), orders().slice(2)])
        assert [r["line"] for r in rows_of(cases)] == [1, 2, 3, 4]
        assert "files_stacked" in codes(cases)

    def test_what_cannot_be_joined(self, tmp_path):
        with pytest.raises(InputError, match="cannot be joined"):
            load_cases([orders(), frame(colour=["red"])])
        with pytest.raises(InputError, match="no such file"):
            load_cases(tmp_path / "absent.csv")
        with pytest.raises(InputError, match="no readable file"):
            load_cases(tmp_path)
        with pytest.raises(InputError, match="no file was given"):
            load_cases([])

    def test_an_event_log_gives_one_promise_per_case(self):
        at = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=h) for h in range(4)]
        table = pa.table(
            {
                "case:concept:name": ["a", "a", "b", "b"],
                "concept:name": ["in", "out", "in", "out"],
                "time:timestamp": at,
                "case:deadline": ["2026-01-05T00:00:00+01:00"] * 4,
                "case:enddate": ["2026-01-04T00:00:00+01:00"] * 2 + [None] * 2,
                "case:channel": ["web", "web", "desk", "desk"],
            }
        )
        cases = load_cases(table)
        assert (cases.intake.read, cases.intake.used) == (4, 4)
        assert [r["order_id"] for r in rows_of(cases)] == ["a", "b"]
        assert cases.mapping["placed_at"] == "case started"
        assert [r["verdict"] for r in rows_of(cases)] == ["exceeded", "open"]
        bare = load_cases(table.drop(["case:deadline", "case:enddate"]), unit="hours")
        assert [r["actual"] for r in rows_of(bare)] == [1.0, 1.0]


@pytest.mark.real
def test_real_tables(shared_data):
    estimates = load_cases(shared_data / "estimates")
    assert (estimates.lever, estimates.unit) == ("cost", "hours")
    assert (estimates.intake.read, estimates.intake.used) == (12_299, 10_266)
    permits = load_cases(shared_data / "eventlog" / "receipt.parquet")
    done = permits.table.filter(permits.table["actual"].notnull())
    late = done.aggregate(late=(done["verdict"] == "broken").mean()).to_pyarrow().to_pylist()[0]
    assert late["late"] == pytest.approx(0.284, abs=0.001)
    assert permits.mapping["promised_at"] == "case:deadline"
    delivery = load_cases(shared_data / "delivery")
    assert delivery.mapping == {"actual": "Time_taken(min)"}
    assert delivery.intake.rejected == 0
