"""The ledger's export: what went in through the actions comes out in the contract's columns."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.db import transaction
from django.utils import timezone

from overdeliver.apps.business.models import Service
from overdeliver.apps.promises import actions, drawing, export
from overdeliver.apps.promises.jobs import break_overdue
from overdeliver.apps.promises.models import Standing
from overdeliver.simulate.business import business
from overdeliver.tables.check import check
from overdeliver.tables.schemas import SCHEMAS
from tests.apps.conftest import NOON

pytestmark = pytest.mark.django_db

KINDS = ("webshop", "carservice", "taxi")


def load(tables: dict[str, pa.Table]) -> None:
    """Put a simulated business into the ledger through its actions, as an import does."""
    plain = set(SCHEMAS["orders"].columns)
    for row in tables["orders"].to_pylist():
        features = {name: value for name, value in row.items() if name not in plain}
        actions.place_order(
            row["order_id"],
            placed_at=row["placed_at"],
            customer=row["customer_id"],
            segment=row["segment"],
            channel=row["channel"],
            amount=row["amount"],
            currency=row["currency"],
            features=features,
            completed_at=row["completed_at"],
            batch="history",
        )
    calendar = pa.compute.any(pa.compute.equal(tables["promises"]["unit"], "days")).as_py()
    for row in tables["promises"].to_pylist():
        terms = {name: row[name] for name in ("lever", "promised", "unit", "made_at", "level")}
        actions.make_promise(
            row["order_id"],
            **terms,
            source=row["source"],
            whole=bool(calendar),
            reference=row["promise_id"],
            batch="history",
        )
    for row in tables["outcomes"].to_pylist():
        actions.record_outcome(
            row["promise_id"],
            actual=row["actual"],
            observed_at=row["observed_at"],
            batch="history",
        )
    for row in tables["orders"].to_pylist():
        if row["cancelled_at"] is not None:
            actions.cancel_order(row["order_id"], at=row["cancelled_at"], batch="history")
    for row in tables["encounters"].to_pylist():
        actions.record_encounter(row["touchpoint"], at=row["at"], order=row["order_id"])


def rows_of(table: pa.Table, columns: list[str]) -> list[dict[str, Any]]:
    rows = table.select(columns).to_pylist()
    return sorted(rows, key=lambda row: tuple(str(row[name]) for name in columns))


@pytest.mark.parametrize("kind", KINDS)
def test_what_went_in_comes_out(db: None, kind: str) -> None:
    given = {n: t for n, t in business(kind, 60, seed=3).items() if n not in ("truth", "feedback")}
    load(given)
    found = export.tables()
    for name, table in given.items():
        columns = [column for column in table.column_names if column != "revises"]
        assert rows_of(found[name], columns) == rows_of(table, columns), name


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_keeps_the_contract(db: None, kind: str) -> None:
    given = business(kind, 40, seed=5)
    load(given)
    held = export.held(export.tables())
    for name, table in held.items():
        others = {other: one for other, one in held.items() if other != name}
        assert check(table, name, others=others) == [], name


def test_an_empty_ledger_has_its_columns_and_types(db: None, tmp_path: Path) -> None:
    folder = export.snapshot(tmp_path / "ledger")
    for name, table in export.opened(folder).items():
        assert table.count().to_pyarrow().as_py() == 0
        assert set(SCHEMAS[name].columns) <= set(table.columns)
        assert check(table, name) == []


def test_columns_that_begin_empty_keep_their_type(shop: object, monkeypatch: Any) -> None:
    monkeypatch.setattr(export, "BATCH", 2)
    for number in range(5):
        features = {"weight": number + 0.5} if number > 2 else {}
        actions.place_order(f"o-{number}", placed_at=NOON, features=features)
    orders = export.tables()["orders"]
    assert orders["weight"].to_pylist() == [None, None, None, 3.5, 4.5]
    assert orders["completed_at"].type == export.MOMENT


def test_cases_of_the_export_stand_as_the_ledger_says(db: None, tmp_path: Path) -> None:
    given = business("webshop", 120, seed=7)
    load(given)
    tables = export.opened(export.snapshot(tmp_path / "ledger"))
    break_overdue()
    cases = export.ledger_cases(tables, lever="time", unit="days", as_of=timezone.now())
    said = {row["promise_id"]: row for row in cases.table.to_pyarrow().to_pylist()}
    assert len(said) == given["promises"].num_rows
    for one in Standing.objects.select_related("promise"):
        case = said[one.promise.reference]
        assert (one.gap, one.actual) == (case["gap"], case["actual"])
        assert one.verdict == case["verdict"]


def test_an_order_taken_back_after_its_promise_was_overdue_leaves_it_broken(shop: object) -> None:
    for hours, reference in ((1, "before"), (3, "after")):
        order = actions.place_order(reference, placed_at=NOON, service="courier")
        actions.make_promise(
            order, lever="time", unit="hours", promised=2, made_at=NOON, reference=reference
        )
        actions.cancel_order(order, at=NOON + timedelta(hours=hours))
    stands = {one.promise.reference: one.verdict for one in Standing.objects.all()}
    assert stands == {"before": "unknown", "after": "broken"}
    cases = export.ledger_cases(export.held(export.tables()), lever="time", unit="hours")
    rows = cases.table.to_pyarrow().to_pylist()
    assert {row["promise_id"]: row["verdict"] for row in rows} == stands


def test_another_tolerance_rewrites_no_history(shop: object) -> None:
    Service.objects.filter(slug="courier").update(tolerance=15)
    for reference in ("before", "after"):
        order = actions.place_order(reference, placed_at=NOON, service="courier")
        actions.make_promise(
            order, lever="time", unit="minutes", promised=60, made_at=NOON, reference=reference
        )
        if reference == "before":
            actions.record_outcome(reference, actual=50)
            Service.objects.filter(slug="courier").update(tolerance=5)
    actions.record_outcome("after", actual=50)
    with transaction.atomic():
        for reference in ("before", "after"):
            drawing.draw_thread(drawing.thread(drawing.held_of(reference)))
    stands = {one.promise.reference: one.verdict for one in Standing.objects.all()}
    assert stands == {"before": "met", "after": "exceeded"}
    cases = export.ledger_cases(
        export.held(export.tables()), lever="time", unit="minutes", tolerance=30
    )
    rows = cases.table.to_pyarrow().to_pylist()
    assert {row["promise_id"]: row["verdict"] for row in rows} == stands


def test_a_revision_points_to_the_original_however_often_it_is_revised(shop: object) -> None:
    order = actions.place_order("o-1", placed_at=NOON, service="courier")
    first = actions.make_promise(order, lever="cost", unit="EUR", promised=100, made_at=NOON)
    second = actions.make_promise(order, lever="cost", unit="EUR", promised=120, revises=first)
    third = actions.make_promise(order, lever="cost", unit="EUR", promised=130, revises=second)
    actions.record_outcome(third, actual=125)
    held = export.held(export.tables())
    assert check(held["promises"], "promises", others=held) == []
    before = export.ledger_cases(held).table.to_pyarrow().to_pylist()
    after = export.ledger_cases(held, revised=True).table.to_pyarrow().to_pylist()
    assert [(row["promise_id"], row["verdict"]) for row in before] == [(first, "broken")]
    assert [(row["promise_id"], row["verdict"]) for row in after] == [(third, "exceeded")]
