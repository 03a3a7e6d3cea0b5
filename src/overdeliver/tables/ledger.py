"""The ledger's tables joined to cases: every promise with what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from overdeliver.tables.cases import CASE_COLUMNS, Cases, Granularity, Intake, Notice, Reject
from overdeliver.tables.check import faults_of
from overdeliver.tables.fields import WALL, wall_in
from overdeliver.tables.schemas import SCHEMAS
from overdeliver.tables.terms import MICROS
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.gap import Lever, gap, verdict

_SHOWN = 20
_OWN = "own:tolerance"
_ORDER_COLUMNS = (
    "customer_id",
    "segment",
    "channel",
    "amount",
    "currency",
    "placed_at",
    "cancelled_at",
)


def ledger_cases(
    promises: ir.Table,
    outcomes: ir.Table,
    orders: ir.Table | None = None,
    feedback: ir.Table | None = None,
    *,
    as_of: datetime | None = None,
    lever: Lever | None = None,
    zone: str = "UTC",
    tolerance: float = 0.0,
    revised: bool = False,
    granularity: Granularity | None = None,
) -> Cases:
    """Cases from the ledger, one row per promise of one lever and unit.

    The tables are those of `overdeliver.tables.schemas`, all of one connection. Originals are
    scored by default; with ``revised`` the last revision of each original is, and originals never
    revised stand for themselves. Of several outcomes of a promise the last observed counts; one
    given for an original also serves its revisions of the same unit (counted from each one's own
    ``made_at`` for a time promise). A promise with a ``tolerance`` of its own is judged by
    that, the others by the one given. ``as_of`` hides what became known later.

    InputError: promises of several levers or units, and none chosen.
    """
    promises, refused = _sound(
        promises, "promises", {"orders": orders} if orders is not None else {}
    )
    outcomes, unusable = _sound(outcomes, "outcomes", {"promises": promises})
    if "tolerance" in promises.columns:  # an order's feature may have the same name
        promises = promises.rename({_OWN: "tolerance"})
    lever, unit, promises = _one_kind(promises, lever)
    cutoff = as_of
    if cutoff is not None:
        promises = promises.filter(promises["made_at"] <= _instant(cutoff))
        outcomes = outcomes.filter(outcomes["observed_at"] <= _instant(cutoff))
    chosen = _revised(promises) if revised else _originals(promises)
    table = _with_outcome(chosen, _last_outcome(outcomes), lever, unit)
    if orders is not None:
        table = _with_order(table, orders, cutoff)
    if feedback is not None:
        table = _with_feedback(table, feedback, cutoff)
    cut = cutoff or _latest(table)
    judged = _judged(table, lever, cut, tolerance)
    shown = _shown(judged, zone)
    used, read = (int(t.count().to_pyarrow().as_py()) for t in (shown, chosen))
    refused_count = refused.count
    features = _features(orders, shown)
    return Cases(
        table=shown,
        lever=lever,
        unit=unit,
        granularity=granularity or ("number" if lever != "time" else "moment"),
        intake=Intake(read + refused_count, used, refused_count, None, refused.sample),
        as_of=cut.replace(tzinfo=None) if cut is not None else None,
        zone=zone,
        tolerance=tolerance,
        features=features,
        mapping={name: name for name in shown.columns if name in CASE_COLUMNS},
        notices=unusable.notices("outcomes") + refused.notices("promises"),
    )


@dataclass(frozen=True)
class _Refused:
    """Rows of one ledger table that break its contract."""

    count: int
    sample: tuple[Reject, ...]

    def notices(self, table: str) -> tuple[Notice, ...]:
        if not self.count:
            return ()
        first = self.sample[0]
        message = (
            f"{self.count:,} rows of {table} break the contract and were left out; the first: line"
            f" {first.line}, {first.column} {first.value!r}: {first.reason}"
        )
        return (Notice("ledger_rows_refused", message, {"table": table, "rows": self.count}),)


def _sound(table: ir.Table, schema: str, others: dict[str, ir.Table]) -> tuple[ir.Table, _Refused]:
    """The rows that keep the contract, and the rest."""
    if "line" not in table.columns:
        table = table.mutate(line=ibis.row_number() + 1)
    faults = (
        faults_of(table, schema, others=others).order_by("line", "rank").to_pyarrow().to_pylist()
    )
    if not faults:
        return table, _Refused(0, ())
    lines = sorted({row["line"] for row in faults})
    first = {row["line"]: row for row in reversed(faults)}
    sample = tuple(
        Reject(line, first[line]["column"], first[line]["value"], first[line]["reason"])
        for line in lines[:_SHOWN]
    )
    return table.filter(table["line"].notin(lines)), _Refused(len(lines), sample)


def _one_kind(promises: ir.Table, lever: Lever | None) -> tuple[Lever, str, ir.Table]:
    if lever is not None:
        promises = promises.filter(promises["lever"] == lever)
    kinds = promises.select("lever", "unit").distinct().limit(20).to_pyarrow().to_pylist()
    if len(kinds) > 1:
        found = ", ".join(sorted(f"{kind['lever']} in {kind['unit']}" for kind in kinds))
        raise InputError(
            f"the promises are of several kinds ({found}): choose one lever and one unit"
        )
    if not kinds:
        return lever or "time", "days", promises
    return kinds[0]["lever"], kinds[0]["unit"], promises


def _roots(promises: ir.Table) -> ir.Table:
    """Each promise with the original it goes back to (``root``)."""
    origin = promises["promise_id"]
    if "revises" in promises.columns:
        origin = promises["revises"].nullif("").fill_null(promises["promise_id"])
    return promises.mutate(root=origin)


def _originals(promises: ir.Table) -> ir.Table:
    table = _roots(promises)
    return table.filter(table["root"] == table["promise_id"])


def _revised(promises: ir.Table) -> ir.Table:
    table = _roots(promises)
    window = ibis.window(group_by="root", order_by=[ibis.desc("made_at"), ibis.desc("line")])
    ranked = table.mutate(nth=ibis.row_number().over(window))
    return ranked.filter(ranked["nth"] == 0).drop("nth")


def _last_outcome(outcomes: ir.Table) -> ir.Table:
    window = ibis.window(
        group_by="promise_id", order_by=[ibis.desc("observed_at"), ibis.desc("line")]
    )
    ranked = outcomes.mutate(nth=ibis.row_number().over(window))
    last = ranked.filter(ranked["nth"] == 0)
    return last.select(**{"o:id": "promise_id", "o:actual": "actual", "observed_at": "observed_at"})


def _with_outcome(promises: ir.Table, last: ir.Table, lever: Lever, unit: str) -> ir.Table:
    """The promise's own outcome, else its original's."""
    own = promises.left_join(last, promises["promise_id"] == last["o:id"])
    own = own.rename({"own:actual": "o:actual", "own:at": "observed_at"}).drop("o:id")
    joined = own.left_join(last, own["root"] == last["o:id"])
    borrowed = joined["o:actual"]
    if lever == "time" and unit in MICROS:  # the original's clock began at another moment
        started = _seconds(joined["observed_at"]) - _seconds(joined["made_at"])
        same = joined["promise_id"] == joined["root"]
        borrowed = ibis.ifelse(same, borrowed, started / (MICROS[unit] / 1e6))
    actual = ibis.coalesce(
        joined["own:actual"], ibis.ifelse(joined["o:actual"].notnull(), borrowed, None)
    )
    return joined.mutate(
        actual=actual, observed_at=ibis.coalesce(joined["own:at"], joined["observed_at"])
    )


def _seconds(at: ir.Value) -> ir.Value:
    return at.epoch_seconds().cast("float64")


def _with_order(table: ir.Table, orders: ir.Table, cutoff: datetime | None) -> ir.Table:
    fresh = [c for c in orders.columns if c not in table.columns and c != "line"]
    known = orders.select(**{"r:id": "order_id"}, **{c: c for c in fresh}).distinct(on="r:id")
    joined = table.left_join(known, table["order_id"] == known["r:id"]).drop("r:id")
    if cutoff is not None and "cancelled_at" in fresh:
        later = joined["cancelled_at"] > _instant(cutoff)
        joined = joined.mutate(cancelled_at=later.ifelse(None, joined["cancelled_at"]))
    return joined


def _with_feedback(table: ir.Table, feedback: ir.Table, cutoff: datetime | None) -> ir.Table:
    """The last word of each order: its latest score and its latest text."""
    if cutoff is not None:
        feedback = feedback.filter(feedback["at"] <= _instant(cutoff))
    said: dict[str, Any] = {
        name: feedback[name].argmax(feedback["at"])
        for name in ("score", "text")
        if name in feedback.columns
    }
    last = feedback.group_by(**{"r:id": "order_id"}).agg(**said)
    return table.left_join(last, table["order_id"] == last["r:id"]).drop("r:id")


def _latest(table: ir.Table) -> datetime | None:
    row = table.aggregate(made=table["made_at"].max(), seen=table["observed_at"].max())
    found = row.to_pyarrow().to_pylist()[0]
    return max((at for at in found.values() if at is not None), default=None)


def _judged(table: ir.Table, lever: Lever, cut: datetime | None, tolerance: float) -> ir.Table:
    apart = gap(table["promised"], table["actual"], lever).cast("float64")
    overdue: Any = ibis.literal(False)
    if cut is not None and "due_at" in table.columns:
        overdue = (table["due_at"] < _instant(cut)).fill_null(False)
    lost: Any = ibis.literal(False)
    if "cancelled_at" in table.columns:  # taking an order back does not unbreak a promise
        late: Any = ibis.literal(False)
        if "due_at" in table.columns:
            late = (table["due_at"] < table["cancelled_at"]).fill_null(False)
        overdue, lost = overdue | late, table["cancelled_at"].notnull() & ~late
    allowed: Any = tolerance
    if _OWN in table.columns:
        allowed = table[_OWN].fill_null(tolerance)
    said = verdict(apart, overdue=overdue, lost=lost, tolerance=allowed)
    return table.mutate(gap=apart, verdict=said)


def _shown(table: ir.Table, zone: str) -> ir.Table:
    shown: dict[str, ir.Value] = {}
    for name, kind in CASE_COLUMNS.items():
        if name in table.columns:
            value = table[name]
            if kind.startswith("timestamp"):
                value = wall_in(ibis.literal(zone), value.cast("timestamp('UTC', 6)")).cast(WALL)
            shown[name] = value.cast(kind)
    known = {"line", *SCHEMAS["promises"].columns, *SCHEMAS["orders"].columns, *CASE_COLUMNS}
    rest = [c for c in table.columns if c not in known and ":" not in c and c != "root"]
    return table.select(**shown, promise_id=table["promise_id"], **{c: table[c] for c in rest})


def _features(orders: ir.Table | None, shown: ir.Table) -> tuple[str, ...]:
    if orders is None:
        return ()
    known = {"line", *SCHEMAS["orders"].columns}
    return tuple(c for c in orders.columns if c not in known and c in shown.columns)


def _instant(at: datetime) -> ir.Value:
    return ibis.literal(at).cast("timestamp('UTC', 6)")
