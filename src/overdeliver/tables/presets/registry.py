"""The presets by name."""

from collections.abc import Callable
from pathlib import Path

from overdeliver.tables.draft import Draft, Options
from overdeliver.tables.presets import flights, olist
from overdeliver.tables.raw import Source
from overdeliver.vocabulary.errors import InputError

Prepare = Callable[[list[object], Options, Callable[[Path], Source]], Draft]

PRESETS: dict[str, Prepare] = {
    "olist": olist.prepare,
    "flights": flights.prepare,
}


def preset_named(name: str) -> Prepare:
    """The preset of that name; InputError naming those there are."""
    if name not in PRESETS:
        raise InputError(f"--preset {name}: unknown; there are {', '.join(PRESETS)}")
    return PRESETS[name]
