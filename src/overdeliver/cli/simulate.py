"""`overdeliver simulate`: a business with known truth, as files."""

from pathlib import Path
from typing import Annotated

import typer

#: Written out: the help must not load the simulation. A test holds the two lists together.
BUSINESSES = ("webshop", "dentist", "carservice", "pizza", "taxi", "salon", "b2b")


def simulate(
    out: Annotated[Path, typer.Option(help="The folder to write to; made if it is missing.")],
    business: Annotated[str, typer.Option(help=f"One of {', '.join(BUSINESSES)}.")] = "webshop",
    orders: Annotated[int, typer.Option(min=1, help="How many orders.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same data.")] = 0,
    csv: Annotated[bool, typer.Option("--csv", help="Also write the export as CSV.")] = False,
) -> None:
    """Simulate a business: its ledger, the truth behind it, and an export to audit."""
    # Loaded here: the help of the program answers without numpy.
    import pyarrow.csv
    import pyarrow.parquet

    from overdeliver.simulate.business import business as simulated
    from overdeliver.simulate.flat import export_of
    from overdeliver.simulate.kinds import KINDS

    tables = simulated(business, orders, seed)
    export = export_of(tables)
    out.mkdir(parents=True, exist_ok=True)
    for name, table in {**tables, "export": export}.items():
        pyarrow.parquet.write_table(table, out / f"{name}.parquet", compression="zstd")
        typer.echo(f"{out / name}.parquet  {table.num_rows:,} rows")
    if csv:
        pyarrow.csv.write_csv(export, out / "export.csv")
        typer.echo(f"{out / 'export.csv'}  {export.num_rows:,} rows")
    lever = KINDS[business].main
    words = "" if lever == "time" else f" --lever {lever} --unit {KINDS[business].spec.unit}"
    typer.echo(f"next: overdeliver audit {out / 'export.parquet'}{words}")
