"""Parquet files as a lazy table: nothing is read but the footer and a few sample rows."""

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend

from overdeliver.tables.headers import LINE, column_names
from overdeliver.tables.limits import (
    Limits,
    check_columns,
    check_rows,
    check_size,
    check_unpacked,
    refuse,
    size,
)
from overdeliver.tables.raw import (
    Source,
    as_unreadable,
    fresh_name,
    literal,
    no_rejects,
    quoted,
)
from overdeliver.vocabulary.errors import UnreadableFile

#: Rows looked at per sampled row group to learn how wide its texts are once decoded.
_SAMPLE_ROWS = 1024
_SAMPLED_GROUPS = 8


def read_parquet(path: Path, backend: Backend, limits: Limits) -> Source:
    """A Parquet file, or a folder of them with equal columns, as one lazy table.

    ``line`` is the row number from 1, counted over the files in the order of their names. Raises
    UnreadableFile for a broken file, LimitExceeded for one that is or decodes too large.
    """
    files = _files(path)
    counts = [_check(file, limits) for file in files]
    check_size(path.name, sum(file.stat().st_size for file in files), limits.parquet_bytes)
    check_rows(path.name, sum(counts), limits)
    with as_unreadable(path.name, "not a readable Parquet file"):
        found = _columns(backend, files)
        names, notices = column_names(found)
        view = fresh_name("source")
        backend.con.execute(_view_sql(view, files, counts, found, names))
        table = backend.table(view)
    return Source(
        backend, table, path.name, False, sum(counts), 0, no_rejects(backend), tuple(notices)
    )


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(path.rglob("*.parquet"))
    if not files:
        raise UnreadableFile(f"{path.name}: a folder without .parquet files")
    return files


def _check(path: Path, limits: Limits) -> int:
    """Number of rows; raises when the file is broken or decodes beyond the limits."""
    packed = path.stat().st_size
    check_size(path.name, packed, limits.parquet_bytes)
    with as_unreadable(path.name, "not a readable Parquet file"), pq.ParquetFile(path) as file:
        rows = int(file.metadata.num_rows)
        check_columns(path.name, file.metadata.num_columns, limits)
        check_rows(path.name, rows, limits)
        _check_declared(path.name, file, limits)
        _check_texts(path.name, file, packed, limits)
    return rows


def _check_declared(name: str, file: pq.ParquetFile, limits: Limits) -> None:
    """No column of one row group may unpack beyond the limit: it is unpacked as a whole."""
    for group in range(file.metadata.num_row_groups):
        info = file.metadata.row_group(group)
        for column in range(info.num_columns):
            chunk = info.column(column)
            check_size(f"{name} (unpacked)", chunk.total_uncompressed_size, limits.unpacked_bytes)


def _check_texts(name: str, file: pq.ParquetFile, packed: int, limits: Limits) -> None:
    """Estimate the decoded size of all texts: a dictionary hides it from the footer."""
    texts = [field.name for field in file.schema_arrow if _is_text(field.type)]
    texts = [name for name in texts if "." not in name]  # a point would mean a part of a struct
    groups = file.metadata.num_row_groups
    rows = file.metadata.num_rows
    if not texts or not groups:
        return
    step = max(1, groups // _SAMPLED_GROUPS)
    widest = 0.0
    for group in range(0, groups, step):
        batch = next(file.iter_batches(_SAMPLE_ROWS, row_groups=[group], columns=texts), None)
        if batch is not None and batch.num_rows:
            widest = max(widest, _row_width(name, batch, limits))
    check_unpacked(name, int(widest * rows), packed, _with_room(limits))


def _with_room(limits: Limits) -> Limits:
    """Ten times the room of an archive: a lazy reading never holds the whole."""
    return Limits(unpacked_bytes=20 * limits.unpacked_bytes, ratio=10 * limits.ratio)


def _row_width(name: str, batch: pa.RecordBatch, limits: Limits) -> float:
    """Bytes of text in a row, on average, counted without unfolding dictionaries."""
    total = 0.0
    for column in batch.columns:
        if pa.types.is_dictionary(column.type):
            lengths = pc.binary_length(column.dictionary).take(column.indices)
        else:
            lengths = pc.binary_length(column)
        longest = pc.max(lengths).as_py() or 0
        if longest > limits.field_bytes:
            refuse(name, f"a field of {size(longest)}", f"{size(limits.field_bytes)} per field")
        total += float(pc.sum(lengths).as_py() or 0)
    return total / int(batch.num_rows)


def _is_text(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return any(
        test(kind)
        for test in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_binary,
            pa.types.is_large_binary,
        )
    )


def _listed(files: Sequence[Path]) -> str:
    return "[" + ", ".join(literal(escape_glob(file)) for file in files) + "]"


def escape_glob(path: Path) -> str:
    """A path whose wildcard signs stand for themselves.

    >>> escape_glob(Path("a[1].parquet"))
    'a[[]1].parquet'
    """
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


def _columns(backend: Backend, files: Sequence[Path]) -> list[str]:
    rows = backend.con.execute(
        f"DESCRIBE SELECT * FROM read_parquet({_listed(files)}, union_by_name=true)"
    ).fetchall()
    return [str(row[0]) for row in rows]


def _view_sql(
    view: str,
    files: Sequence[Path],
    counts: Sequence[int],
    found: Sequence[str],
    names: Sequence[str],
) -> str:
    columns = ", ".join(
        f"{quoted(old)} AS {quoted(new)}" for old, new in zip(found, names, strict=True)
    )
    number = "file_row_number + 1"
    if "file_row_number" in (name.casefold() for name in found):
        number = "row_number() OVER ()"
    elif len(files) > 1:
        before = [0, *accumulate(counts)][:-1]
        number += f" + ({before})[CAST(file_index AS BIGINT) + 1]"
    return (
        f"CREATE TEMP VIEW {quoted(view)} AS SELECT CAST({number} AS BIGINT) AS {LINE}, {columns} "
        f"FROM read_parquet({_listed(files)}, union_by_name=true)"
    )
