"""The presets by name."""

from collections.abc import Callable
from typing import Any

from overdeliver.tables.draft import Draft, Options
from overdeliver.tables.presets import flights, olist, shopify, woocommerce
from overdeliver.tables.presets.files import by_stem
from overdeliver.tables.raw import Source
from overdeliver.vocabulary.errors import InputError

Prepare = Callable[[list[object], Options, Callable[[Any], Source]], Draft]

PRESETS: dict[str, Prepare] = {
    "olist": olist.prepare,
    "shopify": shopify.prepare,
    "woocommerce": woocommerce.prepare,
    "flights": flights.prepare,
}


def guess_preset(items: list[object], opener: Callable[[Any], Source]) -> str | None:
    """The preset whose files or header these plainly are; None for anything else."""
    if {"orders", "order_items"} <= set(by_stem(items, olist.TABLES, "olist_")):
        return "olist"
    if "flights" in by_stem(items, ("flights",)) and len(items) > 1:
        return "flights"
    if len(items) != 1 or woocommerce.is_json(items[0]):
        return "woocommerce" if len(items) == 1 else None
    columns = opener(items[0]).table.columns
    if shopify.is_export(columns):
        return "shopify"
    return "flights" if flights.is_flights(columns) else None


def preset_named(name: str) -> Prepare:
    """The preset of that name; InputError naming those there are."""
    if name not in PRESETS:
        raise InputError(f"--preset {name}: unknown; there are {', '.join(PRESETS)}")
    return PRESETS[name]
