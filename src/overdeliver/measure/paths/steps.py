"""The journey of cases that carry their stages as columns: how long each step takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import ibis.expr.types as ir

from overdeliver.measure.paths.discover import require
from overdeliver.measure.paths.result import Spread


@dataclass(frozen=True)
class Step:
    """From one moment of the journey to the next.

    ``seconds`` is None when no case has both moments in order. ``missing`` cases lack one of them;
    in ``backwards`` ones the later stage is stamped earlier, so they say nothing about duration.
    """

    source: str
    target: str
    seconds: Spread | None
    missing: int
    backwards: int


def steps(
    cases: ir.Table,
    stages: Sequence[str],
    *,
    placed: str = "placed_at",
    delivered: str = "observed_at",
) -> tuple[Step, ...]:
    """Seconds from ``placed`` over each of ``stages`` in their order to ``delivered``.

    ``cases`` is a table of cases (overdeliver.tables.cases) on any engine; all columns named hold
    moments of one wall clock. One query for all steps. Raises MissingField for an absent column.

    >>> import ibis
    >>> from datetime import datetime
    >>> day = lambda n: datetime(2026, 7, n)
    >>> table = ibis.memtable({"placed_at": [day(1)], "sent": [day(2)], "observed_at": [day(5)]})
    >>> [(step.target, step.seconds.median) for step in steps(table, ["sent"])]
    [('sent', 86400.0), ('observed_at', 259200.0)]
    """
    moments = [placed, *stages, delivered]
    require(moments, cases.columns)
    pairs = list(pairwise(moments))
    measures: dict[str, Any] = {"rows": cases.count()}
    for i, (source, target) in enumerate(pairs):
        measures |= _measures(cases, source, target, f"s{i}_")
    row = cases.aggregate(**measures).to_pyarrow().to_pylist()[0]
    return tuple(_step(row, source, target, f"s{i}_") for i, (source, target) in enumerate(pairs))


def _measures(cases: ir.Table, source: str, target: str, prefix: str) -> dict[str, Any]:
    seconds = cases[target].delta(cases[source], unit="microsecond")
    forward = (seconds >= 0).ifelse(seconds, None)
    return {
        f"{prefix}known": seconds.count(),
        f"{prefix}n": forward.count(),
        f"{prefix}mean": forward.mean(),
        f"{prefix}median": forward.quantile(0.5),
        f"{prefix}p90": forward.quantile(0.9),
    }


def _step(row: dict[str, Any], source: str, target: str, prefix: str) -> Step:
    n, known = row[f"{prefix}n"], row[f"{prefix}known"]
    names = ("mean", "median", "p90")
    seconds = Spread(n, *(float(row[prefix + name]) / 1e6 for name in names)) if n else None
    return Step(source, target, seconds, missing=row["rows"] - known, backwards=known - n)
