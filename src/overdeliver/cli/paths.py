"""`overdeliver paths`: the ways journeys go, step by step, from an event log."""

import json as jsonlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overdeliver.vocabulary.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from overdeliver.measure.paths.result import Paths
    from overdeliver.tables.events import Events

_UNITS = (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0))


def paths_command(
    file: Annotated[Path, typer.Argument(help="An event log: XES, CSV, Parquet or XLSX.")],
    case: Annotated[str | None, typer.Option(help="The column that names the journey.")] = None,
    activity: Annotated[
        str | None, typer.Option(help="The column that says what happened.")
    ] = None,
    at: Annotated[str | None, typer.Option(help="The column that says when.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write all figures to this file.")] = None,
    top: Annotated[int, typer.Option(min=1, help="How many lines of each list to show.")] = 10,
) -> None:
    """Show what follows what in the journey, how long it takes and which ways customers go."""
    # Loaded here: the help of the program answers without the engine.
    from overdeliver.measure.paths.discover import paths, paths_of_parquet
    from overdeliver.tables.events import open_events
    from overdeliver.tables.packed import temporary_folder

    with temporary_folder() as folder:
        events = open_events(file, folder, case=case, activity=activity, at=at)
        case, activity, at = events.case, events.activity, events.at
        if events.file is not None:
            found = paths_of_parquet(events.file, case=case, activity=activity, at=at)
        else:
            found = paths(events.table, case=case, activity=activity, at=at)
    if json is not None:
        _write(json, document(events, found))
    show(events, found, top)


def document(events: "Events", found: "Paths") -> dict[str, Any]:
    """The figures as the JSON of this command: those of ``Paths.to_dict`` and the books."""
    before = events.intake.rejected if events.intake else 0
    rejected = before + found.left_out
    rows = {"read": found.events + rejected, "used": found.events, "rejected": rejected}
    sample = [vars(fault) for fault in events.intake.sample] if events.intake else []
    return {**found.to_dict(), "rows": rows, "rejects": sample}


def _write(path: Path, figures: dict[str, Any]) -> None:
    text = jsonlib.dumps(figures, ensure_ascii=False, indent=1)
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from error


def show(events: "Events", found: "Paths", top: int) -> None:
    """The figures on the terminal."""
    from rich.console import Console

    console = Console()
    rows = document(events, found)["rows"]
    console.print(
        f"{found.cases:,} journeys, {found.events:,} events, {found.variant_count:,} different ways"
    )
    if rows["rejected"]:
        console.print(f"{rows['rejected']:,} of {rows['read']:,} events were left out")
    for fault in events.intake.sample[:3] if events.intake else ():
        console.print(f"  line {fault.line}: {fault.reason} {plain(fault.value)}", markup=False)
    if found.case_seconds is not None:
        middle, slow = duration(found.case_seconds.median), duration(found.case_seconds.p90)
        console.print(f"half of them took up to {middle}, 9 of 10 up to {slow}")
    for table in _tables(found, top):
        console.print(table)


def _tables(found: "Paths", top: int) -> list["Table"]:
    steps = _table("What follows what", "from", "to", "times", "median", "9 of 10 within")
    for edge in found.edges[:top]:
        time = edge.seconds
        steps.add_row(
            plain(edge.source),
            plain(edge.target),
            f"{time.n:,}",
            duration(time.median),
            duration(time.p90),
        )
    ways = _table("The most frequent ways", "way", "journeys", "share")
    for way in found.variants[:top]:
        ways.add_row(
            plain(" > ".join(way.steps)), f"{way.cases:,}", f"{way.cases / found.cases:.1%}"
        )
    again = _table("Done again within a journey", "what", "journeys", "repeats")
    for one in found.rework[:top]:
        again.add_row(plain(one.activity), f"{one.cases:,}", f"{one.repeats:,}")
    return [table for table in (steps, ways, again) if table.row_count]


def _table(title: str, *columns: str) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left")
    for column in columns:
        words = column in ("from", "to", "way", "what")
        table.add_column(Text(column), justify="left" if words else "right", overflow="fold")
    return table


def plain(text: str) -> "Text":
    """A text from a file as it is: no styles, no control characters of a terminal."""
    from rich.text import Text

    return Text("".join(sign if sign.isprintable() else "?" for sign in text))


def duration(seconds: float) -> str:
    """Seconds as people say them.

    >>> duration(30), duration(5400), duration(-172800)
    ('30 s', '1.5 hours', '-2.0 days')
    """
    for name, size in _UNITS:
        if abs(seconds) >= size:
            return f"{seconds / size:,.1f} {name}"
    return f"{seconds:.3g} s"
