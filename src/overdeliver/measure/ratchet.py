"""The ratchet: when early has become the norm, customers expect the usual, not the promise."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from overdeliver.measure.answers import NotEnough, fetch, require
from overdeliver.measure.intervals import Rate, rate, wilson

NEVER = 0.99  # kept at least this often, the margin does not bite
STRETCH = 0.25  # the share of history that counts as recent


@dataclass(frozen=True)
class Ratchet:
    """What the recent stretch says about the margin.

    ``early``: most promises are beaten by a lot, beyond chance, so ``usual_gap`` (the median, in
    the unit of the gap) is what customers have come to expect. ``never_bites``: besides, nearly
    none is ever broken: the margin is larger than any risk it covers. ``share_beaten`` is the share
    beaten by more than ``beyond``; ``message`` is None when there is nothing to warn of.
    """

    early: bool
    never_bites: bool
    share_beaten: Rate
    kept: Rate
    usual_gap: float
    usual_promise: float
    since: datetime
    n: int
    message: str | None


def ratchet(
    cases: ir.Table,
    *,
    beyond: float | None = None,
    share: float = 0.25,
    minimum: int = 100,
    unit: str = "",
) -> Ratchet | NotEnough:
    """Look whether the margin still does anything, over the recent stretch of promises.

    A promise is beaten by a lot when its gap exceeds ``beyond`` (in its unit) or, without one,
    ``share`` of what was promised. The recent stretch is the newest whole months that hold a
    quarter of the settled promises and at least ``minimum``; with fewer in all it is NotEnough.

    >>> cases = ibis.memtable({"made_at": [datetime(2018, 1, 1)] * 100, "promised": [10.0] * 100,
    ...     "gap": [6.0] * 100, "verdict": ["exceeded"] * 100})
    >>> found = ratchet(cases)
    >>> found.early, found.never_bites, found.usual_gap
    (True, True, 6.0)
    """
    require(cases, ["made_at", "promised", "gap", "verdict"])
    settled = cases.filter(cases.gap.notnull() & cases.made_at.notnull())
    since, n = _since(settled, minimum)
    if since is None:
        return NotEnough(f"{n} settled promises, {minimum} are needed", n, minimum)
    far = share * settled.promised.abs() if beyond is None else ibis.literal(beyond)
    row = fetch(_recent_query(settled, since, far))[0]
    return _judged(row, since, unit)


def _since(settled: ir.Table, minimum: int) -> tuple[datetime | None, int]:
    """The first day of the recent stretch; how many settled promises there are in all."""
    months = settled.group_by(month=settled.made_at.truncate("M")).aggregate(n=settled.count())
    rows = fetch(months.order_by(ibis.desc("month")))
    total = sum(row["n"] for row in rows)
    counted = 0
    for row in rows:
        counted += row["n"]
        if counted >= max(minimum, STRETCH * total):
            return row["month"], total
    return None, total


def _recent_query(settled: ir.Table, since: datetime, far: ir.Value) -> ir.Table:
    marked = settled.mutate(beaten=settled.gap > far)
    recent = marked.filter(marked.made_at >= ibis.timestamp(since))
    return recent.aggregate(
        n=recent.count(),
        kept=recent.count(where=recent.verdict.isin(["met", "exceeded"])),
        beaten=recent.count(where=recent.beaten),
        usual_gap=recent.gap.median(),
        usual_promise=recent.promised.median(),
    )


def _judged(row: dict[str, Any], since: datetime, unit: str) -> Ratchet:
    n, kept, beaten = row["n"], rate(row["kept"], row["n"]), rate(row["beaten"], row["n"])
    assert kept is not None and beaten is not None  # the stretch holds at least the minimum
    early = wilson(row["beaten"], n).low > 0.5
    never = early and kept.rate >= NEVER
    return Ratchet(
        early=early,
        never_bites=never,
        share_beaten=beaten,
        kept=kept,
        usual_gap=row["usual_gap"],
        usual_promise=row["usual_promise"],
        since=since,
        n=n,
        message=_message(never, f"{row['usual_gap']:g} {unit}".strip()) if early else None,
    )


def _message(never: bool, gap: str) -> str:
    usual = f"Customers usually get it {gap} better than promised"
    norm = f"{usual}, so that is what they expect by now; the promise no longer surprises."
    if never:
        return f"{norm} The margin was needed in fewer than 1 of 100 cases: shorten it or spend it."
    return f"{norm} A closer promise would sell better; see what it would cost in kept promises."
