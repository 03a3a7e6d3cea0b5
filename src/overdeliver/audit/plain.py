"""Values as JSON knows them: finite numbers, texts, dates as text; what is not known is null."""

import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from numbers import Integral, Real
from typing import Any


def plain(value: Any) -> Any:
    """A copy of a value that JSON can hold; NaN and infinities become None, keys become text.

    >>> plain({"low": float("nan"), "on": date(2018, 4, 1), "sum": Decimal("1.50"), 7: (1, True)})
    {'low': None, 'on': '2018-04-01', 'sum': 1.5, '7': [1, True]}
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real | Decimal):
        number = float(value)
        return number if math.isfinite(number) else None
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, Mapping):
        return {
            key if isinstance(key, str) else str(plain(key)): plain(v) for key, v in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return str(value)
