"""`import`, `export`: files into the ledger, the ledger into files."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from overdeliver.cli.asked import known_lever, known_zone, mapping, rules
from overdeliver.cli.django_ready import migrated, ready
from overdeliver.cli.progress import bar
from overdeliver.vocabulary.errors import InputError, OverdeliverError

#: What to add to the call for each question that can stand in the way.
_ANSWERS: Mapping[str, str] = {
    "rules": 'say what was promised: --promise "METHOD=5 days", or "*=5 days" for all',
    "date_order": "say --date-order dmy or mdy",
    "classes": "give the classes, lowest first: --class economy --class business",
    "unit": "say what is counted: --unit days",
    "zone": "say in which time zone: --zone Europe/Lisbon",
    "service": "say which service: --service NAME",
    "placed_at": "say which column tells when it was ordered: --map placed_at=COLUMN",
    "fields": "say which column is which: --map promised_at=COLUMN --map delivered_at=COLUMN",
}


def import_(
    files: Annotated[list[Path], typer.Argument(help="The files, or the folder, of one export.")],
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="Say which column is which; repeat."),
    ] = None,
    service: Annotated[
        str | None, typer.Option(help="The service all rows belong to; made if it is new.")
    ] = None,
    promise: Annotated[
        list[str] | None,
        typer.Option(metavar='"METHOD=5 days"', help="Promised per shipping method; repeat."),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="olist, shopify, woocommerce or flights; found if not said.")
    ] = None,
    lever: Annotated[str | None, typer.Option(help="time, cost or service.")] = None,
    unit: Annotated[str | None, typer.Option(help="days, hours, minutes, EUR ...")] = None,
    zone: Annotated[str | None, typer.Option(help="Of clocks without one.")] = None,
    date_order: Annotated[str | None, typer.Option(help="dmy or mdy.")] = None,
    class_: Annotated[
        list[str] | None, typer.Option("--class", help="A service class, lowest first; repeat.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Only say what would be stored.")] = False,
    rejects: Annotated[
        Path | None, typer.Option(help="Where to write rows that cannot be used.")
    ] = None,
) -> None:
    """Bring past orders into the ledger; the same file again changes nothing."""
    known_lever(lever)
    if zone is not None:
        known_zone(zone)
    said = {
        "mapping": mapping(map_ or ()) or None,
        "rules": _rules(promise),
        "kind": preset,
        "lever": lever,
        "unit": unit,
        "zone": zone,
        "date_order": date_order,
        "classes": class_,
        "go": True,
    }
    paths = _files(files)
    ready()
    migrated()
    from overdeliver.apps.intake import actions
    from overdeliver.apps.intake.uploads import OnDisk

    answers = {name: value for name, value in said.items() if value is not None}
    if service is not None:
        answers["service"] = _service(service)
    reference = actions.upload([OnDisk(path) for path in paths], through=not dry_run, **answers)
    with bar() as tell:
        report = _worked(reference, tell)
    _show(reference, report, rejects, dry_run)


def export(
    folder: Annotated[Path, typer.Argument(help="The folder to write to; made if missing.")],
    csv: Annotated[bool, typer.Option("--csv", help="As CSV instead of Parquet.")] = False,
) -> None:
    """Write the ledger's tables: orders, promises, outcomes, encounters and feedback."""
    ready()
    # Loaded here: the help of the program answers without Arrow.
    import pyarrow.csv
    import pyarrow.parquet

    from overdeliver.apps.listening import export as said
    from overdeliver.apps.promises import export as ledger

    folder.mkdir(parents=True, exist_ok=True)
    ledger.snapshot(folder)
    said.snapshot(folder)
    for path in sorted(folder.glob("*.parquet")):
        table = pyarrow.parquet.read_table(path)
        shown = path
        if csv:
            shown = path.with_suffix(".csv")
            pyarrow.csv.write_csv(table, shown)
            path.unlink()
        typer.echo(f"{shown}  {table.num_rows:,} rows")


def _files(given: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in given:
        if not path.exists():
            raise InputError(f"{path}: there is no such file or folder")
        inside = sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
        found += [p for p in inside if not p.name.startswith(".") and p.suffix != ".md"]
    return found


def _rules(typed: list[str] | None) -> dict[str, list[Any]] | None:
    found = rules(typed or ())
    return {name: list(value) for name, value in found.items()} if found else None


def _service(named: str) -> str:
    """The slug of a service there is, else one to be made."""
    from overdeliver.apps.business import reads

    for one in reads.services(active=False):
        if named in (one.slug, one.name):
            return one.slug
    return f"new:{named}"


def _worked(reference: str, tell: Callable[[str, float], None] | None) -> Any:
    """The file after all work that needs nobody. InputError: it failed, or lacks an answer."""
    from overdeliver.apps.intake import jobs, reads

    while True:
        card = reads.file(reference)
        if not card.at_work:
            break
        if tell is not None:
            tell(card.state, card.done / card.total if card.total else 0.0)
        jobs.import_due(reference)
    if card.state == "failed":
        raise InputError(card.error)
    if card.state == "mapped":
        question = card.preview.get("question") or {}
        told = question.get("told") or card.error
        answer = _ANSWERS.get(question.get("code", ""), "")
        methods = ", ".join(repr(name) for name, _ in question.get("methods", [])[:12])
        parts = (told, f"shipping methods: {methods}" if methods else "", answer)
        raise InputError("; ".join(part for part in parts if part))
    return card


def _show(reference: str, card: Any, rejects: Path | None, dry_run: bool) -> None:
    report = card.report
    typer.echo(f"rows      {report['rows']:>12,}")
    if dry_run:
        typer.echo(f"storable  {report['to_store']:>12,}")
    else:
        typer.echo(f"stored    {report['stored']:>12,}")
        typer.echo(f"known     {report['known']:>12,}")
    if report["joined"]:
        typer.echo(f"joined    {report['joined']:>12,}")
    typer.echo(f"rejected  {report['rejected']:>12,}")
    for row in report["sample"][:3]:
        typer.echo(f"  line {row['line']}: {row['column']} {row['value']!r}: {row['reason']}")
    if rejects is not None and report["rejected"]:
        from overdeliver.apps.intake import reads

        rejects.write_bytes(reads.reject_files(reference)[0].read_bytes())
        typer.echo(f"rejected rows: {rejects}")
    if not dry_run:
        print(f"undo on the page /imports/{reference}/", file=sys.stderr)
    if card.state not in ("done", "checked"):
        raise OverdeliverError(f"the import stopped at {card.state}; see /imports/{reference}/")
