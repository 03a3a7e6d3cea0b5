"""``paths_by_window``: the figures of ``paths`` counted inside the engine, for a cluster."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import ibis
import ibis.expr.types as ir

from overdeliver.measure.paths.discover import require
from overdeliver.measure.paths.result import (
    Edge,
    Paths,
    Rework,
    Spread,
    Variant,
    arranged,
    ranked,
)


def paths_by_window(
    events: ir.Table,
    *,
    case: str,
    activity: str,
    at: str,
    order: str | None = None,
    keep_variants: int | None = 1000,
) -> Paths:
    """The result of ``paths`` by window functions in the engine of ``events``, DuckDB or Spark.

    Only the figures come here, never the events. A cluster's table has no order of its own: events
    of a case at the same moment are put in the order of the column ``order`` (a line number, say),
    without it in the alphabetical order of their activities.

    Raises MissingField when a column is not there.

    >>> log = ibis.memtable({"id": [1, 1], "what": ["placed", "sent"], "day": [1, 2]})
    >>> log = log.mutate(at=ibis.timestamp("2026-07-01") + log.day.as_interval("D"))
    >>> paths_by_window(log, case="id", activity="what", at="at").edges[0].seconds.mean
    86400.0
    """
    require([case, activity, at, *([order] if order else [])], events.columns)
    with _kept(_log(events, case, activity, at, order)) as log, _kept(_ways(log)) as ways:
        total = _total(ways)
        used = total["events"] or 0
        edges, variants, again = arranged(_edges(log), _variants(ways, keep_variants), _rework(log))
        return Paths(
            cases=total["cases"],
            events=used,
            left_out=_one(events.aggregate(rows=events.count()))["rows"] - used,
            activities=_counts(log),
            starts=_counts(log.filter(log.place == 0)),
            ends=_counts(log.filter(log.following.isnull())),
            edges=edges,
            variants=variants,
            variant_count=total["variants"],
            rework=again,
            case_seconds=_spread(total) if total["cases"] else None,
        )


def _kept(table: ir.Table) -> AbstractContextManager[ir.Table]:
    """On Spark the table is kept for the questions to come: each would sort the whole log again."""
    if table.get_backend().name != "pyspark":
        return nullcontext(table)
    kept: AbstractContextManager[ir.Table] = table.cache()
    return kept


def _total(ways: ir.Table) -> dict[str, Any]:
    return _one(
        ways.aggregate(
            cases=ways.count(),
            events=ways.events.sum(),
            variants=ways.way.nunique(),
            **_spread_of(ways.lasted),
        )
    )


def _log(events: ir.Table, case: str, activity: str, at: str, order: str | None) -> ir.Table:
    log = events.select(
        case=events[case],
        activity=events[activity].cast("string"),
        at=events[at],
        tie=events[order] if order else events[activity].cast("string"),
    ).drop_null(["case", "activity", "at"])
    window = ibis.window(group_by=log.case, order_by=[log["at"], log.tie])
    return log.mutate(
        place=ibis.row_number().over(window),
        following=log.activity.lead().over(window),
        took=log["at"].lead().over(window).delta(log["at"], unit="microsecond"),
    )


def _ways(log: ir.Table) -> ir.Table:
    """One row per case: its activities in order, its number of events, how long it lasted.

    The order comes from sorting (place, activity) pairs, because Spark collects in no order.
    """
    step = ibis.struct({"place": log.place, "activity": log.activity})
    ways = log.group_by("case").aggregate(
        steps=step.collect(),
        events=log.count(),
        lasted=log["at"].max().delta(log["at"].min(), unit="microsecond"),
    )
    return ways.mutate(way=ways.steps.sort().map(lambda step: step.activity)).drop("steps")


def _variants(ways: ir.Table, keep: int | None) -> list[Variant]:
    counted = ways.group_by("way").aggregate(cases=ways.count())
    counted = counted.order_by([ibis.desc("cases"), "way"])
    rows = _rows(counted if keep is None else counted.limit(keep))
    return [Variant(tuple(row["way"]), row["cases"]) for row in rows]


def _edges(log: ir.Table) -> list[Edge]:
    steps = log.filter(log.following.notnull())
    found = steps.group_by(["activity", "following"]).aggregate(**_spread_of(steps.took))
    return [Edge(row["activity"], row["following"], _spread(row)) for row in _rows(found)]


def _rework(log: ir.Table) -> list[Rework]:
    times = log.group_by(["case", "activity"]).aggregate(times=log.count())
    again = times.filter(times.times > 1)
    found = again.group_by("activity").aggregate(
        cases=again.count(), repeats=(again.times - 1).sum()
    )
    return [Rework(row["activity"], row["cases"], row["repeats"]) for row in _rows(found)]


def _counts(log: ir.Table) -> dict[str, int]:
    rows = _rows(log.group_by("activity").aggregate(n=log.count()))
    return ranked({row["activity"]: row["n"] for row in rows})


def _spread_of(microseconds: Any) -> dict[str, Any]:
    return {
        "n": microseconds.count(),
        "mean": microseconds.mean(),
        "median": microseconds.quantile(0.5),
        "p90": microseconds.quantile(0.9),
    }


def _spread(row: dict[str, Any]) -> Spread:
    return Spread(row["n"], *(float(row[name]) / 1e6 for name in ("mean", "median", "p90")))


def _rows(table: ir.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return rows


def _one(table: ir.Table) -> dict[str, Any]:
    return _rows(table)[0]
