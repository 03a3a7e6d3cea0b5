"""The reject file: what was not used and why, safe to open in a spreadsheet."""

import csv
import re
from pathlib import Path

import ibis
import ibis.expr.types as ir

from overdeliver.tables.cases import Reject
from overdeliver.tables.raw import as_unreadable

COLUMNS = ("line", "column", "value", "reason")

_BATCH = 50_000
_RUNS = "=+\\-@\uff1d\uff0b\uff0d\uff20|%"
#: A spreadsheet runs what begins so, also behind blanks and quotes, also in full-width letters.
_FORMULA = re.compile(rf"[\s\"'`\x00]*[{_RUNS}]|[\t\r\n\x00]")
#: Where the semicolon parts cells (most of Europe) the quotes of a CSV with commas hold nothing
#: together: a cell or a line may begin in the middle of a text.
_INSIDE = re.compile(rf"([;\t\r\n][\s\"'`;]*)(?=[{_RUNS}])")
_NUMBER = re.compile(r"[-+]?[0-9]+([.,][0-9]+)?")


def safe_cell(text: str) -> str:
    """A text a spreadsheet shows and never runs; plain numbers stay numbers.

    >>> safe_cell("=1+1"), safe_cell("-12.50"), safe_cell("late"), safe_cell("-2+3")
    ("'=1+1", '-12.50', 'late', "'-2+3")
    >>> safe_cell("late;=1+1")
    "late;'=1+1"
    """
    if _NUMBER.fullmatch(text):
        return text
    plain = _INSIDE.sub(r"\1'", text.replace("\x00", ""))
    return "'" + plain if _FORMULA.match(text) else plain


def write_rejects(path: str | Path, *tables: ir.Table) -> int:
    """Write tables of ``line, column, value, reason`` as one CSV in the order of the lines.

    UTF-8 with a byte-order mark, so that Excel reads the letters right. The tables must come from
    one connection. Returns how many were written; raises UnreadableFile when ``path`` cannot be.
    """
    target = Path(path)
    written = 0
    with (
        as_unreadable(target.name, "cannot be written"),
        target.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        if tables:
            joined = _joined(tables)
            found = joined.get_backend().raw_sql(ibis.to_sql(joined, dialect="duckdb"))
            while rows := found.fetchmany(_BATCH):
                writer.writerows((row[0], *(safe_cell(t or "") for t in row[1:])) for row in rows)
                written += len(rows)
    return written


def first_rejects(*tables: ir.Table, count: int = 10) -> tuple[Reject, ...]:
    """The first few rejects by line, as they are shown to people."""
    if not tables:
        return ()
    rows = _joined(tables).limit(count).to_pyarrow().to_pylist()
    return tuple(Reject(**{name: row[name] for name in COLUMNS}) for row in rows)


def _joined(tables: tuple[ir.Table, ...]) -> ir.Table:
    plain = [table.select(*COLUMNS) for table in tables]
    joined = ibis.union(*plain) if len(plain) > 1 else plain[0]
    return joined.order_by("line", "column")
