"""From rows to cases: semantics, rejects, books."""

from datetime import UTC, date, datetime, timedelta

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.tables.load import load_cases
from overdeliver.vocabulary.errors import InputError, MissingField
from overdeliver.vocabulary.gap import gap, verdict

DAY = datetime(2026, 3, 2)


def rows_of(cases):
    return cases.table.order_by("line").to_pyarrow().to_pylist()


def codes(cases):
    return {notice.code for notice in cases.notices}


def frame(**columns):
    return pa.table(columns)


def orders(**more):
    columns = {
        "order_id": ["a", "b", "c", "d"],
        "placed_at": [DAY + timedelta(hours=15)] * 4,
        "promised_at": [date(2026, 3, 5)] * 4,
        "delivered_at": [
            datetime(2026, 3, 5, 23, 59),
            datetime(2026, 3, 6, 0, 1),
            datetime(2026, 3, 3, 9),
            None,
        ],
    }
    return pa.table({**columns, **more})


class TestDays:
    def test_a_date_is_kept_until_its_end(self):
        cases = load_cases(orders())
        assert (cases.lever, cases.unit, cases.granularity) == ("time", "days", "day")
        found = rows_of(cases)
        assert [r["verdict"] for r in found] == ["met", "broken", "exceeded", "broken"]
        assert [r["promised"] for r in found] == [3.0] * 4
        assert [r["actual"] for r in found] == [3.0, 4.0, 1.0, None]
        assert [r["gap"] for r in found] == [0.0, -1.0, 2.0, None]
        assert found[0]["due_at"] == datetime(2026, 3, 5, 23, 59, 59, 999999)

    def test_open_until_due_then_broken(self):
        until_noon = load_cases(orders(), as_of=datetime(2026, 3, 5, 12))
        assert rows_of(until_noon)[3]["verdict"] == "open"
        assert load_cases(orders()).as_of == datetime(2026, 3, 6, 0, 1)
        last_moment = load_cases(orders(), as_of=datetime(2026, 3, 5, 23, 59, 59, 999999))
        assert rows_of(last_moment)[3]["verdict"] == "open"

    def test_a_cancelled_order_is_unknown_unless_it_arrived(self):
        gone = pa.array(
            [None, None, DAY + timedelta(days=1), DAY + timedelta(days=1)], pa.timestamp("us")
        )
        found = rows_of(load_cases(orders(cancelled_at=gone)))
        assert [r["verdict"] for r in found] == ["met", "broken", "exceeded", "unknown"]
        flags = rows_of(load_cases(orders(cancelled=[False, False, False, True])))
        assert flags[3]["verdict"] == "unknown"

    def test_midnights_are_days(self):
        due = pa.array([datetime(2026, 3, 5)] * 4, pa.timestamp("us"))
        table = orders().set_column(2, "promised_at", due)
        assert load_cases(table).granularity == "day"

    def test_tolerance(self):
        found = rows_of(load_cases(orders(), tolerance=2))
        assert [r["verdict"] for r in found][:3] == ["met", "broken", "met"]

    def test_a_number_of_days_and_a_delivery(self):
        table = (
            orders().drop(["promised_at"]).append_column("promised_days", pa.array([3, 3, 1, 2]))
        )
        cases = load_cases(table)
        assert (cases.granularity, cases.unit) == ("day", "days")
        assert [r["gap"] for r in rows_of(cases)] == [0.0, -1.0, 0.0, None]
        assert rows_of(cases)[2]["due_at"] == datetime(2026, 3, 3, 23, 59, 59, 999999)


