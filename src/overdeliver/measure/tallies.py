"""The one aggregated query behind outcomes, reliability and cost: counts and sums of each group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from overdeliver.measure.answers import fetch, require
from overdeliver.tables.cases import Granularity

SECONDS: Mapping[str, int] = {
    "seconds": 1,
    "minutes": 60,
    "hours": 3600,
    "days": 86400,
    "weeks": 604800,
}


@dataclass(frozen=True)
class Tally:
    """One group's books. Means speak of its settled cases whose outcome was observed."""

    key: Mapping[str, Any]
    broken: int
    met: int
    exceeded: int
    open: int
    unknown: int
    observed: int
    promised_mean: float | None
    actual_mean: float | None
    gap_mean: float | None
    gap_std: float | None
    shortfall: float  # total by which promises were missed, in the unit of the gap
    first: datetime | None
    last: datetime | None

    @property
    def n(self) -> int:
        """Settled promises, the only ones a kept rate counts."""
        return self.broken + self.met + self.exceeded

    @property
    def kept(self) -> int:
        """Promises met or exceeded."""
        return self.met + self.exceeded


def tally(
    cases: ir.Table,
    by: Sequence[str] = (),
    *,
    as_of: datetime | None = None,
    unit: str = "days",
    granularity: Granularity = "moment",
) -> list[Tally]:
    """Count and sum the cases of each group in one query; no ``by`` gives one tally of all.

    A NULL group is a group of its own (key None). ``as_of``, ``unit`` and ``granularity`` let an
    overdue promise without an outcome add its shortfall so far; without ``as_of`` it adds nothing.
    Raises MissingField for a column that is not there.
    """
    require(cases, [*by, "verdict", "gap", "promised", "actual"])
    rows = fetch(tally_query(cases, by, as_of=as_of, unit=unit, granularity=granularity))
    tallies = [_tally(row, by) for row in rows]
    return sorted(tallies, key=lambda t: (-t.n, *(str(value) for value in t.key.values())))


def tally_query(
    cases: ir.Table,
    by: Sequence[str] = (),
    *,
    as_of: datetime | None = None,
    unit: str = "days",
    granularity: Granularity = "moment",
) -> ir.Table:
    """The aggregation itself, one pass; keys are ``key_0``... so no source column can collide."""
    seen = cases.gap.notnull()
    missed = _shortfall(cases, as_of, unit, granularity)
    figures: dict[str, ir.Value] = {
        name: cases.count(where=cases.verdict == name)
        for name in ("broken", "met", "exceeded", "open", "unknown")
    }
    figures |= {
        "observed": cases.gap.count(),
        "promised_mean": cases.promised.mean(where=seen),
        "actual_mean": cases.actual.mean(where=seen),
        "gap_mean": cases.gap.mean(),
        "gap_std": cases.gap.std(how="sample"),
        "shortfall": missed.sum(),
    }
    if "made_at" in cases.columns:
        figures |= {"first": cases.made_at.min(), "last": cases.made_at.max()}
    if not by:
        return cases.aggregate(**figures)
    keys = {f"key_{i}": cases[column] for i, column in enumerate(by)}
    return cases.group_by(**keys).aggregate(**figures)


def _shortfall(
    cases: ir.Table, as_of: datetime | None, unit: str, granularity: Granularity
) -> ir.Value:
    """How much each promise was missed by; overdue and unobserved ones count up to ``as_of``."""
    late = ibis.ifelse(cases.gap < 0, -cases.gap, 0.0)
    if as_of is None or unit not in SECONDS or "due_at" not in cases.columns:
        return late
    # by microseconds: whole epoch seconds are cut on one engine and not on another
    seconds = ibis.timestamp(as_of).delta(cases.due_at, unit="microsecond") / 1e6
    sofar = seconds / SECONDS[unit]
    if granularity == "day":  # delivered now, it would be late by whole days
        sofar = sofar.ceil().cast("float64")
    waiting = cases.gap.isnull() & (cases.verdict == "broken") & (sofar > 0)
    return ibis.ifelse(waiting, sofar, late)


def _tally(row: Mapping[str, Any], by: Sequence[str]) -> Tally:
    return Tally(
        key={column: row[f"key_{i}"] for i, column in enumerate(by)},
        broken=row["broken"],
        met=row["met"],
        exceeded=row["exceeded"],
        open=row["open"],
        unknown=row["unknown"],
        observed=row["observed"],
        promised_mean=row["promised_mean"],
        actual_mean=row["actual_mean"],
        gap_mean=row["gap_mean"],
        gap_std=row["gap_std"],
        shortfall=row["shortfall"] or 0.0,
        first=row.get("first"),
        last=row.get("last"),
    )
