"""Finding the tables of a preset among the files given, by their known names."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from overdeliver.vocabulary.errors import InputError


def by_stem(items: Iterable[Any], names: Iterable[str], prefix: str = "") -> dict[str, Path]:
    """Table name -> file, for files called ``[prefix]NAME[_dataset].ending``.

    >>> found = by_stem([Path("olist_orders_dataset.csv"), Path("x.csv")], ["orders"], "olist_")
    >>> found["orders"].name
    'olist_orders_dataset.csv'
    """
    wanted = set(names)
    found: dict[str, Path] = {}
    for item in items:
        if not isinstance(item, str | Path):
            continue
        path = Path(item)
        stem = path.name.split(".")[0].lower()
        name = stem.removeprefix(prefix).removesuffix("_dataset")
        if name in wanted:
            found.setdefault(name, path)
    return found


def require(found: dict[str, Path], name: str, preset: str, like: str) -> Path:
    """The file of a table, or InputError saying how it would be called."""
    if name not in found:
        raise InputError(f"--preset {preset}: no file called like {like} among those given")
    return found[name]
