"""Olist's tables (Brazilian marketplace): nine files, one row per order.

Wall clocks are Brazilian and without zone; the promise is a date. Every feature is known when the
order is placed. ``order_status`` only says afterwards which orders were lost and is no feature.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import ibis
import ibis.expr.types as ir

from overdeliver.tables.cases import Notice
from overdeliver.tables.draft import Draft, Options
from overdeliver.tables.geography import kilometres
from overdeliver.tables.presets.files import by_stem, require
from overdeliver.tables.raw import Source
from overdeliver.tables.recognise import find_column
from overdeliver.vocabulary.errors import MissingField

TABLES = (
    "orders",
    "order_items",
    "order_payments",
    "order_reviews",
    "customers",
    "products",
    "sellers",
    "geolocation",
    "geolocation_zip_centroid",
    "product_category_name_translation",
)
_MAPPING = {
    "order_id": "order_id",
    "placed_at": "order_purchase_timestamp",
    "made_at": "made_at",
    "promised_at": "order_estimated_delivery_date",
    "delivered_at": "order_delivered_customer_date",
    "stage:approved": "order_approved_at",
    "stage:handed_to_carrier": "order_delivered_carrier_date",
}
_LOST = ("canceled", "unavailable")

Opener = Callable[[Path], Source]


def prepare(items: list[object], options: Options, opener: Opener) -> Draft:
    """The draft of Olist's folder. InputError without its orders; other tables may be missing."""
    found = by_stem(items, TABLES, "olist_")
    source = opener(require(found, "orders", "olist", "olist_orders_dataset.csv or orders.parquet"))
    orders = source.table
    _require_columns(orders)
    orders = orders.mutate(
        made_at=orders["order_purchase_timestamp"],
        lost=orders["order_status"].isin(_LOST),
    )
    mapping = dict(_MAPPING)
    features: list[str] = []
    tables = {name: opener(path).table for name, path in found.items() if name != "orders"}
    for add in (_customers, _items, _distance, _payments, _reviews):
        orders = add(orders, tables, mapping, features)
    notices = _missing(tables)
    if "currency" in orders.columns:
        mapping["currency"] = "currency"
    return Draft(
        source.backend,
        orders,
        {**mapping, **_asked(orders, options)},
        is_text=source.is_text,
        read=source.rows_read,
        bad=source.rows_bad,
        bad_rows=source.bad_rows,
        lever="time",
        zone="America/Sao_Paulo" if options.zone == "UTC" else options.zone,
        lost="lost",
        features=features,
        score_scale=(1.0, 5.0),
        keep=True,
        notices=(*source.notices, *notices),
    )


def _asked(orders: ir.Table, options: Options) -> dict[str, str]:
    found = {name: find_column(orders.columns, column) for name, column in options.mapping.items()}
    return {name: column for name, column in found.items() if column is not None}


def _require_columns(orders: ir.Table) -> None:
    needed = [*_MAPPING.values(), "customer_id", "order_status"]
    lacking = [c for c in needed if c not in orders.columns and c != "made_at"]
    if lacking:
        raise MissingField(f"--preset olist: the orders have no column {', '.join(lacking)}")


def _customers(
    orders: ir.Table, tables: Mapping[str, ir.Table], mapping: dict[str, str], features: list[str]
) -> ir.Table:
    if "customers" not in tables:
        mapping["customer_id"] = "customer_id"
        return orders
    people = tables["customers"]
    known = people.select(
        "customer_id",
        customer_unique_id="customer_unique_id",
        customer_state="customer_state",
        customer_city="customer_city",
        customer_zip=_zip(people["customer_zip_code_prefix"]),
    ).distinct(on="customer_id")
    joined = _lookup(orders, known, "customer_id")
    mapping["customer_id"] = "customer_unique_id"
    features += ["customer_state", "customer_city", "customer_zip_code_prefix"]
    return joined.mutate(customer_zip_code_prefix=joined["customer_zip"].substr(0, 3))


def _items(
    orders: ir.Table, tables: Mapping[str, ir.Table], mapping: dict[str, str], features: list[str]
) -> ir.Table:
    if "order_items" not in tables:
        return orders
    raw = tables["order_items"]
    items = raw.select(
        "order_id",
        "product_id",
        "seller_id",
        nth=raw["order_item_id"].try_cast("int64"),
        price=raw["price"].try_cast("decimal(18, 4)"),
        freight_value=raw["freight_value"].try_cast("decimal(18, 4)"),
    )
    items = _sellers(_products(items, tables), tables)
    first = {
        name: items[name].argmin(items["nth"])
        for name in ("seller_id", "seller_state", "seller_zip", "product_category_name")
        if name in items.columns
    }
    sums = {
        name: items[name].sum()
        for name in ("price", "freight_value", "weight_g", "volume_cm3")
        if name in items.columns
    }
    grouped = items.group_by("order_id").agg(
        **first, **sums, n_items=items.count(), n_sellers=items["seller_id"].nunique()
    )
    joined = _lookup(orders, grouped, "order_id")
    added = {"amount": joined["price"] + joined["freight_value"], "currency": ibis.literal("BRL")}
    for name in ("price", "freight_value"):
        added[name] = joined[name].try_cast("float64")
    if "seller_zip" in joined.columns:
        added["seller_zip_code_prefix"] = joined["seller_zip"].substr(0, 3)
    mapping["amount"] = "amount"
    features += [name for name in first if name != "seller_zip"]
    features += [name for name in added if name == "seller_zip_code_prefix"]
    features += [*sums, "n_items", "n_sellers"]
    return joined.mutate(**added)


