"""The one door for data: a path or a data frame in, a table with line numbers out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ibis.backends.duckdb import Backend

from overdeliver.tables.connect import connect
from overdeliver.tables.csv_source import read_csv
from overdeliver.tables.frame_source import read_frame
from overdeliver.tables.limits import Limits
from overdeliver.tables.packed import is_workbook, temporary_folder, unpack_gzip, unpack_zip
from overdeliver.tables.parquet_source import read_parquet
from overdeliver.tables.raw import Source
from overdeliver.tables.xlsx_source import read_xlsx
from overdeliver.vocabulary.errors import UnreadableFile

__all__ = ["Limits", "Source", "open_source"]

_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def open_source(
    source: Any,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | None = None,
    limits: Limits | None = None,
    connection: Backend | None = None,
) -> Source:
    """Open a file, a folder of Parquet files or a data frame as a table with line numbers.

    A path (``str`` or ``Path``) may be delimited text (also inside ``.gz`` or a ``.zip`` with one
    such file), an ``.xlsx`` workbook, Parquet, or a folder of Parquet files; its first bytes
    decide, not its ending. A frame is anything pandas, Polars, Arrow, DuckDB or Ibis make.

    Raises UnreadableFile when it is not readable as what it is, LimitExceeded when it is too large,
    InputError when ``source`` or an option is wrong; each text is one line.

    >>> import pyarrow as pa
    >>> opened = open_source(pa.table({"order_id": ["a", "b"]}))
    >>> opened.rows_read, opened.table.columns
    (2, ('line', 'order_id'))
    """
    limits = limits or Limits()
    backend = connection or connect()
    if not isinstance(source, str | Path):
        return read_frame(source, backend, limits)
    path = Path(source)
    if not path.exists():
        raise UnreadableFile(f"{path}: no such file")
    if path.is_dir():
        return read_parquet(path, backend, limits)
    if not path.is_file():
        raise UnreadableFile(f"{path}: neither a file nor a folder")
    head = _head(path)

    def as_text(file: Path) -> Source:
        return read_csv(
            file, backend, limits, name=path.name, encoding=encoding, delimiter=delimiter
        )

    if head.startswith(b"PAR1"):
        return read_parquet(path, backend, limits)
    if head.startswith(b"PK\x03\x04") and is_workbook(path):
        return read_xlsx(path, backend, limits, sheet=sheet)
    if head.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        return _read_packed(path, head, limits, as_text)
    if head.startswith(_OLD_EXCEL):
        raise UnreadableFile(
            f"{path.name}: an old or locked Excel workbook; save it as .xlsx or .csv"
        )
    _refuse_pretender(path)
    return as_text(path)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(16)
    except OSError as error:
        raise UnreadableFile(f"{path}: cannot be opened ({error.strerror})") from error


def _read_packed(
    path: Path, head: bytes, limits: Limits, as_text: Callable[[Path], Source]
) -> Source:
    with temporary_folder() as folder:
        plain = folder / path.name
        if head.startswith(b"PK"):
            unpack_zip(path, plain, limits)
        else:
            unpack_gzip(path, plain, limits)
        return as_text(plain)


def _refuse_pretender(path: Path) -> None:
    """A name that claims a format its bytes are not of."""
    if path.suffix.lower() in (".xlsx", ".xlsm", ".parquet", ".zip", ".gz"):
        raise UnreadableFile(
            f"{path.name}: not a {path.suffix} file inside, whatever its name says"
        )
