"""Service classes as ranks: higher is better, whatever they are called."""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from overdeliver.tables.draft import Draft, Options
from overdeliver.tables.words import words
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.levels import Levels

#: Ladders of classes as businesses name them, lowest first; a name stands in one ladder once.
LADDERS: tuple[tuple[str, ...], ...] = (
    ("economy", "premium economy", "business", "first"),
    ("economy", "premium", "business", "first"),
    ("economy", "comfort", "comfort plus", "business", "elite"),
    ("basic", "standard", "plus", "premium", "deluxe"),
    ("bronze", "silver", "gold", "platinum", "diamond"),
    ("standard", "express", "same day"),
    ("small", "medium", "large", "extra large"),
    ("compact", "midsize", "full size", "luxury"),
    ("economica", "premium", "executiva", "primeira"),
    ("basico", "padrao", "premium", "luxo"),
    ("эконом", "комфорт", "комфорт плюс", "бизнес", "первый"),
    ("эконом", "стандарт", "премиум", "люкс"),
    ("economica", "premium", "business", "intai"),
    ("standard", "superior", "lux"),
    ("эконом", "жайлы", "бизнес", "бірінші"),
)
_FIELDS = ("booked_class", "delivered_class")


def rank_classes(table: ir.Table, draft: Draft, options: Options) -> ir.Table:
    """``f:booked_class`` and ``f:delivered_class`` as float64 ranks.

    The order is the one given, else that of the numbers when all are numbers, else a known ladder.
    InputError: names in no known order, or a name missing from the order given.
    """
    fields = [name for name in _FIELDS if name in draft.mapping]
    if not fields:
        return table
    ranks = ranking(_names(table, fields), options.classes)
    if ranks is None:
        return table.mutate(**{f"f:{f}": table[f"f:{f}"].try_cast("float64") for f in fields})
    return table.mutate(**{f"f:{f}": _ranked(table[f"f:{f}"], ranks) for f in fields})


def ranking(found: Sequence[str], given: Sequence[str] = ()) -> Mapping[str, int] | None:
    """Class name as found -> rank from 1; None when all names are numbers.

    >>> ranking(["Business", "ECONOMY"])
    {'Business': 3, 'ECONOMY': 1}
    >>> ranking(["2", "1.5"]) is None
    True
    """
    plain = {name: _plain(name) for name in found}
    if given:
        levels = _levels(given)
        strange = [name for name in found if plain[name] not in levels]
        if strange:
            raise InputError(
                f"classes {', '.join(map(repr, strange))} are not in the order given"
                f" ({', '.join(given)}): add them"
            )
        return {name: levels.rank(plain[name]) for name in found}
    if all(_is_number(name) for name in found):
        return None
    for levels in map(_levels, LADDERS):
        if all(plain[name] in levels for name in found):
            return {name: levels.rank(plain[name]) for name in found}
    raise InputError(
        f"the order of the classes {', '.join(map(repr, found))} is not known;"
        " give it, lowest first: classes=(...)"
    )


def _levels(names: Sequence[str]) -> Levels:
    return Levels(tuple(_plain(name) for name in names))


def _plain(name: str) -> str:
    """A name without case, accents and signs."""
    return " ".join(words(name))


def _names(table: ir.Table, fields: Sequence[str]) -> list[str]:
    columns = [table.select(name=table[f"f:{field}"]) for field in fields]
    both = columns[0] if len(columns) == 1 else ibis.union(*columns)
    found = both.distinct().order_by("name").limit(100).to_pyarrow()["name"].to_pylist()
    return [name for name in found if name is not None]


def _ranked(column: ir.Value, ranks: Mapping[str, int]) -> ir.Value:
    if not ranks:
        return ibis.null("float64")
    branches = [(name, ibis.literal(float(rank))) for name, rank in ranks.items()]
    return column.cases(*branches, else_=ibis.null("float64"))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
