"""The export is what a shop would have, and the command writes it."""

from pathlib import Path
from typing import get_args

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from overdeliver.cli.simulate import BUSINESSES, simulate
from overdeliver.simulate.business import business
from overdeliver.simulate.flat import export_of
from overdeliver.simulate.kinds import KINDS
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.gap import LEVERS, Lever, gap


@pytest.fixture
def program() -> typer.Typer:
    app = typer.Typer()
    app.command()(simulate)
    return app


def test_dates_are_kept_until_the_end_of_their_day() -> None:
    tables = business("webshop", 3_000, seed=1)
    export = export_of(tables)
    assert export["promised_at"].type == pa.date32()
    frame = export.to_pandas().dropna(subset=["delivered_at"])
    late = frame["delivered_at"].dt.date > frame["promised_at"]
    outcomes = tables["outcomes"].to_pandas().set_index("promise_id")["actual"]
    promises = tables["promises"].to_pandas().set_index("promise_id")["promised"]
    broken = gap(promises.loc[outcomes.index], outcomes) < 0
    assert late.to_numpy().tolist() == broken.to_numpy().tolist()


@pytest.mark.parametrize("lever", LEVERS)
def test_each_lever_has_its_columns(lever: Lever) -> None:
    assert set(get_args(Lever)) == set(LEVERS)
    kind = {"time": "taxi", "cost": "carservice", "service": "taxi"}[lever]
    export = export_of(business(kind, 300), lever)
    wanted = {"promised_at", "delivered_at"} if lever == "time" else {"promised", "actual"}
    assert wanted <= set(export.column_names)
    assert export.num_rows == 300


def test_a_lever_nobody_promised_is_refused() -> None:
    with pytest.raises(InputError, match="no promise of cost"):
        export_of(business("pizza", 10), "cost")


def test_the_command_writes_the_ledger_and_the_export(tmp_path: Path, program: typer.Typer) -> None:
    called = ["--business", "pizza", "--orders", "200", "--seed", "4", "--out", str(tmp_path)]
    done = CliRunner().invoke(program, [*called, "--csv"])
    assert done.exit_code == 0, done.output
    written = {path.name for path in tmp_path.iterdir()}
    ledger = {"orders", "promises", "outcomes", "encounters", "feedback", "truth", "export"}
    assert written == {f"{name}.parquet" for name in ledger} | {"export.csv"}
    assert pq.read_table(tmp_path / "export.parquet").equals(export_of(business("pizza", 200, 4)))
    assert pyarrow.csv.read_csv(tmp_path / "export.csv").num_rows == 200


def test_the_help_names_every_business() -> None:
    assert tuple(KINDS) == BUSINESSES