class TestMoments:
    def test_unit_follows_the_length(self):
        table = frame(
            ordered_at=[DAY],
            promised_at=[DAY + timedelta(minutes=45)],
            delivered_at=[DAY + timedelta(minutes=60)],
        )
        cases = load_cases(table)
        assert (cases.unit, cases.granularity) == ("minutes", "moment")
        assert rows_of(cases)[0]["gap"] == -15.0
        assert rows_of(load_cases(table, unit="hours"))[0]["gap"] == -0.25

    def test_offsets_count_elapsed_time_across_the_change_of_clocks(self):
        # Clocks in Bucharest went from 03:00 to 04:00 on 2026-03-29.
        table = frame(
            ordered_at=["2026-03-29T02:50:00+02:00"],
            promised_at=["2026-03-29T04:20:00+03:00"],
            delivered_at=["2026-03-29T04:15:00+03:00"],
        )
        cases = load_cases(table, zone="Europe/Bucharest", unit="minutes")
        row = rows_of(cases)[0]
        assert (row["promised"], row["actual"], row["gap"]) == (30.0, 25.0, 5.0)
        assert row["made_at"] == datetime(2026, 3, 29, 2, 50)
        assert row["due_at"] == datetime(2026, 3, 29, 4, 20)

    def test_wall_clocks_of_a_zone_count_elapsed_time_too(self):
        made = datetime(2026, 3, 29, 2, 50)
        table = frame(
            ordered_at=[made], promised_at=[datetime(2026, 3, 29, 4, 20)], delivered_at=[made]
        )
        row = rows_of(load_cases(table, zone="Europe/Bucharest", unit="minutes"))[0]
        assert row["promised"] == 30.0

    def test_numbers_with_a_start_are_due_and_observed_in_the_zone(self):
        table = frame(
            order_time=[datetime(2026, 3, 29, 2, 50)], promised_minutes=[30], actual_minutes=[45]
        )
        cases = load_cases(table, zone="Europe/Bucharest")
        row = rows_of(cases)[0]
        assert (cases.lever, cases.unit, cases.granularity) == ("time", "minutes", "number")
        assert row["due_at"] == datetime(2026, 3, 29, 4, 20)
        assert row["observed_at"] == datetime(2026, 3, 29, 4, 35)
        assert row["verdict"] == "broken"

    def test_without_a_start_the_gap_is_still_known(self):
        cases = load_cases(orders().drop(["placed_at"]))
        found = rows_of(cases)
        assert [r["gap"] for r in found] == [0.0, -1.0, 2.0, None]
        assert found[0]["promised"] is None
        assert "no_made_at" in codes(cases)


class TestNumbersAndClasses:
    def test_estimated_hours_are_a_cost(self):
        cases = load_cases(frame(HoursEstimate=[7.0, 7.0], HoursActual=[8.0, None]))
        assert (cases.lever, cases.unit, cases.granularity) == ("cost", "hours", "number")
        assert [r["verdict"] for r in rows_of(cases)] == ["broken", "open"]

    def test_money_takes_its_currency_as_unit(self):
        table = frame(quote=["R$ 100,00", "R$ 80,50"], final_price=["R$ 90,00", "R$ 80,50"])
        cases = load_cases(table)
        assert (cases.lever, cases.unit) == ("cost", "BRL")
        assert [r["gap"] for r in rows_of(cases)] == [10.0, 0.0]

    def test_a_lever_that_was_asked_for(self):
        table = frame(promised=[5.0], actual=[4.0])
        assert load_cases(table).lever == "time"
        assert "unit_assumed" in codes(load_cases(table))
        assert load_cases(table, unit="minutes").unit == "minutes"
        assert load_cases(table, lever="cost").unit == "units"
        with pytest.raises(InputError, match="--unit EUR"):
            load_cases(table, lever="time", unit="EUR")
        with pytest.raises(InputError, match="must be one of"):
            load_cases(table, lever="speed")

    @pytest.mark.parametrize(
        ("booked", "delivered", "given", "gaps"),
        [
            (["Economy", "business"], ["Business", "Premium"], (), [2.0, -1.0]),
            (["1", "2"], ["1", "3"], (), [0.0, 1.0]),
            (["b", "a"], ["a", "b"], ("a", "b"), [-1.0, 1.0]),
            (["эконом", "бизнес"], ["бизнес", "комфорт"], (), [3.0, -2.0]),
        ],
    )
    def test_service_classes(self, booked, delivered, given, gaps):
        cases = load_cases(frame(booked_class=booked, delivered_class=delivered), classes=given)
        assert (cases.lever, cases.unit) == ("service", "class")
        assert [r["gap"] for r in rows_of(cases)] == gaps

    def test_classes_in_no_known_order(self):
        with pytest.raises(InputError, match="'x', 'y' is not known"):
            load_cases(frame(booked_class=["x"], delivered_class=["y"]))
        with pytest.raises(InputError, match="not in the order given"):
            load_cases(frame(booked_class=["x"], delivered_class=["y"]), classes=("x",))


