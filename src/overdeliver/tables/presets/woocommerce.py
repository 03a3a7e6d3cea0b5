"""WooCommerce orders: the REST API's JSON (a list, or one order a line), or a plugin's CSV.

Moments are the ``_gmt`` ones. Delivery dates live in the ``meta_data`` of plugins, each under a key
of its own: every key becomes a column ``meta:KEY`` to be named with ``--map promised_at=meta:KEY``;
without one the promise comes by rule per shipping method.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from overdeliver.tables.cases import Notice
from overdeliver.tables.draft import Draft, Options
from overdeliver.tables.limits import Limits, check_rows, check_size
from overdeliver.tables.presets.rules import ask_for_rules, promised_by_rule, unit_of
from overdeliver.tables.raw import Source
from overdeliver.tables.recognise import find_column, listed
from overdeliver.tables.words import words
from overdeliver.vocabulary.errors import InputError, UnreadableFile

_MAPPING = {
    "order_id": "id",
    "customer_id": "customer",
    "placed_at": "date_created",
    "delivered_at": "date_completed",
    "amount": "total",
    "currency": "currency",
    "channel": "created_via",
    "stage:paid": "date_paid",
}
_FEATURES = ("shipping_method", "payment_method", "country", "state", "city", "postcode", "items")
_LOST = ("cancelled", "failed", "trash", "refunded")
#: What plugins call the columns of an order CSV, best first.
_CSV = {
    "id": ("order id", "order number", "order no", "id"),
    "customer": ("customer id", "customer email", "billing email", "customer user"),
    "date_created": ("date created gmt", "order date", "date created", "created at", "date"),
    "date_completed": ("date completed gmt", "completed date", "date completed", "completed at"),
    "date_paid": ("date paid gmt", "paid date", "date paid"),
    "total": ("order total", "order total amount", "total"),
    "currency": ("order currency", "currency"),
    "status": ("order status", "status"),
    "shipping_method": ("shipping method title", "shipping method", "method title", "shipping"),
    "payment_method": ("payment method title", "payment method"),
    "country": ("shipping country", "country code shipping", "billing country"),
    "state": ("shipping state", "state code shipping", "billing state"),
    "city": ("shipping city", "city shipping", "billing city"),
    "postcode": ("shipping postcode", "postcode shipping", "billing postcode"),
}

Opener = Callable[[Any], Source]


def prepare(items: list[object], options: Options, opener: Opener) -> Draft:
    """The draft of a WooCommerce file. MissingField when nothing says what was promised."""
    if len(items) != 1:
        raise InputError("--preset woocommerce: give one file")
    item = items[0]
    if is_json(item):
        frame = _flatten(Path(str(item)), options.limits or Limits())
        source = opener(frame)
    else:
        source = opener(item)
        source = _renamed(source)
    table = source.table
    mapping = {f: c for f, c in _MAPPING.items() if c in table.columns}
    mapping.update(_stated(table, options))
    table, unit, blame = _promise(table, mapping, options)
    if "items" in table.columns:
        table = table.mutate(items=table["items"].try_cast("float64"))
    if "status" in table.columns:
        table = table.mutate(lost=table["status"].cast("string").lower().isin(_LOST))
    taken = set(mapping.values())
    notices = (_completed(),) if mapping.get("delivered_at") == "date_completed" else ()
    return Draft.of(
        source,
        table,
        mapping,
        lever="time",
        unit=unit,
        blame=blame,
        lost="lost" if "lost" in table.columns else None,
        features=[c for c in _FEATURES if c in table.columns and c not in taken],
        keep=True,
        notices=(*source.notices, *notices),
    )


def is_json(item: object) -> bool:
    """Whether a path is a file whose first sign opens a JSON list or object."""
    if not isinstance(item, str | Path) or not Path(item).is_file():
        return False
    with Path(item).open("rb") as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{")


def _flatten(path: Path, limits: Limits) -> pa.Table:
    """The orders of a JSON file as a table of text. UnreadableFile: not JSON, or not orders."""
    check_size(path.name, path.stat().st_size, limits.text_bytes)
    rows = [_row(order, path.name, at) for at, order in enumerate(_orders(path), start=1)]
    check_rows(path.name, len(rows), limits)
    if not rows:
        raise UnreadableFile(f"{path.name}: no orders inside")
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    )


def _orders(path: Path) -> Iterator[Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        if text.lstrip().startswith("["):
            yield from json.loads(text)
            return
        for line in text.splitlines():
            if line.strip():
                yield json.loads(line)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise UnreadableFile(f"{path.name}: not readable as JSON ({error})") from error


def _row(order: Any, name: str, at: int) -> dict[str, str | None]:
    if not isinstance(order, Mapping) or "id" not in order:
        raise UnreadableFile(f"{name}: item {at} is no WooCommerce order (it has no id)")
    ship, bill = _part(order, "shipping"), _part(order, "billing")
    lines = [line for line in order.get("shipping_lines") or () if isinstance(line, Mapping)]
    goods = [line for line in order.get("line_items") or () if isinstance(line, Mapping)]
    row: dict[str, Any] = {
        "id": order["id"],
        "customer": order.get("customer_id") or bill.get("email"),
        "status": order.get("status"),
        "date_created": _gmt(order, "date_created"),
        "date_completed": _gmt(order, "date_completed"),
        "date_paid": _gmt(order, "date_paid"),
        "total": order.get("total"),
        "currency": order.get("currency"),
        "created_via": order.get("created_via"),
        "payment_method": order.get("payment_method"),
        "shipping_method": lines[0].get("method_title") if lines else None,
        "items": sum(int(line.get("quantity") or 0) for line in goods) if goods else None,
    }
    row |= {key: ship.get(key) or bill.get(key) for key in ("country", "state", "city", "postcode")}
    for meta in order.get("meta_data") or ():
        if isinstance(meta, Mapping) and isinstance(meta.get("value"), str | int | float):
            row[f"meta:{meta.get('key')}"] = meta["value"]
    return {key: None if value in (None, "") else str(value) for key, value in row.items()}


def _part(order: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = order.get(name)
    return part if isinstance(part, Mapping) else {}


def _gmt(order: Mapping[str, Any], name: str) -> str | None:
    value = order.get(f"{name}_gmt")
    if value:
        return f"{value}Z"  # without a zone in the file, universal by its name
    local = order.get(name)
    return str(local) if local else None


def _renamed(source: Source) -> Source:
    """A plugin's CSV under the names of the JSON, where its own names say the same."""
    columns = [c for c in source.table.columns if c != "line"]
    found: dict[str, str] = {}
    for name, likely in _CSV.items():
        for wanted in likely:
            match = next((c for c in columns if " ".join(words(c)) == wanted), None)
            if match is not None and match not in found.values():
                found[name] = match
                break
    clash = [c for c in found if c in columns and found[c] != c]
    table = source.table.drop(*(c for c in clash if c not in found.values()))
    return replace(source, table=table.rename(found))


