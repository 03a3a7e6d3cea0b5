"""The one door: a file, a folder, several files or a frame in; checked `Cases` out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from overdeliver.tables.cases import Cases, Notice
from overdeliver.tables.connect import connect
from overdeliver.tables.draft import Draft, Options
from overdeliver.tables.eventlog import (
    is_case_table,
    is_event_log,
    one_row_per_case,
    spare_ends,
    without_ends,
)
from overdeliver.tables.gather import files_of
from overdeliver.tables.join import join_files
from overdeliver.tables.normalise import to_cases
from overdeliver.tables.presets.registry import guess_preset, preset_named
from overdeliver.tables.raw import Source
from overdeliver.tables.recognise import WEAK, Recognition, recognise
from overdeliver.tables.sniff import holds
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
    columns. ``mapping`` is field -> column and wins over what the names say. ``zone`` is that of
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
    return to_cases(draft_of(files_of(source), preset, options), options)


def draft_of(
    items: list[Any], preset: str | None, options: Options, backend: Backend | None = None
) -> Draft:
    """Files or frames as one table with its fields named, for `to_cases` to judge.

    Errors as `load_cases`. ``backend``: where to read; a fresh one by default.
    """
    backend = backend or connect()
    opened: dict[Any, Source] = {}

    def opener(item: Any) -> Source:
        key = item if isinstance(item, str | Path) else id(item)
        if key not in opened:
            opened[key] = open_item(item)
        return opened[key]

    def open_item(item: Any) -> Source:
        return open_source(
            item,
            encoding=options.encoding,
            delimiter=options.delimiter,
            limits=options.limits or Limits(),
            connection=backend,
        )

    guessed = guess_preset(items, opener) if preset is None else None
    if guessed is not None and not _says_all(options):
        draft = preset_named(guessed)(items, options, opener)
        note = Notice("preset_found", f"read as --preset {guessed}", {"preset": guessed})
        return replace(draft, notices=(note, *draft.notices))
    if preset is not None:
        return preset_named(preset)(items, options, opener)
    source = join_files([_one_per_promise(opener(item)) for item in items], options)
    held = holds(source.table)
    found = recognise(held, options.mapping)
    mapping, notices = _sure_of_id(source.table, found)
    table = source.table
    if is_case_table(table):
        mapping = spare_ends(mapping)
        table = without_ends(table, mapping)
    return Draft.of(
        source,
        table,
        mapping,
        holds=held,
        keep=len(items) > 1 or table is not source.table,
        notices=(*source.notices, *found.notices, *notices),
    )


def _says_all(options: Options) -> bool:
    """Whether the stated mapping names a promise or an outcome: then no preset is guessed."""
    sides = {"promised_at", "promised", "delivered_at", "actual", "booked_class"}
    return bool(sides & set(options.mapping))


def _one_per_promise(source: Source) -> Source:
    return one_row_per_case(source) if is_event_log(source.table) else source


def _sure_of_id(table: ir.Table, found: Recognition) -> tuple[dict[str, str], tuple[Notice, ...]]:
    """Leave out a column called merely "id" that repeats: it numbers something else."""
    mapping = found.mapping
    match = next((m for m in found.matches if m.field == "order_id"), None)
    if match is None or match.stated or match.confidence > WEAK:
        return mapping, ()
    key = table[match.column]
    row = table.aggregate(n=key.count(), d=key.nunique()).to_pyarrow().to_pylist()[0]
    if row["n"] == row["d"]:
        return mapping, ()
    message = (
        f"{match.column!r} repeats, so it was not taken for the order's id (rows are numbered);"
        f" --map order_id={match.column} to take it and reject the repeats"
    )
    del mapping["order_id"]
    return mapping, (Notice("id_repeats", message, {"column": match.column}),)