class TestNoPromise:
    def test_it_can_still_teach(self):
        cases = load_cases(frame(**{"ID": ["x", "x"], "Time_taken(min)": [24, 33]}))
        assert [r["verdict"] for r in rows_of(cases)] == ["unknown", "unknown"]
        assert [r["actual"] for r in rows_of(cases)] == [24.0, 33.0]
        assert cases.unit == "minutes"
        assert {"no_promise", "id_repeats"} <= codes(cases)
        assert [r["order_id"] for r in rows_of(cases)] == ["1", "2"]

    def test_nothing_at_all_is_one_clear_line(self):
        with pytest.raises(
            MissingField, match=r"columns: colour, weight.*--map promised_at="
        ) as caught:
            load_cases(frame(colour=["red"], weight=[1.0]))
        assert "\n" not in str(caught.value)


BAD = """order_id,order_date,promised_date,delivered_date,amount
1,2026-02-01,2026-02-10,2026-02-09,10.50
2,2026-02-31,2026-02-10,2026-02-09,10.50
3,2026-02-01,,2026-02-09,10.50
4,2026-02-05,2026-02-04,2026-02-09,10.50
5,2026-02-05,2026-02-08,2026-02-01,10.50
1,2026-02-05,2026-02-08,2026-02-06,10.50
6,2026-02-05,2026-02-08,,10.50
,2026-02-05,2026-02-08,,10.50
7,2026-02-05,2026-02-08
8,2026-02-31,,2026-02-01,ten
9,2026-02-05,2026-02-08,,ten
"""


class TestRejects:
    def test_each_row_by_line_column_value_and_reason(self, tmp_path):
        path = tmp_path / "bad.csv"
        path.write_text(BAD, encoding="utf-8")
        cases = load_cases(path)
        books = cases.intake
        assert (books.read, books.used, books.rejected) == (11, 2, 9)
        assert [r["order_id"] for r in rows_of(cases)] == ["1", "6"]
        found = {r.line: (r.column, r.value) for r in books.sample}
        assert found[3] == ("order_date", "2026-02-31")
        assert found[4] == ("promised_date", "")
        assert found[5] == ("promised_date", "2026-02-04")
        assert found[6] == ("delivered_date", "2026-02-01")
        assert found[7] == ("order_id", "1")
        assert found[9] == ("order_id", "")
        assert found[11] == ("amount", "ten")  # the first of several faults
        assert found[12] == ("amount", "ten")
        reasons = {r.line: r.reason for r in books.sample}
        assert reasons[6] == "delivered before it was ordered"
        assert reasons[7] == "this order was told of in an earlier row"
        assert "no such day" in reasons[3]

    def test_the_reject_file_holds_every_one(self, tmp_path):
        path, target = tmp_path / "bad.csv", tmp_path / "rejects.csv"
        path.write_text(BAD, encoding="utf-8")
        cases = load_cases(path, reject_file=target)
        assert cases.intake.reject_file == str(target)
        assert len(target.read_text(encoding="utf-8-sig").strip().splitlines()) == 10

    def test_a_sound_row_is_not_doubled_by_a_faulty_one(self):
        table = frame(order_id=["a", "a", "a"], promised=[-1.0, 5.0, 6.0], actual=[1.0, 2.0, 3.0])
        cases = load_cases(table)
        assert [r["line"] for r in rows_of(cases)] == [2]
        assert [r.reason for r in cases.intake.sample] == [
            "promised is negative",
            "this order was told of in an earlier row",
        ]

    def test_no_number_is_no_number(self):
        table = frame(promised=[float("inf"), 5.0, 5.0], actual=[1.0, -2.0, float("nan")])
        cases = load_cases(table)
        assert [r.reason for r in cases.intake.sample] == ["not a number", "actual is negative"]
        assert [r["verdict"] for r in rows_of(cases)] == ["open"]


