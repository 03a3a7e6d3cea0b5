"""Whatever holds the rows - a path, a folder, several paths, a frame - as one Ibis table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import narwhals as nw
from ibis.backends.duckdb import Backend

from overdeliver.tables.draft import Options
from overdeliver.vocabulary.errors import InputError, UnreadableFile

_READABLE = (".parquet", ".csv", ".tsv", ".txt", ".xlsx", ".json", ".ndjson", ".jsonl")


def files_of(source: Any) -> list[Any]:
    """The files or frames a source names, in order: a folder's readable files, a list's items."""
    if isinstance(source, (list, tuple)):
        return [item for part in source for item in files_of(part)]
    if isinstance(source, (str, Path)):
        path = Path(source)
        if path.is_dir():
            found = sorted(p for p in path.iterdir() if p.suffix.lower() in _READABLE)
            if not found:
                raise InputError(
                    f"{path}: the folder holds no file that can be read ({', '.join(_READABLE)})"
                )
            return list(found)
        if not path.exists():
            raise InputError(f"{path}: there is no such file or folder")
        return [path]
    return [source]


def open_table(backend: Backend, item: Any, options: Options) -> tuple[ir.Table, bool]:
    """One file or frame as a table with ``line``, and whether its columns are text."""
    if isinstance(item, (str, Path)):
        return _numbered(_read(backend, Path(item))), Path(item).suffix.lower() != ".parquet"
    arrow = nw.from_native(item).lazy().collect("pyarrow").to_native()
    return _numbered(backend.create_table(ibis.util.gen_name("frame"), arrow, temp=True)), False


def _read(backend: Backend, path: Path) -> ir.Table:
    if path.suffix.lower() == ".parquet":
        return backend.read_parquet(path)
    if path.suffix.lower() in (".csv", ".tsv", ".txt"):
        return backend.read_csv(path, all_varchar=True)
    raise UnreadableFile(f"{path}: this kind of file cannot be read")


def _numbered(table: ir.Table) -> ir.Table:
    rest = table.drop("line") if "line" in table.columns else table
    return rest.mutate(line=ibis.row_number() + 1)


def same_columns(tables: Sequence[ir.Table]) -> bool:
    """Whether the tables are parts of one: equal column names."""
    return len({tuple(sorted(table.columns)) for table in tables}) == 1