def _products(items: ir.Table, tables: Mapping[str, ir.Table]) -> ir.Table:
    if "products" not in tables:
        return items
    raw = tables["products"]
    sides = [
        raw[f"product_{side}_cm"].try_cast("float64") for side in ("length", "height", "width")
    ]
    known = raw.select(
        "product_id",
        product_category_name=raw["product_category_name"],
        weight_g=raw["product_weight_g"].try_cast("float64"),
        volume_cm3=sides[0] * sides[1] * sides[2],
    )
    return _lookup(items, known.distinct(on="product_id"), "product_id")


def _sellers(items: ir.Table, tables: Mapping[str, ir.Table]) -> ir.Table:
    if "sellers" not in tables:
        return items
    raw = tables["sellers"]
    known = raw.select(
        "seller_id", seller_state="seller_state", seller_zip=_zip(raw["seller_zip_code_prefix"])
    )
    return _lookup(items, known.distinct(on="seller_id"), "seller_id")


def _distance(
    orders: ir.Table, tables: Mapping[str, ir.Table], mapping: dict[str, str], features: list[str]
) -> ir.Table:
    """Great-circle kilometres between the middles of the seller's and the customer's post areas."""
    places = tables.get("geolocation_zip_centroid", tables.get("geolocation"))
    if places is None or not {"customer_zip", "seller_zip"} <= set(orders.columns):
        return orders
    centre = places.group_by(zip=_zip(places["geolocation_zip_code_prefix"])).agg(
        lat=places["geolocation_lat"].try_cast("float64").mean(),
        lng=places["geolocation_lng"].try_cast("float64").mean(),
    )
    for end in ("customer", "seller"):
        named = centre.rename({f"{end}_zip": "zip", f"{end}_lat": "lat", f"{end}_lng": "lng"})
        orders = _lookup(orders, named, f"{end}_zip")
    features.append("distance_km")
    ends = [orders[c] for c in ("seller_lat", "seller_lng", "customer_lat", "customer_lng")]
    return orders.mutate(distance_km=kilometres(*ends))


def _payments(
    orders: ir.Table, tables: Mapping[str, ir.Table], mapping: dict[str, str], features: list[str]
) -> ir.Table:
    if "order_payments" not in tables:
        return orders
    raw = tables["order_payments"]
    value = raw["payment_value"].try_cast("float64")
    paid = raw.group_by("order_id").agg(
        payment_type=raw["payment_type"].argmax(value),
        installments=raw["payment_installments"].try_cast("int64").max(),
    )
    features += ["payment_type", "installments"]
    return _lookup(orders, paid, "order_id")


def _reviews(
    orders: ir.Table, tables: Mapping[str, ir.Table], mapping: dict[str, str], features: list[str]
) -> ir.Table:
    """The latest review of each order."""
    if "order_reviews" not in tables:
        return orders
    raw = tables["order_reviews"]
    when = raw["review_answer_timestamp"].cast("string")  # ISO text sorts as time does
    text = ibis.coalesce(raw["review_comment_message"], raw["review_comment_title"])
    told = raw.group_by("order_id").agg(
        score=raw["review_score"].try_cast("float64").argmax(when),
        # A struct, because an argmax over a NULL text would take an older review's.
        told=ibis.struct({"text": text}).argmax(when),
    )
    mapping.update(score="score", text="text")
    told = told.mutate(text=told["told"]["text"]).drop("told")
    return _lookup(orders, told, "order_id")


def _lookup(left: ir.Table, right: ir.Table, key: str) -> ir.Table:
    """A left join that keeps the left side's key only."""
    other = right.rename({"j:key": key})
    return left.left_join(other, left[key] == other["j:key"]).drop("j:key")


def _zip(column: ir.Value) -> ir.StringValue:
    return column.cast("string").strip().lpad(5, "0")


def _missing(tables: Mapping[str, ir.Table]) -> tuple[Notice, ...]:
    wanted = ("customers", "order_items", "products", "sellers", "order_payments", "order_reviews")
    lacking = [name for name in wanted if name not in tables]
    if not lacking:
        return ()
    message = f"not among the files, so their columns are missing: {', '.join(lacking)}"
    return (Notice("tables_missing", message, {"tables": lacking}),)