class TestOtherColumns:
    def test_features_stages_and_what_is_left_out(self):
        n = 40
        table = frame(
            order_id=[f"o{i}" for i in range(n)],
            order_date=[DAY + timedelta(days=i) for i in range(n)],
            promised_date=[DAY + timedelta(days=i + 5) for i in range(n)],
            delivered_date=[DAY + timedelta(days=i + 4) for i in range(n)],
            packed=[DAY + timedelta(days=i + 1) for i in range(n)],
            birthday=[datetime(1990, 1, 1) + timedelta(days=i) for i in range(n)],
            city=["A", "B"] * (n // 2),
            weight=[float(i) for i in range(n)],
            invoice_no=[f"x{i}" for i in range(n)],
            serial_id=list(range(n)),
            country=["KZ"] * n,
            note=[f"please call before you come to door {i % 7}" for i in range(n)],
            gap=[1, 2] * (n // 2),
        )
        cases = load_cases(table, by=["city", "Weight"])
        assert set(cases.features) == {"city", "weight", "gap (source)"}
        assert cases.stages == ("packed",)
        assert cases.by == ("city", "weight")
        left = next(x for x in cases.notices if x.code == "columns_left_out").values["columns"]
        assert left["country"] == "constant"
        assert left["note"] == "free text"
        assert {"invoice_no", "serial_id"} <= set(left)
        assert set(cases.features) | set(cases.stages) <= set(cases.table.columns)

    def test_text_columns_become_numbers_when_all_are(self, tmp_path):
        path = tmp_path / "t.csv"
        rows = "".join(f"{i};{i % 3 + 1};{i},5;0{i}010;{i}a\n" for i in range(1, 8))
        path.write_text("id;promised_days;actual_days;zip;weird\n" + rows, encoding="utf-8")
        cases = load_cases(path)
        assert cases.table.schema()["actual"].is_floating()
        assert cases.table.schema()["zip"].is_string()

    def test_grouping_by_a_mapped_or_unknown_column(self):
        table = orders(tier=["x", "y", "x", "y"])
        assert load_cases(table, by=["tier"]).by == ("tier",)
        assert load_cases(table, by=["segment"]).by == ("segment",)
        with pytest.raises(InputError, match="--by planet: no such column"):
            load_cases(table, by=["planet"])

    def test_scores_and_currencies(self):
        cases = load_cases(
            orders(score=[1, 5, 3, None], amount=[1.0] * 4, currency=["EUR", "USD", "EUR", None])
        )
        assert cases.score_scale == (1, 5)
        assert "mixed_currencies" in codes(cases)
        assert load_cases(orders(nps=[0, 10, 9, 8])).score_scale == (0, 10)


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


moments = st.integers(0, 60 * 24 * 20).map(lambda minutes: DAY + timedelta(minutes=minutes))


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(moments, st.none() | moments, st.none() | moments, st.sampled_from("abcdefgh")),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from(["UTC", "America/Sao_Paulo", "Asia/Almaty"]),
)
def test_the_books_always_balance_and_verdicts_follow_the_one_definition(rows, zone):
    made, due, done, ids = zip(*rows, strict=True)
    stamp = pa.timestamp("us")
    table = pa.table(
        {
            "order_id": ids,
            "ordered_at": pa.array(made, stamp),
            "promised_at": pa.array(due, stamp),
            "delivered_at": pa.array(done, stamp),
        }
    )
    cases = load_cases(table, zone=zone)
    found = rows_of(cases)
    assert cases.intake.read == len(rows) == cases.intake.used + cases.intake.rejected
    assert len(found) == cases.intake.used
    assert len({r["order_id"] for r in found}) == len(found)
    for row in found:
        apart = None if row["actual"] is None else gap(row["promised"], row["actual"])
        assert row["gap"] == (None if apart is None else pytest.approx(apart, abs=1e-9))
        overdue = cases.as_of is not None and row["due_at"] < cases.as_of
        assert row["verdict"] == verdict(row["gap"], overdue=overdue)


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
