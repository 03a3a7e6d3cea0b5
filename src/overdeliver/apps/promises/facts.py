"""What may be written down about an order: texts that fit, amounts, features."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from math import isfinite
from typing import Any

from overdeliver.vocabulary.errors import InputError

_MOST_FEATURES = 200


def text(what: str, value: str, longest: int) -> str:
    """The text without outer blanks. InputError: too long, or it holds a zero byte."""
    value = value.strip()
    if len(value) > longest:
        raise InputError(f"{what}: {len(value)} characters are too many, {longest} are the most")
    if "\x00" in value:
        raise InputError(f"{what}: it holds a character of code 0")
    return value


@cache
def taken() -> frozenset[str]:
    """Names that the ledger's tables give a meaning of their own; a feature may not take one."""
    from overdeliver.tables.schemas import SCHEMAS  # loads what reads tables: not at every start

    tables = (SCHEMAS[name].columns for name in ("orders", "promises", "outcomes"))
    return frozenset({"line", "service", "team", "verdict", "gap", "score", "text"}.union(*tables))


def checked_amount(order: str, amount: Decimal | None, currency: str) -> Decimal | None:
    """The amount to four places. InputError: no currency, below 0, endless or too large."""
    if amount is None:
        return None
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise InputError(f"order {order}: the amount needs its currency, such as EUR")
    try:
        exact = Decimal(amount).quantize(Decimal("0.0001"))
    except (InvalidOperation, ValueError):
        raise InputError(f"order {order}: {amount} is no amount") from None
    if not exact.is_finite() or exact < 0 or exact >= Decimal(10) ** 14:
        raise InputError(f"order {order}: the amount {amount} must lie between 0 and 10^14")
    return exact


def checked_level(level: float | None) -> float | None:
    """The level itself. InputError: not strictly between 0 and 1."""
    if level is not None and not 0 < level < 1:
        raise InputError(f"level {level:g}: it lies between 0 and 1, such as 0.9")
    return level


def checked_features(given: Mapping[str, Any]) -> dict[str, Any]:
    """Features by name, what is unknown left out. InputError: a name taken, a value that is none.

    >>> checked_features({"weight_kg": 1.5, "seller": "s-7", "gift": True, "zone": None})
    {'weight_kg': 1.5, 'seller': 's-7', 'gift': True}
    """
    if len(given) > _MOST_FEATURES:
        raise InputError(f"features: {len(given)} are too many, {_MOST_FEATURES} are the most")
    return {_feature(name): value for name, value in given.items() if _known(name, value)}


def _feature(name: str) -> str:
    if name in taken():
        raise InputError(f"feature {name!r}: the ledger has a column of that name; use another")
    if not name.strip() or len(name) > 80 or not name.isprintable() or ":" in name:
        raise InputError(f"feature {name!r}: a name of 1 to 80 printable characters, without ':'")
    return name


def _known(name: str, value: Any) -> bool:
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return False
    if isinstance(value, str):
        text(f"feature {name}", value, 1000)
    elif not isinstance(value, bool | int | float):
        raise InputError(f"feature {name!r}: a text, a number or yes and no, nothing else")
    return True
