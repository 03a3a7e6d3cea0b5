"""An event log given as a table of promises: many rows tell of one case, one row is kept of each.

Case attributes (``case:...``, as XES flattened to columns has them) stand on every row of a case;
the first row's are taken. Attributes of single events are no features of the case.
"""

from dataclasses import replace

import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from overdeliver.tables.cases import Notice
from overdeliver.tables.raw import Source

CASE, ACTIVITY, AT = "case:concept:name", "concept:name", "time:timestamp"


def is_event_log(table: ir.Table) -> bool:
    """Whether the columns are those of a flattened XES log."""
    return {CASE, ACTIVITY, AT} <= set(table.columns)


def is_case_table(table: ir.Table) -> bool:
    """Whether `one_row_per_case` made this table."""
    return {CASE, "case started", "case ended"} <= set(table.columns)


def one_row_per_case(source: Source) -> Source:
    """The first row of every case, with ``case started`` and ``case ended`` from its events.

    ``rows_read`` stays the number of events: the further rows of a case count as used.
    """
    events = source.table
    kept = [c for c in events.columns if c.startswith("case:")]
    at = events[AT]
    if not at.type().is_timestamp():
        at = at.try_cast(dt.Timestamp("UTC", 6))
    cases = events.group_by(CASE).agg(
        line=events["line"].min(),
        **{c: events[c].argmin(events["line"]) for c in kept if c != CASE},
        **{"case started": at.min(), "case ended": at.max()},
    )
    count = int(cases.count().to_pyarrow().as_py())
    message = f"an event log: {count:,} cases from {source.rows_read:,} rows, one promise per case"
    notice = Notice("event_log", message, {"cases": count, "rows": source.rows_read})
    ordered = cases.select("line", *kept, "case started", "case ended")
    return replace(source, table=ordered, notices=(*source.notices, notice))


def spare_ends(mapping: dict[str, str]) -> dict[str, str]:
    """The mapping with the first and last event where the case names no start or no end.

    With a promised end in the log the last event is no outcome: an unfinished case has one too.

    >>> spare_ends({"order_id": "case:concept:name"})["delivered_at"]
    'case ended'
    """
    full = dict(mapping)
    if not {"placed_at", "made_at"} & set(full):
        full["placed_at"] = "case started"
    if not {"delivered_at", "actual", "promised_at", "promised"} & set(full):
        full["delivered_at"] = "case ended"
    return full


def without_ends(table: ir.Table, mapping: dict[str, str]) -> ir.Table:
    """The table without the derived moments that no field uses."""
    return table.drop(*({"case started", "case ended"} - set(mapping.values())))
