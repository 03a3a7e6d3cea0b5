"""The one door: a file, a folder, several files or a frame in; checked `Cases` out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from overdeliver.tables.cases import Cases
from overdeliver.tables.connect import connect
from overdeliver.tables.draft import Draft, Options
from overdeliver.tables.gather import files_of
from overdeliver.tables.join import join_files
from overdeliver.tables.normalise import to_cases
from overdeliver.tables.presets.registry import preset_named
from overdeliver.tables.raw import Source
from overdeliver.tables.recognise import Holds, recognise
from overdeliver.tables.sniff import of_sample
from overdeliver.tables.sources import Limits, open_source
from overdeliver.vocabulary.gap import Lever


def load_cases(
    source: Any,
    *,
    preset: str | None = None,
    mapping: Mapping[str, str] | None = None,
    lever: Lever | None = None,
    unit: str | None = None,
    by: Sequence[str] = (),
    promise_rules: Mapping[str, tuple[float, str]] | None = None,
    zone: str = "UTC",
    tolerance: float = 0.0,
    as_of: datetime | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    date_order: str | None = None,
    reject_file: str | Path | None = None,
    limits: Any = None,
    classes: Sequence[str] = (),
) -> Cases:
    """Read promises and outcomes into `Cases`.

    ``source``: a path, a folder, a list of paths, or a data frame (pandas, Polars, Arrow, DuckDB
    relation). Several files are joined on the order's id: the first gives the rows, the others add
    columns. ``mapping`` is field -> column and wins over what the names say. ``zone`` is the zone of
    wall clocks without one. ``as_of`` defaults to the latest moment the data speaks of.

    InputError (and MissingField, UnreadableFile, LimitExceeded below it): one line saying what is
    wrong and what to do.
    """
    options = Options(
        mapping=dict(mapping or {}),
        lever=lever,
        unit=unit,
        by=tuple(by),
        promise_rules=promise_rules,
        zone=zone,
        tolerance=tolerance,
        as_of=as_of,
        classes=tuple(classes),
        encoding=encoding,
        delimiter=delimiter,
        date_order=date_order,
        reject_file=reject_file,
        limits=limits,
    )
    return to_cases(_draft(files_of(source), preset, options), options)


def _draft(items: list[Any], preset: str | None, options: Options) -> Draft:
    backend = connect()

    def opener(item: Any) -> Source:
        return open_source(
            item,
            encoding=options.encoding,
            delimiter=options.delimiter,
            limits=options.limits or Limits(),
            connection=backend,
        )

    if preset is not None:
        return preset_named(preset)(items, options, opener)
    source = join_files([opener(item) for item in items], options)
    found = recognise(holds(source.table), options.mapping)
    return Draft(
        source.backend,
        source.table,
        found.mapping,
        is_text=source.is_text,
        read=source.rows_read,
        bad=source.rows_bad,
        bad_rows=source.bad_rows,
        keep=len(items) > 1,
        notices=(*source.notices, *found.notices),
    )


def holds(table: ir.Table) -> dict[str, Holds]:
    """What each column holds, in order; text columns by a sample of their values."""
    found: dict[str, Holds] = {}
    for name, kind in table.schema().items():
        if name != "line":
            found[name] = _of_type(cast(dt.DataType, kind))
    texts = [name for name, held in found.items() if held == "text"]
    if texts:
        sample = table.select(*texts).limit(500).to_pyarrow()
        for name in texts:
            found[name] = of_sample(sample[name].to_pylist())
    return found


def _of_type(kind: dt.DataType) -> Holds:
    if kind.is_timestamp() or kind.is_date():
        return "moment"
    if kind.is_boolean():
        return "boolean"
    if kind.is_numeric():
        return "number"
    return "text" if kind.is_string() else "other"
