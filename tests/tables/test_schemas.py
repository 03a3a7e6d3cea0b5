"""The ledger's schemas, what breaks them, and the ledger joined to cases."""

from datetime import UTC, datetime, timedelta

import ibis
import pyarrow as pa
import pytest

from overdeliver.tables.check import check
from overdeliver.tables.connect import connect
from overdeliver.tables.ledger import ledger_cases
from overdeliver.tables.schemas import SCHEMAS, schema_named
from overdeliver.vocabulary.errors import InputError, MissingField

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
DESIGN = ("orders", "promises", "outcomes", "encounters", "feedback", "grants", "touches", "cases")


def at(hours):
    return None if hours is None else START + timedelta(hours=hours)


@pytest.fixture
def backend():
    return connect()


def made(backend, schema, rows):
    """Rows of dictionaries as a table with every column of the schema that is named in them."""
    named = {name for row in rows for name in row}
    names = [name for name in SCHEMAS[schema].columns if name in named]
    kinds = SCHEMAS[schema].ibis.to_pyarrow()
    arrays = [pa.array([row.get(name) for row in rows], kinds.field(name).type) for name in names]
    name = ibis.util.gen_name("ledger")
    backend.con.register(name, pa.table(arrays, names=names))
    return backend.table(name)


def promise(name, hours=0, **more):
    base = {
        "promise_id": name,
        "order_id": f"o-{name}",
        "lever": "time",
        "promised": 10.0,
        "unit": "hours",
        "made_at": at(hours),
        "due_at": at(hours + 10),
        "source": "quote",
        "revises": None,
    }
    return {**base, **more}


def outcome(name, actual, seen, unit="hours"):
    return {"promise_id": name, "actual": actual, "unit": unit, "observed_at": at(seen)}


def test_every_table_of_the_contract_is_there():
    assert tuple(SCHEMAS) == DESIGN
    for schema in SCHEMAS.values():
        assert schema.ibis.names == tuple(schema.columns)
        assert all(column.doc for column in schema.columns.values())
        if schema.key is not None:
            assert not schema.ibis[schema.key].nullable
    with pytest.raises(InputError, match="no ledger table is called 'promise'"):
        schema_named("promise")


def test_sound_tables_have_no_faults(backend):
    promises = made(backend, "promises", [promise("a"), promise("b", revises="a")])
    outcomes = made(backend, "outcomes", [outcome("a", 9.0, 9)])
    assert check(promises, "promises") == []
    assert check(outcomes, "outcomes", others={"promises": promises}) == []


@pytest.mark.parametrize(
    ("change", "column", "value", "reason"),
    [
        ({"lever": "speed"}, "lever", "speed", "none of time, cost, service"),
        ({"source": "rumour"}, "source", "rumour", "none of quote, contract"),
        ({"promised": -1.0}, "promised", "-1.0", "less than 0"),
        ({"promised": None}, "promised", "", "missing"),
        ({"promised": float("nan")}, "promised", "nan", "not a finite number"),
        ({"unit": " "}, "unit", " ", "missing"),
        ({"due_at": at(-1)}, "due_at", None, "before made_at"),
        ({"promise_id": "a"}, "promise_id", "a", "already in an earlier row"),
        ({"revises": "zz"}, "revises", "zz", "no such row in promises"),
        ({"level": 1.5}, "level", "1.5", "more than 1"),
    ],
)
def test_a_broken_promise_row_is_named(backend, change, column, value, reason):
    table = made(backend, "promises", [promise("a", level=0.9), promise("b", level=0.9) | change])
    (fault,) = check(table, "promises")
    assert (fault.line, fault.column) == (2, column)
    assert fault.reason.startswith(reason)
    assert value is None or fault.value == value


def test_outcomes_are_held_to_their_promises(backend):
    promises = made(backend, "promises", [promise("a", hours=5)])
    rows = [outcome("a", 1.0, 1), outcome("x", 1.0, 9), outcome("a", 1.0, 9, unit="days")]
    found = check(made(backend, "outcomes", rows), "outcomes", others={"promises": promises})
    assert [(f.line, f.column, f.reason) for f in found] == [
        (1, "observed_at", "before the promise was made"),
        (2, "promise_id", "no such row in promises"),
        (3, "unit", "not the promise's unit"),
    ]
    assert len(check(made(backend, "outcomes", rows), "outcomes", limit=1)) == 0


