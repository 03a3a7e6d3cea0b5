"""Delimited text into the engine, with the line of every row and no row lost.

Two readers. DuckDB reads a file on which nothing can be misread: one record per line, every row as
wide as the names; afterwards the rows must be exactly the lines. Any file that fails this (bad
rows, line breaks inside quotes, blank lines, mixed line ends) is read again by the careful reader,
which walks it record by record, knows each one's line and keeps the unusable ones with a reason.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
from ibis.backends.duckdb import Backend

from overdeliver.tables.csv_dialect import Dialect, Physique, find_dialect, measure
from overdeliver.tables.encodings import decode_to_utf8, find_encoding
from overdeliver.tables.headers import LINE, column_names, refuse_missing_header
from overdeliver.tables.limits import Limits, check_rows, check_size, refuse, size
from overdeliver.tables.packed import temporary_folder
from overdeliver.tables.raw import (
    Source,
    TextStore,
    as_unreadable,
    fresh_name,
    literal,
    no_rejects,
    quoted,
)
from overdeliver.vocabulary.errors import UnreadableFile

#: So many lines below a row with broken quotes the other half of that row is looked for.
_REACH = 20


@dataclass(frozen=True)
class _File:
    """A UTF-8 file with everything known about how it is written."""

    path: Path
    name: str
    dialect: Dialect
    physique: Physique
    names: tuple[str, ...]
    limits: Limits


def read_csv(
    path: Path,
    backend: Backend,
    limits: Limits,
    *,
    name: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> Source:
    """Read delimited text as columns of text.

    Raises UnreadableFile when it is not such a file or its encoding is in doubt, LimitExceeded when
    it is too large in any direction.
    """
    shown = name or path.name
    check_size(shown, path.stat().st_size, limits.text_bytes)
    if path.stat().st_size == 0:
        raise UnreadableFile(f"{shown}: empty, 0 bytes")
    found = find_encoding(path, encoding)
    if found in ("utf-8", "ascii") and encoding is None:
        return _read_utf8(path, shown, backend, limits, delimiter)
    with temporary_folder() as folder:
        plain = folder / path.name
        decode_to_utf8(path, plain, found)
        return _read_utf8(plain, shown, backend, limits, delimiter)


def _read_utf8(
    path: Path, name: str, backend: Backend, limits: Limits, delimiter: str | None
) -> Source:
    physique = measure(path, name, limits)
    dialect = find_dialect(path, name, delimiter, limits)
    refuse_missing_header(name, dialect.header, dialect.header_line)
    names, notices = column_names(dialect.header)
    file = _File(path, name, dialect, physique, tuple(names), limits)
    source = _read_fast(file, backend) or _read_carefully(file, backend)
    if source.rows_read == 0:
        raise UnreadableFile(f"{name}: column names but no rows")
    if source.rows_bad == source.rows_read:
        _refuse_all_bad(source)
    return Source(**{**vars(source), "notices": tuple(notices)})


def _refuse_all_bad(source: Source) -> None:
    first = source.bad_rows.order_by(LINE).limit(1).to_pyarrow().to_pylist()[0]
    raise UnreadableFile(
        f"{source.name}: none of {source.rows_read:,} rows could be split into columns; line "
        f"{first['line']}: {first['reason']}; if the delimiter is unusual, name it with --delimiter"
    )


def _read_fast(file: _File, backend: Backend) -> Source | None:
    """Read with DuckDB; None when the file needs the careful reader."""
    body = file.physique.lines - file.dialect.header_line
    plain = file.physique.one_line_end and not (
        file.physique.spaced_quotes or file.dialect.escapes or file.dialect.header_line > 2
    )
    if (
        not plain
        or body < 1
        or len(file.names) < 2
        or file.physique.longest > file.limits.field_bytes
    ):
        return None
    check_rows(file.name, body, file.limits)
    table = fresh_name("text")
    try:
        backend.con.execute(_read_sql(file, table))
    except duckdb.Error:
        return None
    rows = int(backend.con.execute(f"SELECT count(*) FROM {quoted(table)}").fetchall()[0][0])
    if rows != body:
        backend.con.execute(f"DROP TABLE {quoted(table)}")
        return None
    view = fresh_name("source")
    columns = ", ".join(map(quoted, file.names))
    backend.con.execute(
        f"CREATE TEMP VIEW {quoted(view)} AS SELECT rowid + {file.dialect.header_line + 1} "
        f"AS {LINE}, {columns} FROM {quoted(table)}"
    )
    return Source(backend, backend.table(view), file.name, True, rows, 0, no_rejects(backend))


def _read_sql(file: _File, table: str) -> str:
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in file.names)
    return (
        f"CREATE TEMP TABLE {quoted(table)} AS SELECT * FROM read_csv({literal(str(file.path))}, "
        f"auto_detect=false, header=false, skip={file.dialect.header_line}, "
        f"delim={literal(file.dialect.delimiter)}, quote='\"', escape='\"', strict_mode=true, "
        f"columns={{{columns}}})"
    )


def _read_carefully(file: _File, backend: Backend) -> Source:
    store = TextStore(backend, file.names)
    width = len(file.names)
    for line, row, text, reason in _records(file):
        if row is None:
            store.reject(line, text, reason)
        elif len(row) == width or (len(row) > width and not any(row[width:])):
            store.add(line, row[:width])
        else:
            store.reject(line, text, _wrong_width(len(row), width))
        if not (store.good + store.bad) % 10_000:
            check_rows(file.name, store.good + store.bad, file.limits)
    check_rows(file.name, store.good + store.bad, file.limits)
    table, bad = store.tables()
    return Source(backend, table, file.name, True, store.good + store.bad, store.bad, bad)


def _wrong_width(found: int, wanted: int) -> str:
    which = "few" if found < wanted else "many"
    return f"too {which} fields: {found} where the header has {wanted}"


class _Lines:
    """The lines of a file, numbered from 1, that can be handed back when a record went wrong."""

    def __init__(self, file: Iterator[str]) -> None:
        self._file = file
        self._again: list[str] = []  # last one first
        self.number = 0
        self.taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else next(self._file)
        self.number += 1
        self.taken.append(line)
        return line

    def hand_back(self) -> int:
        """Give back all lines of the record but its first; returns the last line that was taken."""
        last = self.number
        rest = self.taken[1:]
        self._again.extend(reversed(rest))
        self.number -= len(rest)
        self.taken.clear()
        return last


def _records(file: _File) -> Iterator[tuple[int, list[str] | None, str, str]]:
    """Each record below the names: its first line, its fields or None, its text, what is wrong."""
    # The csv module has one limit for the whole process: raised when too low, never lowered.
    csv.field_size_limit(max(csv.field_size_limit(), file.limits.field_bytes))
    with as_unreadable(file.name), file.path.open(encoding="utf-8", newline="") as opened:
        lines = _Lines(iter(opened))
        reader = _reader(lines, file)
        longest = file.limits.field_bytes
        doubtful = 0  # up to this line an odd quote may be the end of a broken row
        while True:
            start = lines.number + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if "field limit" in str(error):
                    _refuse_field(file, start)
                if start <= file.dialect.header_line:
                    _refuse_names(file, start)
                text = lines.taken[0]
                doubtful = max(lines.hand_back(), start + _REACH * (text.count('"') % 2))
                yield start, None, text, "broken quotes"
                continue
            text = lines.taken[0] if len(lines.taken) == 1 else "".join(lines.taken)
            lines.taken.clear()
            if not row or start <= file.dialect.header_line:
                continue
            if len(text) > longest and max(map(len, row)) > longest:
                _refuse_field(file, start)
            if start <= doubtful and text.count('"') % 2:
                doubtful = 0
                yield start, None, text, "broken quotes"
            else:
                yield start, row, text, ""


def _reader(lines: _Lines, file: _File) -> Iterator[list[str]]:
    dialect = file.dialect
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        doublequote=not dialect.escapes,
        escapechar="\\" if dialect.escapes else None,
        skipinitialspace=file.physique.spaced_quotes,
        strict=True,
    )


def _refuse_field(file: _File, line: int) -> None:
    refuse(
        f"{file.name} line {line}",
        "a field is too long, or its quote is never closed",
        f"{size(file.limits.field_bytes)} per field",
    )


def _refuse_names(file: _File, line: int) -> None:
    raise UnreadableFile(f"{file.name} line {line}: the line of names has broken quotes")
