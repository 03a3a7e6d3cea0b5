"""The figures of the reliability page: promises of a period as a table, measured by the library."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import pyarrow as pa
from django.utils import timezone

from overdeliver.apps.promises.models import Standing
from overdeliver.apps.promises.reads import day_span
from overdeliver.measure.answers import NotEnough
from overdeliver.measure.distribution import GapBin, distribution
from overdeliver.measure.ratchet import Ratchet, ratchet
from overdeliver.measure.reliability import (
    GroupReliability,
    LevelKept,
    Outcomes,
    calibration,
    outcomes,
    reliability,
    with_calendar,
)
from overdeliver.vocabulary.errors import InputError

GROUPS = ("service", "weekday", "month", "segment", "team", "channel")
MOST = 300_000
_BATCH = 20_000
_SCHEMA = pa.schema(
    [
        ("verdict", pa.string()),
        ("gap", pa.float64()),
        ("promised", pa.float64()),
        ("actual", pa.float64()),
        ("level", pa.float64()),
        ("made_at", pa.timestamp("us")),
        ("lever", pa.string()),
        ("unit", pa.string()),
        ("service", pa.string()),
        ("segment", pa.string()),
        ("team", pa.string()),
        ("channel", pa.string()),
    ]
)


@dataclass(frozen=True)
class Kind:
    """A lever with its unit: what can be laid into one picture."""

    lever: str
    unit: str
    n: int


@dataclass(frozen=True)
class Kept:
    """Everything the page shows of one period; ``cut`` when only the newest could be read."""

    all: Outcomes
    kinds: Sequence[Kind]
    kind: Kind | None
    of_kind: Outcomes | None
    bins: Sequence[GapBin]
    groups: Sequence[GroupReliability]
    levels: Sequence[LevelKept]
    ratchet: Ratchet | None
    n: int
    cut: bool


def kept(
    start: date | None, end: date | None, *, by: str = "service", lever: str = "", unit: str = ""
) -> Kept:
    """Measure the original promises made between two days of the business's zone.

    InputError: ``by`` is no group.
    """
    if by not in GROUPS:
        raise InputError(f"{by!r}: group by one of {', '.join(GROUPS)}")
    table = _table(start, end)
    cases = with_calendar(ibis.memtable(table))
    kinds = _kinds(table)
    wanted = [k for k in kinds if (not lever or k.lever == lever) and (not unit or k.unit == unit)]
    kind = wanted[0] if wanted else None
    one = cases
    if kind is not None:
        one = cases.filter((cases.lever == kind.lever) & (cases.unit == kind.unit))
    columns = [by, "lever", "unit"]
    warned = ratchet(one, unit=kind.unit) if kind else None
    return Kept(
        all=outcomes(cases),
        kinds=kinds,
        kind=kind,
        of_kind=outcomes(one) if kind else None,
        bins=distribution(one.filter(one.gap.notnull())) if kind else (),
        groups=reliability(cases, columns) if table.num_rows else (),
        levels=calibration(cases, "level", by=columns) if table.num_rows else (),
        ratchet=None if warned is None or isinstance(warned, NotEnough) else warned,
        n=table.num_rows,
        cut=table.num_rows >= MOST,
    )


def _kinds(table: pa.Table) -> list[Kind]:
    if not table.num_rows:
        return []
    counted = table.group_by(["lever", "unit"]).aggregate([("verdict", "count")]).to_pylist()
    found = [Kind(row["lever"], row["unit"], row["verdict_count"]) for row in counted]
    return sorted(found, key=lambda kind: (-kind.n, kind.unit))


def _table(start: date | None, end: date | None) -> pa.Table:
    """The newest promises of the period, made_at as the wall clock of the business."""
    first, last = day_span(start, end)
    rows = Standing.objects.filter(original=True).order_by("-made_at")
    if first:
        rows = rows.filter(made_at__gte=first)
    if last:
        rows = rows.filter(made_at__lt=last)
    values = rows.values_list(
        "verdict",
        "gap",
        "promise__promised",
        "actual",
        "promise__level",
        "made_at",
        "lever",
        "promise__unit",
        "service",
        "promise__order__segment",
        "promise__order__team",
        "promise__order__channel",
    )[:MOST]
    batches = [_batch(chunk) for chunk in _chunks(values.iterator(chunk_size=_BATCH))]
    return pa.Table.from_batches(batches, schema=_SCHEMA)


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _BATCH:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _batch(rows: list[Any]) -> pa.RecordBatch:
    zone = timezone.get_current_timezone()
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    columns[5] = [moment.astimezone(zone).replace(tzinfo=None) for moment in columns[5]]
    for place in (8, 9, 10, 11):
        columns[place] = [value or None for value in columns[place]]
    arrays = [
        pa.array(column, type=field.type) for column, field in zip(columns, _SCHEMA, strict=True)
    ]
    return pa.record_batch(arrays, schema=_SCHEMA)
