"""What is simulated keeps the ledger's contract: the hinge between the floors."""

import ibis
import pyarrow as pa
import pytest

from overdeliver.simulate.business import business
from overdeliver.simulate.flat import export_of
from overdeliver.simulate.kinds import KINDS
from overdeliver.tables.check import check
from overdeliver.tables.load import load_cases
from overdeliver.tables.schemas import SCHEMAS


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_passes_the_check_of_its_schema(kind: str) -> None:
    ledger = {
        name: ibis.memtable(table)
        for name, table in business(kind, 400, seed=2).items()
        if name in SCHEMAS
    }
    assert set(ledger) == {"orders", "promises", "outcomes", "encounters", "feedback"}
    for name, table in ledger.items():
        others = {other: ledger[other] for other in ledger if other != name}
        assert check(table, name, others=others) == []


def test_the_check_finds_a_fault_in_a_simulated_table() -> None:
    outcomes = business("pizza", 50)["outcomes"]
    broken = outcomes.set_column(
        outcomes.schema.get_field_index("actual"), "actual", pa.array([-1.0] * outcomes.num_rows)
    )
    faults = check(ibis.memtable(broken), "outcomes")
    assert len(faults) == outcomes.num_rows


@pytest.mark.parametrize("kind", KINDS)
def test_the_export_is_read_without_being_told_anything_but_its_lever(kind: str) -> None:
    lever, unit = KINDS[kind].main, KINDS[kind].spec.unit
    cases = load_cases(
        export_of(business(kind, 300, seed=1)),
        lever=None if lever == "time" else lever,
        unit=None if lever == "time" else unit,
    )
    assert (cases.lever, cases.unit) == (lever, unit)
    assert cases.intake.used == 300
    assert set(KINDS[kind].factors) <= set(cases.features)
    assert cases.score_scale == (1, 5)
