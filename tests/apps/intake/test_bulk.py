"""Many rows at once are the rows that the actions write one by one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overdeliver.apps.business.models import Business, Service
from overdeliver.apps.intake.ledger_in import store_tables
from overdeliver.apps.journal.models import Delivery, Event
from overdeliver.apps.people.models import Customer
from overdeliver.apps.promises import actions, rules
from overdeliver.apps.promises.models import Encounter, Order, Outcome, Promise, Standing
from overdeliver.apps.promises.standings import NONE, due_of, judged, micros, moment
from overdeliver.simulate.business import business as simulated

START = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
_STANDING = (
    "promise__reference",
    "order__reference",
    "verdict",
    "gap",
    "actual",
    "settled_at",
    "due_at",
    "made_at",
    "lever",
    "service",
    "segment",
    "channel",
    "team",
    "original",
    "latest",
)
_PROMISE = (
    "reference",
    "order__reference",
    "lever",
    "promised",
    "unit",
    "tolerance",
    "made_at",
    "due_at",
    "whole",
    "zone",
    "level",
    "source",
    "words",
    "revises__reference",
    "batch",
)


def ledger() -> dict[str, pa.Table]:
    """Dates, moments, costs and classes; kept, broken, open, cancelled, revised, corrected."""
    orders, promises, outcomes = [], [], []
    kinds = [
        ("time", 3.0, "days", True),
        ("time", 2.0, "weeks", True),
        ("time", 90.0, "minutes", False),
        ("cost", 120.0, "EUR", False),
        ("service", 2.0, "class", False),
    ]
    for number in range(60):
        lever, promised, unit, whole = kinds[number % len(kinds)]
        placed = START + timedelta(hours=7 * number)
        cancelled = placed + timedelta(hours=2) if number % 11 == 3 else None
        orders.append(
            {
                "order_id": f"o{number}",
                "customer_id": f"c{number % 7}",
                "segment": "new" if number % 3 else "loyal",
                "channel": "web",
                "team": "north",
                "service": "parcel" if lever == "time" and whole else "",
                "placed_at": placed,
                "cancelled_at": cancelled,
            }
        )
        promises.append(
            {
                "promise_id": f"p{number}",
                "order_id": f"o{number}",
                "lever": lever,
                "promised": promised,
                "unit": unit,
                "made_at": placed,
                "whole": whole,
                "level": 0.9,
                "source": "standard",
                "words": "soon",
                "revises": None,
            }
        )
        if number % 4 and not cancelled:
            actual = float(1 + number % 4)
            observed = placed + timedelta(days=actual, hours=1)
            outcomes.append({"promise_id": f"p{number}", "actual": actual, "observed_at": observed})
            if number % 9 == 1:
                later = observed + timedelta(hours=3)
                outcomes.append(
                    {"promise_id": f"p{number}", "actual": actual + 1, "observed_at": later}
                )
    return {
        "orders": pa.Table.from_pylist(orders),
        "promises": pa.Table.from_pylist(promises).cast(_types(promises)),
        "outcomes": pa.Table.from_pylist(outcomes),
    }


def _types(rows: list[dict[str, Any]]) -> pa.Schema:
    schema = pa.Table.from_pylist(rows).schema
    at = schema.get_field_index("revises")
    return schema.set(at, pa.field("revises", pa.string()))


def by_hand(tables: dict[str, pa.Table]) -> None:
    """The same through the actions, row by row."""
    for row in tables["orders"].to_pylist():
        actions.place_order(
            row["order_id"],
            placed_at=row["placed_at"],
            customer=row["customer_id"],
            **{name: row[name] or "" for name in ("segment", "channel", "team", "service")},
            batch="one",
        )
    for row in tables["promises"].to_pylist():
        actions.make_promise(
            row["order_id"],
            lever=row["lever"],
            promised=row["promised"],
            unit=row["unit"],
            made_at=row["made_at"],
            whole=row["whole"],
            level=row["level"],
            source=row["source"],
            words=row["words"],
            reference=row["promise_id"],
            revises=row["revises"] or "",
            batch="one",
        )
    for row in tables["outcomes"].to_pylist():
        actions.record_outcome(
            row["promise_id"], actual=row["actual"], observed_at=row["observed_at"], batch="one"
        )
    for row in tables["orders"].to_pylist():
        if row["cancelled_at"]:
            actions.cancel_order(row["order_id"], at=row["cancelled_at"], batch="one")


def rows_of(model: Any, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    return sorted(model.objects.values_list(*columns), key=str)


def emptied() -> None:
    from overdeliver.apps.journal.append_only import lifted

    with lifted():
        for model in (Standing, Outcome, Promise, Encounter, Order, Customer):
            model.objects.all().delete()


def test_the_bulk_writer_writes_what_the_actions_write(shop: Business) -> None:
    Service.objects.filter(slug="parcel").update(tolerance=1)
    tables = ledger()
    by_hand(tables)
    wanted = {
        "standing": rows_of(Standing, _STANDING),
        "promise": rows_of(Promise, _PROMISE),
        "outcome": rows_of(Outcome, ("promise__reference", "actual", "observed_at")),
        "customer": rows_of(Customer, ("reference", "search", "batch")),
    }
    emptied()
    store_tables(tables, "one", part=7)
    assert rows_of(Promise, _PROMISE) == wanted["promise"]
    assert rows_of(Outcome, ("promise__reference", "actual", "observed_at")) == wanted["outcome"]
    assert rows_of(Standing, _STANDING) == wanted["standing"]
    assert rows_of(Customer, ("reference", "search", "batch")) == wanted["customer"]
    assert {verdict for (verdict,) in Standing.objects.values_list("verdict")} == {
        "broken",
        "met",
        "exceeded",
        "open",
        "unknown",
    }


def test_the_same_tables_again_change_nothing(shop: Business) -> None:
    tables = ledger()
    store_tables(tables, "one")
    before = [model.objects.count() for model in (Order, Promise, Outcome, Standing, Customer)]
    again = store_tables(tables, "two")
    after = [model.objects.count() for model in (Order, Promise, Outcome, Standing, Customer)]
    assert before == after
    assert again.known == 60 and not any(again.written.values())


def test_a_later_file_tells_what_became_of_open_promises(shop: Business) -> None:
    tables = ledger()
    store_tables({name: tables[name] for name in ("orders", "promises")}, "one")
    assert not Standing.objects.filter(actual__isnull=False).exists()
    counts = store_tables(tables, "two")
    assert counts.written["outcomes"] == tables["outcomes"].num_rows
    fresh = rows_of(Standing, _STANDING)
    emptied()
    store_tables(tables, "three")
    assert rows_of(Standing, _STANDING) == fresh


def test_a_later_file_tells_which_orders_were_taken_back(shop: Business) -> None:
    tables = ledger()
    gone = tables["orders"].column_names.index("cancelled_at")
    none = pa.nulls(60, tables["orders"].schema.field("cancelled_at").type)
    store_tables({**tables, "orders": tables["orders"].set_column(gone, "cancelled_at", none)}, "a")
    assert not Standing.objects.filter(verdict="unknown").exists()
    store_tables(tables, "two")
    later = rows_of(Standing, _STANDING)
    emptied()
    store_tables(tables, "three")
    assert rows_of(Standing, _STANDING) == later


def test_history_sets_nothing_off(shop: Business) -> None:
    store_tables(ledger(), "one")
    assert list(Event.objects.values_list("name", flat=True)) == ["intake.history_brought_in"]
    assert not Delivery.objects.exists()


def test_another_promise_under_the_same_reference_is_refused(shop: Business) -> None:
    tables = ledger()
    store_tables(tables, "one")
    other = tables["promises"].set_column(
        tables["promises"].column_names.index("promised"), "promised", pa.array([9.0] * 60)
    )
    store_tables({**tables, "promises": other}, "two")
    assert Promise.objects.count() == 60
    assert Promise.objects.get(reference="p0").promised == 3.0


@pytest.mark.parametrize("kind", ["webshop", "dentist", "b2b"])
def test_a_simulated_business_goes_in_whole(shop: Business, kind: str) -> None:
    tables = simulated(kind, 800, seed=3)
    counts = store_tables(tables, "demo", "parcel", part=300)
    assert counts.rejects.num_rows == 0
    for name in ("orders", "promises", "outcomes", "encounters", "feedback"):
        assert counts.written.get(name, 0) == tables[name].num_rows, name
    assert Standing.objects.count() == tables["promises"].num_rows
    assert Order.objects.exclude(features={}).exists()


def test_rows_that_break_the_contract_are_told_apart(shop: Business) -> None:
    tables = ledger()
    promises = tables["promises"].slice(0, 6).to_pylist()
    promises[0]["promised"] = -1.0
    promises[1]["unit"] = "fortnights"
    promises[2]["order_id"] = "nowhere"
    promises[3]["lever"] = "luck"
    promises[4]["made_at"] = None
    broken = pa.Table.from_pylist(promises, schema=tables["promises"].schema)
    counts = store_tables({**tables, "promises": broken}, "one")
    told = [(row["line"], row["column"]) for row in counts.rejects.to_pylist()]
    assert sorted(t for t in told if t[1] != "promise") == [
        (1, "promised"),
        (2, "unit"),
        (3, "order"),
        (4, "lever"),
        (5, "made_at"),
    ]
    assert Promise.objects.count() == 1
    seen = tables["outcomes"].num_rows
    assert counts.written["outcomes"] + sum(t[1] == "promise" for t in told) == seen


@given(
    made=st.datetimes(datetime(2015, 1, 1), datetime(2027, 1, 1)),
    length=st.integers(0, 60),
    unit=st.sampled_from(["days", "weeks", "hours", "minutes"]),
    whole=st.booleans(),
    zone=st.sampled_from(["UTC", "Asia/Almaty", "Europe/Bucharest", "America/Sao_Paulo"]),
    actual=st.one_of(st.none(), st.integers(0, 90)),
    cancelled=st.one_of(st.none(), st.integers(0, 5_000)),
    tolerance=st.sampled_from([0.0, 1.0, 2.5]),
)
def test_columns_are_judged_as_single_promises_are(
    made: datetime,
    length: int,
    unit: str,
    whole: bool,
    zone: str,
    actual: int | None,
    cancelled: int | None,
    tolerance: float,
) -> None:
    made = made.replace(tzinfo=UTC)
    now = datetime(2021, 6, 1, tzinfo=UTC)
    gone = made + timedelta(hours=cancelled) if cancelled is not None else None
    terms = rules.Terms("time", float(length), unit, made, whole, zone, tolerance)
    wanted = rules.standing(terms, actual, now=now, cancelled_at=gone, due=rules.due_at(terms))
    lever, units = np.array(["time"], object), np.array([unit], object)
    promised = np.array([float(length)])
    due = due_of(lever, promised, units, np.array([micros(made)]), np.array([whole]), zone)
    wanted_due = rules.due_at(terms)
    assert wanted_due is not None  # in its own zone, where an hour that comes twice equals nothing
    assert moment(int(due[0])) == wanted_due.astimezone(UTC)
    said, gaps = judged(
        lever,
        promised,
        np.array([np.nan if actual is None else float(actual)]),
        due,
        np.array([NONE if gone is None else micros(gone)]),
        np.array([tolerance]),
        now,
    )
    assert said[0] == wanted.verdict
    assert (None if np.isnan(gaps[0]) else gaps[0]) == wanted.gap
