"""``paths``: from an event log to its directly-follows graph, durations and variants."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TypeAlias

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from overdeliver.measure.paths.coding import CodedEvents, code_events
from overdeliver.measure.paths.follows import Journeys, edges, spread
from overdeliver.measure.paths.ordering import Ints, order_by_case_and_time
from overdeliver.measure.paths.result import Paths, arranged, ranked
from overdeliver.measure.paths.ways import rework, variants, ways
from overdeliver.vocabulary.errors import MissingField, UnreadableFile

Events: TypeAlias = ir.Table | pa.Table | pa.RecordBatchReader


def paths(
    events: Events, *, case: str, activity: str, at: str, keep_variants: int | None = 1000
) -> Paths:
    """What follows what, how long after, and which ways the cases went.

    ``events`` has one row per event: ``case`` names the journey (any type), ``activity`` what
    happened (text), ``at`` when (a moment; with a zone it is an instant, without one wall clock).
    Events of a case at the same moment keep the order of the source. ``keep_variants`` bounds the
    list of variants, None keeps all. Durations are in seconds.

    The directly-follows graph is that of van der Aalst, *Process Mining* (2016), section 6.2.
    An Ibis table is read in its own engine and counted here; for a table on Spark that does not fit
    this machine use ``paths_by_window``, which gives the same result.

    Raises MissingField when a column is not there, InputError when ``at`` holds no moments.

    >>> log = pa.table({
    ...     "order": [1, 1, 2, 2],
    ...     "what": ["placed", "sent", "placed", "sent"],
    ...     "at": pa.array([0, 60, 100, 400], pa.timestamp("s")),
    ... })
    >>> found = paths(log, case="order", activity="what", at="at")
    >>> found.edges[0].source, found.edges[0].target, found.edges[0].seconds.median
    ('placed', 'sent', 180.0)
    >>> found.variants
    (Variant(steps=('placed', 'sent'), cases=2),)
    """
    columns = [case, activity, at]
    require(columns, events.columns if isinstance(events, ir.Table) else events.schema.names)
    return _summarise(code_events(_three(events, columns).column, columns), keep_variants)


def paths_of_parquet(
    path: Path, *, case: str, activity: str, at: str, keep_variants: int | None = 1000
) -> Paths:
    """``paths`` of a Parquet file, read column by column: a third less memory than a table of it.

    Raises MissingField and InputError as ``paths`` does, UnreadableFile when it is not Parquet.
    """
    columns = [case, activity, at]
    try:
        require(columns, pq.read_schema(path).names)
        return _summarise(code_events(partial(_column, path), columns), keep_variants)
    except (pa.ArrowException, OSError) as problem:
        raise UnreadableFile(f"{path} cannot be read as Parquet: {problem}") from problem


def _column(path: Path, name: str) -> pa.ChunkedArray:
    with pq.ParquetFile(path, read_dictionary=[name]) as file:
        return file.read(columns=[name]).column(0)


def require(columns: Iterable[str], present: Iterable[str]) -> None:
    """Raise MissingField for the first column that is not among those present."""
    there = list(present)
    for column in columns:
        if column not in there:
            raise MissingField(
                f"No column {column!r} in the events; they have: {', '.join(there)}."
            )


def _three(events: Events, columns: list[str]) -> pa.Table:
    if isinstance(events, ir.Table):
        return events.select(columns).to_pyarrow()
    if isinstance(events, pa.RecordBatchReader):
        events = pa.Table.from_batches(
            (b.select(columns) for b in events), _schema(events, columns)
        )
    return events.select(columns)


def _schema(events: pa.RecordBatchReader, columns: list[str]) -> pa.Schema:
    return pa.schema([events.schema.field(column) for column in columns])


def _summarise(coded: CodedEvents, keep_variants: int | None = None) -> Paths:
    """The figures of coded events."""
    if coded.case.size == 0:
        return Paths(0, 0, coded.left_out, {}, {}, {}, (), (), 0, (), None)
    left_out = coded.left_out
    journeys = _journeys(coded)
    found = ways(journeys)
    chosen, followed, again = arranged(
        edges(journeys), variants(journeys, found, keep_variants), rework(journeys, found)
    )
    return Paths(
        cases=journeys.first.size,
        events=journeys.activity.size,
        left_out=left_out,
        activities=_counts(journeys, None),
        starts=_counts(journeys, journeys.first),
        ends=_counts(journeys, journeys.last),
        edges=chosen,
        variants=followed,
        variant_count=found.case.size,
        rework=again,
        case_seconds=spread(journeys.at[journeys.last] - journeys.at[journeys.first]),
    )


def _journeys(coded: CodedEvents) -> Journeys:
    order = order_by_case_and_time(coded.case, coded.at)
    case, activity, at = coded.case, coded.activity, coded.at
    if order is not None:
        case, activity, at = case[order], activity[order], at[order]
    first = np.flatnonzero(np.diff(case, prepend=-1))
    return Journeys(activity, at, first, coded.names)


def _counts(journeys: Journeys, rows: Ints | None) -> dict[str, int]:
    codes = journeys.activity if rows is None else journeys.activity[rows]
    counted = np.bincount(codes, minlength=len(journeys.names)).tolist()
    return ranked({name: n for name, n in zip(journeys.names, counted, strict=True) if n})