def _stated(table: ir.Table, options: Options) -> dict[str, str]:
    stated: dict[str, str] = {}
    for name, wanted in options.mapping.items():
        column = find_column(table.columns, wanted) or find_column(table.columns, f"meta:{wanted}")
        if column is None:
            raise InputError(
                f"--map {name}={wanted}: no such column; columns: {listed(table.columns)}"
            )
        stated[name] = column
    return stated


def _promise(
    table: ir.Table, mapping: dict[str, str], options: Options
) -> tuple[ir.Table, str | None, str | None]:
    if {"promised_at", "promised"} & set(mapping):
        return table, None, None
    method = "shipping_method" if "shipping_method" in table.columns else None
    if not options.promise_rules or method is None:
        hints = [c for c in table.columns if c.startswith("meta:")]
        raise ask_for_rules("the WooCommerce file", table, method, hints[:10])
    mapping["promised"] = "promised by rule"
    ruled = promised_by_rule(table[method].cast("string"), options.promise_rules)
    return table.mutate(**{"promised by rule": ruled}), unit_of(options.promise_rules), method


def _completed() -> Notice:
    message = (
        "'date_completed' is when the shop marked an order completed, often at dispatch; promises"
        " are judged by that (--map delivered_at=COLUMN if you have the arrival)"
    )
    return Notice("completed_is_marked", message)
