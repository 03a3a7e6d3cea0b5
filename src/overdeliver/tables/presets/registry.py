"""The presets by name."""

from collections.abc import Callable
from typing import Any

from overdeliver.tables.draft import Draft, Options
from overdeliver.tables.presets import flights, olist, shopify, woocommerce
from overdeliver.tables.raw import Source
from overdeliver.vocabulary.errors import InputError

Prepare = Callable[[list[object], Options, Callable[[Any], Source]], Draft]

PRESETS: dict[str, Prepare] = {
    "olist": olist.prepare,
    "shopify": shopify.prepare,
    "woocommerce": woocommerce.prepare,
    "flights": flights.prepare,
}


def preset_named(name: str) -> Prepare:
    """The preset of that name; InputError naming those there are."""
    if name not in PRESETS:
        raise InputError(f"--preset {name}: unknown; there are {', '.join(PRESETS)}")
    return PRESETS[name]
