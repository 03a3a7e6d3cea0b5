"""An Excel sheet as columns of text, each cell written so that the parsers read it back exactly.

Formulas are never evaluated: the value Excel last stored is taken. Dates become ISO text, numbers
plain digits, TRUE and FALSE the words true and false.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from ibis.backends.duckdb import Backend
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from overdeliver.tables.cases import Notice
from overdeliver.tables.headers import column_names, refuse_missing_header
from overdeliver.tables.limits import Limits, check_columns, check_rows, check_size, refuse, size
from overdeliver.tables.packed import check_workbook
from overdeliver.tables.raw import Source, TextStore, one_line
from overdeliver.vocabulary.errors import InputError, UnreadableFile

#: Among so many rows the line of names is looked for; titles above it are skipped.
_TOP = 20


def read_xlsx(
    path: Path, backend: Backend, limits: Limits, *, sheet: str | int | None = None
) -> Source:
    """Read one sheet (by name, or number from 1; by default the first visible one with cells).

    ``line`` is the row number Excel shows. Raises UnreadableFile for a broken or locked workbook,
    InputError for an unknown sheet, LimitExceeded for one too large.
    """
    check_size(path.name, path.stat().st_size, limits.text_bytes)
    check_workbook(path, limits)
    with _as_unreadable(path.name):
        book = CalamineWorkbook.from_path(str(path))
        chosen, notices = _choose(book, sheet, path.name)
        rows, columns = _extent(chosen)
        check_columns(path.name, columns, limits)
        check_rows(path.name, rows, limits)
        numbered = _numbered(chosen)
        return _store(numbered, path.name, backend, limits, notices)


@contextmanager
def _as_unreadable(name: str) -> Iterator[None]:
    try:
        yield
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFile(f"{name}: not a readable workbook ({one_line(error)})") from error
    except BaseException as error:
        # A fault inside the Rust reader arrives as a class outside of Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableFile(f"{name}: not a readable workbook ({one_line(error)})") from None


def _choose(
    book: CalamineWorkbook, asked: str | int | None, name: str
) -> tuple[CalamineSheet, list[Notice]]:
    names = book.sheet_names
    if asked is not None:
        if isinstance(asked, str) and asked in names:
            return book.get_sheet_by_name(asked), []
        if str(asked).isdigit() and 1 <= int(asked) <= len(names):
            return book.get_sheet_by_index(int(asked) - 1), []
        raise InputError(f"{name}: no sheet {asked!r}; it has {', '.join(names[:10])}")
    visible = [s.name for s in book.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
    for title in [title for title in names if title in visible] or names:
        found = book.get_sheet_by_name(title)
        if _extent(found) != (0, 0):
            return found, _other_sheets(names, title)
    raise UnreadableFile(f"{name}: no sheet holds anything")


def _other_sheets(names: list[str], chosen: str) -> list[Notice]:
    if len(names) < 2:
        return []
    others = [title for title in names if title != chosen]
    text = f"Sheet {chosen} was read, not {', '.join(others[:5])}; --sheet chooses another."
    return [Notice("sheet_chosen", text, {"sheet": chosen, "others": others})]


def _numbered(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    """Rows with any content, with their number in the sheet."""
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [cell_text(cell) for cell in row]
        if any(cells):
            yield number, cells


def _extent(sheet: CalamineSheet) -> tuple[int, int]:
    """Number of rows and columns up to the last cell in use."""
    return (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end is not None else (0, 0)


def cell_text(cell: Any) -> str:
    """A cell as text that the parsers read back exactly.

    >>> [cell_text(cell) for cell in (1e12, 12.5, True, date(2026, 7, 3), "")]
    ['1000000000000', '12.5', 'true', '2026-07-03', '']
    """
    if isinstance(cell, str):
        return cell.replace("\x00", "")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return _number_text(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        seconds = int(cell.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return str(cell)


def _number_text(number: int | float) -> str:
    if isinstance(number, float) and number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return format(Decimal(repr(number)), "f")


def _store(
    rows: Iterator[tuple[int, list[str]]],
    name: str,
    backend: Backend,
    limits: Limits,
    notices: list[Notice],
) -> Source:
    top = [row for row, _ in zip(rows, range(_TOP), strict=False)]
    line, found, rest = _header(top, name)
    refuse_missing_header(name, found, line)
    names, renamed = column_names(found)
    store = TextStore(backend, names)
    for start, row in _chain(rest, rows):
        if max(map(len, row)) > limits.field_bytes:
            refuse(f"{name} row {start}", "a cell is too long", size(limits.field_bytes))
        if any(row[len(names) :]):
            store.reject(start, " | ".join(filter(None, row)), "cells beyond the named columns")
        elif any(row):
            store.add(start, row[: len(names)])
    if not store.good:
        raise UnreadableFile(f"{name}: column names but no rows")
    table, bad = store.tables()
    read = store.good + store.bad
    return Source(backend, table, name, True, read, store.bad, bad, tuple(notices + renamed))


def _chain(
    first: list[tuple[int, list[str]]], then: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    yield from first
    yield from then


def _header(
    top: list[tuple[int, list[str]]], name: str
) -> tuple[int, list[str], list[tuple[int, list[str]]]]:
    """The first row at least half as full as the fullest of the top rows; titles stand above it."""
    if not top:
        raise UnreadableFile(f"{name}: the sheet is empty")
    fullest = max(sum(map(bool, row)) for _, row in top)
    at = next(i for i, (_, row) in enumerate(top) if 2 * sum(map(bool, row)) >= fullest)
    line, found = top[at]
    width = max(i for i, cell in enumerate(found, start=1) if cell)
    return line, found[:width], top[at + 1 :]
