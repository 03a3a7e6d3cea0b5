"""A source as it was read: text or typed columns with their line numbers, before any meaning."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb
import ibis.expr.types as ir
import pyarrow as pa
from ibis import util
from ibis.backends.duckdb import Backend

from overdeliver.tables.cases import Notice
from overdeliver.tables.headers import LINE
from overdeliver.vocabulary.errors import UnreadableFile

#: The columns of every table of rejects.
REJECT_SCHEMA = pa.schema(
    [
        ("line", pa.int64()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("reason", pa.string()),
    ]
)

#: A rejected value is shown up to this many characters.
SHOWN = 200
_BATCH = 20_000


@dataclass(frozen=True)
class Source:
    """What was read. ``rows_read`` counts data rows: those in ``table`` plus ``rows_bad``.

    ``table`` has ``line`` (int64: line of a text file, row of a sheet, row number of a Parquet file
    or frame, all counted from 1) and then the columns under their own names. ``bad_rows`` has
    ``line, column, value, reason``: the rows that could not be split into fields.
    """

    backend: Backend
    table: ir.Table
    name: str
    is_text: bool
    rows_read: int
    rows_bad: int
    bad_rows: ir.Table
    notices: tuple[Notice, ...] = field(default=())


def quoted(name: str) -> str:
    """A name as an SQL identifier.

    >>> print(quoted('a "b" c'))
    "a ""b"" c"
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal.

    >>> literal("d'or")
    "'d''or'"
    """
    return "'" + text.replace("'", "''") + "'"


def fresh_name(kind: str) -> str:
    """A table name nothing else has."""
    return str(util.gen_name(f"overdeliver_{kind}"))


@contextmanager
def as_unreadable(where: str, what: str = "not readable") -> Iterator[None]:
    """Turn what a library raises about a file into UnreadableFile with one line."""
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError, EOFError, UnicodeError) as error:
        raise UnreadableFile(f"{where}: {what} ({one_line(error)})") from error


def one_line(error: BaseException, length: int = 160) -> str:
    """The first line of an error's text, shortened.

    >>> one_line(ValueError("bad\\nthing"))
    'bad'
    """
    lines = str(error).strip().splitlines() or [type(error).__name__]
    text = " ".join(lines[0].split())
    return text if len(text) <= length else text[: length - 1] + "…"


def store_arrow(backend: Backend, table: pa.Table, kind: str) -> ir.Table:
    """An Arrow table copied into the engine."""
    name = fresh_name(kind)
    columns = ", ".join(
        f"{quoted(f.name)} {'BIGINT' if pa.types.is_integer(f.type) else 'VARCHAR'}"
        for f in table.schema
    )
    backend.raw_sql(f"CREATE TEMP TABLE {quoted(name)} ({columns})")
    _insert(backend, name, table)
    return backend.table(name)


def _insert(backend: Backend, name: str, table: pa.Table) -> None:
    if not table.num_rows:
        return
    view = fresh_name("batch")
    backend.con.register(view, table)
    try:
        backend.con.execute(f"INSERT INTO {quoted(name)} SELECT * FROM {quoted(view)}")
    finally:
        backend.con.unregister(view)


class TextStore:
    """Rows of text on their way into the engine, in batches, with the bad ones kept apart."""

    def __init__(self, backend: Backend, names: Sequence[str]) -> None:
        self._backend = backend
        self._schema = pa.schema([(LINE, pa.int64()), *((name, pa.string()) for name in names)])
        self._name = fresh_name("text")
        columns = ", ".join(f"{quoted(name)} VARCHAR" for name in names)
        backend.raw_sql(f"CREATE TEMP TABLE {quoted(self._name)} ({LINE} BIGINT, {columns})")
        self._bad = fresh_name("bad")
        backend.raw_sql(
            f"CREATE TEMP TABLE {quoted(self._bad)} "
            '(line BIGINT, "column" VARCHAR, value VARCHAR, reason VARCHAR)'
        )
        self._lines: list[int] = []
        self._rows: list[list[str]] = []
        self._rejects: list[tuple[int, str, str, str]] = []
        self.good = 0
        self.bad = 0

    def add(self, line: int, row: list[str]) -> None:
        """Keep one row; it has exactly as many fields as there are names."""
        self._lines.append(line)
        self._rows.append(row)
        self.good += 1
        if len(self._rows) >= _BATCH:
            self._flush()

    def reject(self, line: int, value: str, reason: str) -> None:
        """Keep one row that cannot be used."""
        self._rejects.append((line, "", value[:SHOWN].rstrip("\r\n"), reason))
        self.bad += 1
        if len(self._rejects) >= _BATCH:
            self._flush()

    def tables(self) -> tuple[ir.Table, ir.Table]:
        """The good rows and the bad ones."""
        self._flush()
        return self._backend.table(self._name), self._backend.table(self._bad)

    def _flush(self) -> None:
        if self._rows:
            columns = [[v or None for v in column] for column in zip(*self._rows, strict=True)]
            _insert(
                self._backend, self._name, pa.table([self._lines, *columns], schema=self._schema)
            )
            self._lines, self._rows = [], []
        if self._rejects:
            columns = [list(column) for column in zip(*self._rejects, strict=True)]
            _insert(self._backend, self._bad, pa.table(columns, schema=REJECT_SCHEMA))
            self._rejects = []


def no_rejects(backend: Backend) -> ir.Table:
    """An empty table of rejects."""
    return store_arrow(backend, REJECT_SCHEMA.empty_table(), "bad")
