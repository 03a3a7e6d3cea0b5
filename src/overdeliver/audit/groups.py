"""The groups of the report: how each kept its promises and what its shortfalls cost."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import ibis.expr.types as ir

from overdeliver.measure.gaps import GapCost, costs_of
from overdeliver.measure.reliability import GroupReliability, reliability_of, with_calendar
from overdeliver.measure.tallies import Tally, tally
from overdeliver.tables.cases import Cases

MINIMUM = 20
MOST = 500  # of one column; the costliest are listed
CALENDAR = ("month", "weekday")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def calendar_of(cases: Cases) -> tuple[str, ...]:
    """The calendar's own groups: none where promises have no date or a column has such a name."""
    taken = {column.casefold() for column in cases.table.columns}
    return () if "made_at" not in taken or taken & set(CALENDAR) else CALENDAR


def groups_part(
    cases: Cases, by: Sequence[str], weight: float
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The groups of every column by itself, in the order of ``by``, the costliest first in each.

    Besides, how many groups of which column were too many to list.
    """
    dated = set(by) & (set(CALENDAR) - set(cases.table.columns))
    table = with_calendar(cases.table) if dated else cases.table
    listed: list[dict[str, Any]] = []
    cut: dict[str, int] = {}
    for column in by:
        rows = _rows(table, column, weight, calendar=column in dated)
        listed.extend(rows[:MOST])
        if len(rows) > MOST:
            cut[column] = len(rows) - MOST
    return listed, cut


def _rows(table: ir.Table, column: str, weight: float, *, calendar: bool) -> list[dict[str, Any]]:
    # Without the as-of moment: how late an outcome nobody has seen will be is not known, and
    # records that were never closed would outweigh all that is. Their number is a warning.
    tallies = tally(table, [column])
    fared = {g.key[column]: g for g in reliability_of(tallies, minimum=MINIMUM)}
    usual = _usual_shortfall(tallies)
    rows = []
    for cost in costs_of(tallies, weight):
        value = cost.key[column]
        name = _calendar_name(column, value) if calendar else value
        rows.append(_group({column: name}, fared[value], cost, weight * usual))
    return rows


def _usual_shortfall(tallies: Sequence[Tally]) -> float:
    """By how much a settled promise is missed on average, kept ones included."""
    n = sum(t.n for t in tallies)
    return sum(t.shortfall for t in tallies) / n if n else 0.0


def _calendar_name(column: str, value: Any) -> str | None:
    if value is None:
        return None
    if column == "weekday":
        return _WEEKDAYS[int(value) - 1]
    assert isinstance(value, date)  # with_calendar gives the month's first day
    return f"{value:%Y-%m}"


def _group(
    by: Mapping[str, Any], fared: GroupReliability, cost: GapCost, usual: float
) -> dict[str, Any]:
    """One group; ``excess`` is its cost above what as many promises cost elsewhere on average."""
    kept, gap = fared.kept, fared.gap
    return {
        "by": by,
        "n": fared.n + fared.open + fared.unknown,
        "broken": fared.broken,
        "met": fared.met,
        "exceeded": fared.exceeded,
        "open": fared.open,
        "unknown": fared.unknown,
        "kept": None if kept is None else {"rate": kept.rate, "low": kept.low, "high": kept.high},
        "promised_mean": fared.promised_mean,
        "actual_mean": fared.actual_mean,
        "gap_mean": fared.gap_mean,
        "gap_low": gap.low if gap else None,
        "gap_high": gap.high if gap else None,
        "cost": cost.cost if fared.n else None,
        "excess": cost.cost - usual * fared.n if fared.n else None,
        "flag": fared.flag,
        "enough": fared.enough,
        "needed": fared.needed,
    }
