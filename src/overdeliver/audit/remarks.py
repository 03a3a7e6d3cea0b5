"""The report's own warnings: what a reader should know before trusting a figure."""

from collections.abc import Mapping
from typing import Any

import ibis.expr.types as ir

from overdeliver.measure.answers import NotEnough, fetch
from overdeliver.measure.ratchet import Ratchet
from overdeliver.measure.reliability import Outcomes
from overdeliver.tables.cases import Cases, Notice

FEW = 30  # settled promises below which a kept rate says little
MANY = 0.05  # share of rejected rows from which on the rest may not stand for the whole
_LEFT_OUT = "columns_left_out"  # told under features, each with its reason


def warnings_part(
    cases: Cases, total: Outcomes, ratchet: Ratchet | NotEnough, cut: Mapping[str, int]
) -> list[dict[str, Any]]:
    """What the reading noticed, then what the measures noticed."""
    noticed = [notice for notice in cases.notices if notice.code != _LEFT_OUT]
    own = [_rejected(cases), _few(total), _overdue(cases.table, total), _early(ratchet), _cut(cut)]
    return [
        {"code": one.code, "message": one.message, "values": dict(one.values)}
        for one in (*noticed, *(notice for notice in own if notice))
    ]


def left_out_at_reading(cases: Cases) -> dict[str, str]:
    """The columns that reading found to be no features, and why."""
    found: dict[str, str] = {}
    for notice in cases.notices:
        columns = notice.values.get("columns")
        if notice.code == _LEFT_OUT and isinstance(columns, Mapping):
            found |= {str(column): str(why) for column, why in columns.items()}
    return found


def _rejected(cases: Cases) -> Notice | None:
    read, rejected = cases.intake.read, cases.intake.rejected
    if not read or rejected < MANY * read:
        return None
    message = f"{rejected:,} of {read:,} rows could not be used: the figures speak of the rest"
    return Notice("many_rejected", message, {"rejected": rejected, "read": read})


def _few(total: Outcomes) -> Notice | None:
    if total.n >= FEW or total.n == 0:
        return None
    message = f"only {total.n} promises have an outcome: read every rate with its interval"
    return Notice("few_outcomes", message, {"n": total.n, "need": FEW})


def _overdue(table: ir.Table, total: Outcomes) -> Notice | None:
    if not total.broken:
        return None
    waiting = (table.verdict == "broken") & table.gap.isnull()
    n = fetch(table.aggregate(n=table.count(where=waiting)))[0]["n"]
    if not n:
        return None
    message = f"{n:,} promises are overdue and have no outcome; they count as broken"
    return Notice("overdue_unobserved", message, {"n": n})


def _early(found: Ratchet | NotEnough) -> Notice | None:
    if isinstance(found, NotEnough) or found.message is None:
        return None
    return Notice("ratchet", found.message, {"usual_gap": found.usual_gap})


def _cut(cut: Mapping[str, int]) -> Notice | None:
    if not cut:
        return None
    told = ", ".join(f"{column} ({n:,} more)" for column, n in cut.items())
    return Notice("groups_cut", f"not every group is listed: {told}", {"columns": dict(cut)})