def test_other_rules(backend):
    said = [
        {
            "feedback_id": "f",
            "at": at(0),
            "kind": "survey",
            "score": 9.0,
            "scale_min": 1.0,
            "scale_max": 5.0,
        }
    ]
    said[0]["customer_id"] = None
    found = check(made(backend, "feedback", said), "feedback")
    assert {f.reason for f in found} == {
        "one of customer_id, order_id is needed",
        "outside its scale",
    } or {f.reason for f in found} == {"outside its scale"}
    with pytest.raises(MissingField, match="outcomes: no column unit"):
        check(
            made(backend, "outcomes", [{"promise_id": "a", "actual": 1.0, "observed_at": at(0)}]),
            "outcomes",
        )
    with pytest.raises(InputError, match="column actual holds string"):
        wrong = made(backend, "outcomes", [outcome("a", 1.0, 1)]).cast({"actual": "string"})
        check(wrong, "outcomes")
    nobody = ibis.memtable(pa.table({"touchpoint": ["till"], "at": [START]}))
    with pytest.raises(MissingField, match="one of order_id, customer_id"):
        check(nobody, "encounters")


class TestLedgerCases:
    def rows(self, cases):
        return {r["promise_id"]: r for r in cases.table.to_pyarrow().to_pylist()}

    def test_originals_with_their_last_outcome(self, backend):
        promises = made(
            backend,
            "promises",
            [promise("a"), promise("b"), promise("c", hours=30), promise("d", hours=1)],
        )
        outcomes = made(
            backend,
            "outcomes",
            [outcome("a", 12.0, 12), outcome("a", 9.0, 13), outcome("b", 11.0, 31)],
        )
        cases = ledger_cases(promises, outcomes)
        found = self.rows(cases)
        assert {k: r["verdict"] for k, r in found.items()} == {
            "a": "exceeded",
            "b": "broken",
            "c": "open",
            "d": "broken",
        }
        assert found["a"]["gap"] == 1.0
        assert cases.as_of == (START + timedelta(hours=31)).replace(tzinfo=None)
        assert (cases.intake.read, cases.intake.used) == (4, 4)

    def test_nothing_later_than_as_of_is_known(self, backend):
        promises = made(backend, "promises", [promise("a"), promise("b", hours=20)])
        outcomes = made(backend, "outcomes", [outcome("a", 9.0, 9), outcome("a", 30.0, 30)])
        cases = ledger_cases(promises, outcomes, as_of=at(9))
        assert {k: r["actual"] for k, r in self.rows(cases).items()} == {"a": 9.0}
        assert self.rows(ledger_cases(promises, outcomes, as_of=at(5)))["a"]["verdict"] == "open"

    def test_original_and_revision_are_scored_apart(self, backend):
        promises = made(
            backend,
            "promises",
            [promise("a"), promise("a2", hours=8, order_id="o-a", revises="a"), promise("b")],
        )
        outcomes = made(backend, "outcomes", [outcome("a", 15.0, 15), outcome("b", 9.0, 9)])
        first = self.rows(ledger_cases(promises, outcomes))
        assert {k: r["verdict"] for k, r in first.items()} == {"a": "broken", "b": "exceeded"}
        last = self.rows(ledger_cases(promises, outcomes, revised=True))
        assert {k: r["verdict"] for k, r in last.items()} == {"a2": "exceeded", "b": "exceeded"}
        assert last["a2"]["actual"] == 7.0  # counted from the moment of the revision

    def test_orders_and_feedback_are_joined(self, backend):
        promises = made(backend, "promises", [promise("a"), promise("b")])
        outcomes = made(backend, "outcomes", [outcome("a", 9.0, 9)])
        rows = [
            {
                "order_id": "o-a",
                "customer_id": "c",
                "placed_at": at(0),
                "amount": None,
                "cancelled_at": None,
            },
            {
                "order_id": "o-b",
                "customer_id": "c",
                "placed_at": at(0),
                "amount": None,
                "cancelled_at": at(2),
            },
        ]
        orders = made(backend, "orders", rows).mutate(weight=ibis.literal(2.0))
        said = [
            {"feedback_id": i, "order_id": "o-a", "at": at(h), "kind": "review", "score": s}
            for i, h, s in (("1", 10, 2.0), ("2", 12, 5.0))
        ]
        cases = ledger_cases(promises, outcomes, orders, made(backend, "feedback", said))
        found = self.rows(cases)
        assert found["a"]["score"] == 5.0
        assert found["b"]["verdict"] == "unknown"
        assert cases.features == ("weight",)
        assert found["a"]["customer_id"] == "c"

    def test_faulty_rows_are_counted_out(self, backend):
        promises = made(backend, "promises", [promise("a"), promise("b", promised=-1.0)])
        outcomes = made(backend, "outcomes", [outcome("a", 9.0, 9), outcome("zz", 9.0, 9)])
        cases = ledger_cases(promises, outcomes)
        assert (cases.intake.read, cases.intake.used, cases.intake.rejected) == (2, 1, 1)
        assert cases.intake.sample[0].reason == "less than 0"
        assert {n.values["table"] for n in cases.notices} == {"promises", "outcomes"}

    def test_one_lever_and_unit_at_a_time(self, backend):
        rows = [promise("a"), promise("b", lever="cost", unit="EUR")]
        promises = made(backend, "promises", rows)
        outcomes = made(backend, "outcomes", [outcome("b", 9.0, 9, unit="EUR")])
        with pytest.raises(InputError, match="cost in EUR, time in hours"):
            ledger_cases(promises, outcomes)
        cases = ledger_cases(promises, outcomes, lever="cost")
        assert (cases.unit, cases.granularity) == ("EUR", "number")
        assert self.rows(cases)["b"]["gap"] == 1.0

    def test_moments_are_shown_in_the_zone(self, backend):
        promises = made(backend, "promises", [promise("a")])
        outcomes = made(backend, "outcomes", [outcome("a", 9.0, 9)])
        row = self.rows(ledger_cases(promises, outcomes, zone="Asia/Almaty"))["a"]
        assert row["made_at"] == datetime(2026, 3, 2, 17)

    def test_what_was_not_known_yet_is_not_told(self, backend):
        promises = made(backend, "promises", [promise("a"), promise("b")])
        outcomes = made(backend, "outcomes", [outcome("a", 9.0, 9)])
        rows = [
            {"order_id": f"o-{name}", "customer_id": "c", "placed_at": at(0), "cancelled_at": gone}
            for name, gone in (("a", None), ("b", at(20)))
        ]
        said = [
            {"feedback_id": i, "order_id": "o-a", "at": at(h), "kind": "review", "score": s}
            for i, h, s in (("1", 10, 2.0), ("2", 30, 5.0))
        ]
        ledger = (
            promises,
            outcomes,
            made(backend, "orders", rows),
            made(backend, "feedback", said),
        )
        then = self.rows(ledger_cases(*ledger, as_of=at(15)))
        assert (then["a"]["score"], then["b"]["verdict"], then["b"]["cancelled_at"]) == (
            2.0,
            "broken",
            None,
        )
        now = self.rows(ledger_cases(*ledger, as_of=at(40)))
        assert (now["a"]["score"], now["b"]["verdict"]) == (5.0, "broken")

    @pytest.mark.parametrize(
        ("hours", "said"), [(2, "unknown"), (10, "unknown"), (10.001, "broken"), (20, "broken")]
    )
    def test_taking_an_order_back_does_not_unbreak_its_promise(self, backend, hours, said):
        promises = made(backend, "promises", [promise("a")])  # due after ten hours
        outcomes = made(backend, "outcomes", [outcome("a", 9.0, 9)]).limit(0)
        gone = {"order_id": "o-a", "customer_id": "c", "placed_at": at(0)}
        orders = made(backend, "orders", [{**gone, "cancelled_at": at(hours)}])
        assert self.rows(ledger_cases(promises, outcomes, orders))["a"]["verdict"] == said

    def test_a_ledger_of_no_promises_is_one_of_time(self, backend):
        none = made(backend, "promises", [promise("a")]).limit(0)
        cases = ledger_cases(none, made(backend, "outcomes", [outcome("a", 9.0, 9)]).limit(0))
        assert (cases.lever, cases.unit, cases.intake.read, cases.as_of) == (
            "time",
            "days",
            0,
            None,
        )

    def test_a_ledger_without_revisions_needs_no_column_for_them(self, backend):
        promises = made(backend, "promises", [promise("a")]).drop("revises")
        cases = ledger_cases(promises, made(backend, "outcomes", [outcome("a", 9.0, 9)]))
        assert self.rows(cases)["a"]["verdict"] == "exceeded"
