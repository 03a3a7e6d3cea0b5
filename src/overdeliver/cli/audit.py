"""`overdeliver audit`: a file of promises in, one page and its figures out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from overdeliver.cli.asked import (
    day,
    known_language,
    known_lever,
    known_zone,
    mapping,
    moment,
    rules,
)
from overdeliver.cli.progress import bar
from overdeliver.vocabulary.errors import InputError

PAGE = Path("overdeliver-audit.html")


@dataclass(frozen=True)
class Outputs:
    """Where the report goes: a page, a JSON file or the output stream, and the rejected rows."""

    html: Path | None
    json: Path | None
    to_stream: bool
    rejects: Path | None
    rejects_asked: bool


def audit_command(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="CSV, XLSX, Parquet, JSON; a folder; files to join. Without one: the sample.",
            show_default=False,
        ),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="olist, shopify, woocommerce or flights.")
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="Say which column is which; repeat."),
    ] = None,
    promise: Annotated[
        list[str] | None,
        typer.Option(metavar='"METHOD=5 days"', help="Promised per shipping method; repeat."),
    ] = None,
    lever: Annotated[str | None, typer.Option(help="time, cost or service.")] = None,
    unit: Annotated[
        str | None, typer.Option(help="Of promise and outcome: days, hours, minutes, EUR ...")
    ] = None,
    level: Annotated[
        float, typer.Option(help="How often a promise shall be kept, between 0 and 1.")
    ] = 0.9,
    by: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Group by this column; repeat.")
    ] = None,
    backtest_from: Annotated[
        str | None, typer.Option(metavar="DATE", help="Test on promises made from this day on.")
    ] = None,
    no_backtest: Annotated[
        bool, typer.Option("--no-backtest", help="Measure only; say nothing of what to promise.")
    ] = False,
    known: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Known when promised, whatever it looks like; repeat."),
    ] = None,
    tolerance: Annotated[
        float, typer.Option(help="So many units better is still met, not exceeded.")
    ] = 0.0,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="Judge open promises as of then.")
    ] = None,
    zone: Annotated[
        str, typer.Option(help="Of clocks without one, such as Europe/Lisbon.")
    ] = "UTC",
    encoding: Annotated[
        str | None, typer.Option(help="Of a text file; found if not given.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(help="Of a text file; found if not given.")
    ] = None,
    date_order: Annotated[
        str | None, typer.Option(help="dmy or mdy, where 03.04.2026 could be both.")
    ] = None,
    engine: Annotated[str, typer.Option(help="Where to measure: duckdb or spark.")] = "duckdb",
    html: Annotated[
        Path | None, typer.Option(help=f"The page; {PAGE} without --html and --json.")
    ] = None,
    json: Annotated[
        str | None, typer.Option(metavar="OUT.json", help="All figures; - for the output stream.")
    ] = None,
    language: Annotated[str, typer.Option(help="Of the page: en, pt, ru, ro or kk.")] = "en",
    reject_file: Annotated[
        Path | None, typer.Option(help="Rows that could not be used; by default beside the page.")
    ] = None,
) -> None:
    """Tell from a file of promises how they were kept and what to promise instead."""
    known_lever(lever)
    known_language(language)
    known_zone(zone)
    outputs = _outputs(html, json, reject_file)
    options: dict[str, Any] = {
        "preset": preset,
        "mapping": mapping(map_ or ()),
        "promise_rules": rules(promise or ()),
        "lever": lever,
        "unit": unit,
        "level": level,
        "by": by or (),
        "backtest_from": day("--backtest-from", backtest_from),
        "with_backtest": not no_backtest,
        "known": known or (),
        "tolerance": _tolerance(tolerance),
        "as_of": moment("--as-of", as_of),
        "zone": zone,
        "encoding": encoding,
        "delimiter": delimiter,
        "date_order": date_order,
        "engine": engine,
        "reject_file": outputs.rejects,
    }
    report = _audited(files or [], options, outputs)
    _hand_out(report, outputs, language)


def _tolerance(asked: float) -> float:
    if not 0 <= asked < float("inf"):
        raise InputError(f"--tolerance {asked:g}: must be a number not below 0")
    return asked


def _outputs(html: Path | None, json: str | None, rejects: Path | None) -> Outputs:
    """The files to write, each of them writable; InputError names the one that is not."""
    from overdeliver.audit.write import check_writable

    to_stream = json == "-"
    json_file = Path(json) if json and not to_stream else None
    page = html or (PAGE if json is None else None)
    beside = page or json_file
    for path in (page, json_file, rejects):
        if path is not None:
            check_writable(path)
    default = beside.with_name(f"{beside.stem}.rejected.csv") if beside else None
    return Outputs(page, json_file, to_stream, rejects or default, rejects is not None)


def _audited(files: Sequence[Path], options: Mapping[str, Any], outputs: Outputs) -> dict[str, Any]:
    """The report of the files, or of the packaged sample when there are none."""
    # Loaded here: the help of the program answers without the engine.
    from overdeliver.audit.report import audit

    wanted = dict(options)
    if not files:
        from overdeliver.data.sample import sample_path

        files = [sample_path()]
        wanted["preset"] = wanted["preset"] or "flights"
    source = files[0] if len(files) == 1 else list(files)
    with bar() as tell:
        report = audit(source, progress=tell, **wanted)
    if outputs.rejects and not outputs.rejects_asked and not report["rows"]["rejected"]:
        outputs.rejects.unlink(missing_ok=True)  # nothing to tell: no file beside the page
        report["rows"]["reject_file"] = None
    return report


def _hand_out(report: Mapping[str, Any], outputs: Outputs, language: str) -> None:
    from overdeliver.audit.write import json_text, write_html, write_json

    if outputs.json:
        write_json(report, outputs.json)
    if outputs.html:
        write_html(report, outputs.html, language)
    if outputs.to_stream:
        typer.echo(json_text(report), nl=False)
        return
    from overdeliver.cli.summary import show

    written = [path for path in (outputs.html, outputs.json) if path]
    if report["rows"]["reject_file"]:
        written.append(Path(report["rows"]["reject_file"]))
    show(report, written, language)
