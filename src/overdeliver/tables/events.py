"""Event logs: which columns name the journey, what happened and when, from any file."""

from dataclasses import dataclass
from pathlib import Path

import ibis.expr.types as ir

from overdeliver.tables.cases import Intake, Notice
from overdeliver.tables.limits import Limits
from overdeliver.tables.moments_text import read_moments
from overdeliver.tables.sources import open_source
from overdeliver.tables.xes import read_xes
from overdeliver.vocabulary.errors import MissingField, UnreadableFile

#: Names recognised for each field, in this order of preference.
KNOWN = {
    "case": ("case:concept:name", "case_id", "caseid", "case", "order_id", "ticket_id"),
    "activity": ("concept:name", "activity", "event", "step", "stage", "status"),
    "at": ("time:timestamp", "timestamp", "at", "time", "moment", "date"),
}
_DEFAULT = Limits()
_PACKED = b"\x1f\x8b"


@dataclass(frozen=True)
class Events:
    """An event log as a table and the names of its three columns.

    ``file`` is the Parquet file that holds just these columns as they are, None when they had to be
    read from text. ``intake`` tells what a reader rejected before; None when it rejects nothing.
    """

    table: ir.Table
    case: str
    activity: str
    at: str
    file: Path | None = None
    intake: Intake | None = None
    notices: tuple[Notice, ...] = ()


def open_events(
    path: Path,
    folder: Path,
    *,
    case: str | None = None,
    activity: str | None = None,
    at: str | None = None,
    limits: Limits = _DEFAULT,
) -> Events:
    """Open an event log: XES (also ``.xes.gz``), Parquet, delimited text or a workbook.

    Columns not named are recognised (``KNOWN``). Text in the column of moments is read as moments
    of UTC. What has to be unpacked goes to ``folder``, which must live as long as the table.

    Raises MissingField when a column is neither named nor recognised, UnreadableFile and
    LimitExceeded as the readers do.
    """
    if _is_xes(path):
        log = read_xes(path, folder / "events.parquet", limits=limits)
        source = open_source(log.path, limits=limits)
        intake, file = log.intake, log.path
    else:
        source = open_source(path, limits=limits)
        intake, file = None, path
    table = source.table
    named = {"case": case, "activity": activity, "at": at}
    columns = {field: _column(table, field, name, path) for field, name in named.items()}
    moments = table[columns["at"]].type()
    if moments.is_timestamp() or moments.is_date():
        as_it_is = file if file.is_file() and _begins(file, b"PAR1") else None
        return Events(table, **columns, file=as_it_is, intake=intake, notices=source.notices)
    reading = read_moments(table, {"at": columns["at"]}, zone="UTC")["at"]
    read = table.select(case=columns["case"], activity=columns["activity"], at=reading.wall)
    return Events(read, "case", "activity", "at", None, intake, source.notices + reading.notices)


def _is_xes(path: Path) -> bool:
    """By its ending when packed, else by its first bytes: XML is nothing else we read."""
    if not path.is_file():
        return False
    if _begins(path, _PACKED):
        return ".xes" in path.name.lower()
    return _begins(path, b"<") or path.suffix.lower() in (".xes", ".xml")


def _begins(path: Path, start: bytes) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        raise UnreadableFile(f"{path}: cannot be opened ({error.strerror})") from error
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(start)


def _column(table: ir.Table, field: str, name: str | None, path: Path) -> str:
    if name is not None and name in table.columns:
        return name
    held = ", ".join(column for column in table.columns if column != "line")
    if name is not None:
        raise MissingField(f"{path.name}: no column {name!r}; it has: {held}")
    for known in KNOWN[field]:
        for column in table.columns:
            if str(column).strip().lower() == known:
                return str(column)
    raise MissingField(
        f"{path.name}: no column for the {field}; name it with --{field}. Has: {held}"
    )
