"""From rows to cases: days, moments, numbers and classes; every verdict by the one definition."""

from datetime import datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.tables.load import load_cases
from overdeliver.vocabulary.errors import InputError, MissingField
from overdeliver.vocabulary.gap import gap, verdict
from tests.tables.orders import DAY, codes, frame, orders, rows_of


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
        late = pa.array([None, None, None, DAY + timedelta(days=40)], pa.timestamp("us"))
        assert rows_of(load_cases(orders(cancelled_at=late)))[3]["verdict"] == "broken"
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
        with pytest.raises(InputError, match="stands twice"):
            load_cases(frame(booked_class=["x"], delivered_class=["y"]), classes=("x", "Y", "y"))
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
