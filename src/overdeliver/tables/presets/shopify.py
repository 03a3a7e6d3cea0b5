"""Shopify's orders_export.csv: a row per line item, order columns on the first row of an order.

The export holds no promise, so it comes by rule per shipping method. ``Fulfilled at`` is when the
order was marked shipped, the nearest thing to a delivery that the export knows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from overdeliver.tables.cases import Notice
from overdeliver.tables.draft import Draft, Options
from overdeliver.tables.presets.rules import ask_for_rules, promised_by_rule, unit_of
from overdeliver.tables.raw import Source
from overdeliver.tables.recognise import find_column, listed
from overdeliver.vocabulary.errors import InputError, MissingField

_NEEDED = ("Name", "Created at")
_MAPPING = {
    "placed_at": "Created at",
    "delivered_at": "Fulfilled at",
    "cancelled_at": "Cancelled at",
    "customer_id": "Email",
    "amount": "Total",
    "currency": "Currency",
    "channel": "Source",
    "stage:paid": "Paid at",
}
_FEATURES = (
    "Shipping Method",
    "Shipping Country",
    "Shipping Province",
    "Shipping City",
    "Shipping Zip",
    "Payment Method",
    "Vendor",
    "Location",
)
_ITEMS = ("items", "item_lines")

Opener = Callable[[Any], Source]


@dataclass(frozen=True)
class _Orders:
    """The first rows of all orders, under Shopify's own column names, and what was noticed."""

    table: ir.Table
    notices: tuple[Notice, ...]


def is_export(columns: Iterable[str]) -> bool:
    """Whether the header is that of Shopify's order export.

    >>> is_export(["Name", "Financial Status", "Created at", "Lineitem quantity"])
    True
    """
    return {"Name", "Financial Status", "Created at", "Lineitem quantity"} <= set(columns)


def prepare(items: list[object], options: Options, opener: Opener) -> Draft:
    """The draft of an export. MissingField without promise rules: it names the methods found."""
    if len(items) != 1 or (isinstance(items[0], str | Path) and Path(items[0]).is_dir()):
        raise InputError("--preset shopify: give the one file of the export")
    source = opener(items[0])
    columns = source.table.columns
    lacking = [name for name in _NEEDED if name not in columns]
    if lacking:
        raise MissingField(
            f"--preset shopify: no column {', '.join(lacking)}; columns: {listed(columns)}"
        )
    orders = _collapse(source)
    mapping = {
        f: c for f, c in {"order_id": "order_id", **_MAPPING}.items() if c in orders.table.columns
    }
    mapping.update(_stated(orders.table, options))
    table, unit, blame, notices = _promise(orders.table, mapping, options)
    if mapping.get("delivered_at") == "Fulfilled at":
        notices += (_shipped(),)
    taken = set(mapping.values())
    return Draft.of(
        source,
        table,
        mapping,
        lever="time",
        unit=unit,
        blame=blame,
        features=[c for c in (*_FEATURES, *_ITEMS) if c in table.columns and c not in taken],
        keep=True,
        notices=(*source.notices, *orders.notices, *notices),
    )


def _stated(table: ir.Table, options: Options) -> dict[str, str]:
    found = {name: find_column(table.columns, column) for name, column in options.mapping.items()}
    lacking = [options.mapping[name] for name, column in found.items() if column is None]
    if lacking:
        raise InputError(f"--map: no column {', '.join(lacking)}; columns: {listed(table.columns)}")
    return {name: column for name, column in found.items() if column is not None}


def _collapse(source: Source) -> _Orders:
    """One row per order. A row that has no ``Created at`` goes on with the order above it."""
    rows = source.table
    head = rows["Created at"].cast("string").strip().nullif("").notnull()
    order = head.cast("int64").sum().over(ibis.cumulative_window(order_by=rows["line"]))
    rows = rows.mutate(**{"s:head": head, "s:order": order})
    quantity = (
        rows["Lineitem quantity"].try_cast("float64")
        if "Lineitem quantity" in rows.columns
        else ibis.literal(1.0)
    )
    sums = rows.group_by("s:order").agg(items=quantity.sum(), item_lines=rows.count())
    heads = rows.filter(rows["s:head"])
    keyed = sums.rename({"s:key": "s:order"})
    joined = heads.left_join(keyed, heads["s:order"] == keyed["s:key"])
    table = _tidy(joined.drop("s:key", "s:order", "s:head"))
    return _with_id(table, source)


def _tidy(table: ir.Table) -> ir.Table:
    """Zips without the apostrophe that guards their leading zeros."""
    zips = [c for c in ("Billing Zip", "Shipping Zip") if c in table.columns]
    return table.mutate(**{c: table[c].cast("string").re_replace("^'", "") for c in zips})


def _with_id(table: ir.Table, source: Source) -> _Orders:
    count = int(table.count().to_pyarrow().as_py())
    message = (
        f"{source.rows_read:,} rows of line items are {count:,} orders; further rows of an order"
        " count as used"
    )
    notices = [Notice("line_items", message, {"rows": source.rows_read, "orders": count})]
    if "Id" not in table.columns:
        return _Orders(table.mutate(order_id=table["Name"].cast("string")), tuple(notices))
    number = table["Id"].cast("string").strip()
    sound = number.re_search(r"^\d+$").fill_null(False)
    spoilt = int(table.filter(~sound).count().to_pyarrow().as_py())
    if spoilt:
        text = (
            f"{spoilt:,} orders have no whole number in Id (a spreadsheet makes it 5.1E+12), so"
            " orders are told apart by Name"
        )
        notices.append(Notice("ids_damaged", text, {"orders": spoilt}))
        number = table["Name"].cast("string")
    return _Orders(table.mutate(order_id=number), tuple(notices))


def _promise(
    table: ir.Table, mapping: dict[str, str], options: Options
) -> tuple[ir.Table, str | None, str | None, tuple[Notice, ...]]:
    """The table with the promise by rule, its unit, and the column to blame where there is none."""
    if {"promised_at", "promised"} & set(mapping):
        return table, None, None, ()
    method = "Shipping Method" if "Shipping Method" in table.columns else None
    if not options.promise_rules or method is None:
        raise ask_for_rules("Shopify's export", table, method)
    mapping["promised"] = "promised by rule"
    ruled = promised_by_rule(table[method], options.promise_rules)
    return table.mutate(**{"promised by rule": ruled}), unit_of(options.promise_rules), method, ()


def _shipped() -> Notice:
    message = (
        "'Fulfilled at' is when an order was marked shipped, not when it arrived: the promises are"
        " judged by that (--map delivered_at=COLUMN if you have the arrival)"
    )
    return Notice("fulfilled_is_shipped", message)
