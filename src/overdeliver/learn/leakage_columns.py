"""A column as the leakage guard sees it: numbers, moments or codes, with what is missing."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]
Kind = Literal["number", "moment", "category"]

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?Z?")


@dataclass(frozen=True)
class Column:
    """One candidate feature, ``n`` rows.

    ``values`` are numbers, seconds since 1970 for moments, codes from 0 for categories; NaN where
    nothing is recorded.
    """

    name: str
    kind: Kind
    values: Floats
    filled: Mask

    @property
    def distinct(self) -> int:
        """How many different values are recorded."""
        return len(np.unique(self.values[self.filled]))


def typed(name: str, raw: NDArray[Any]) -> Column:
    """Read an array of floats, moments, strings or objects as what it holds.

    >>> typed("day", np.array(["2024-01-01", None, "2024-01-02"], dtype=object)).kind
    'moment'
    >>> typed("city", np.array(["Almaty", "Porto", "Almaty"])).values.tolist()
    [0.0, 1.0, 0.0]
    """
    if raw.dtype.kind == "M":
        return _moments(name, raw)
    if raw.dtype.kind in "fiub":
        values = raw.astype(np.float64)
        return Column(name, "number", values, np.isfinite(values))
    return _objects(name, raw)


def seconds(raw: NDArray[Any]) -> Floats:
    """Moments (or numbers of seconds) as seconds, NaN where there is none."""
    if raw.dtype.kind != "M":
        return np.asarray(raw, dtype=np.float64)
    values = raw.astype("datetime64[us]").astype(np.int64) / 1e6
    return np.where(np.isnat(raw), np.nan, values)


def codes_of(values: Iterable[Any]) -> Codes:
    """Codes from 0 in order of appearance; -1 for None, NaN, NaT and the empty string."""
    listed = list(values)
    table: dict[Any, int] = {}
    try:
        raw = [table.setdefault(v, len(table)) for v in listed]
    except TypeError:  # lists and the like cannot be keys
        return codes_of([None if _empty(v) else str(v) for v in listed])
    renamed = np.full(len(table), -1, dtype=np.int64)
    there = [code for value, code in table.items() if not _empty(value)]
    renamed[there] = np.arange(len(there))
    return renamed[np.array(raw, dtype=np.int64)] if listed else np.zeros(0, dtype=np.int64)


def _moments(name: str, raw: NDArray[Any]) -> Column:
    values = seconds(raw)
    return Column(name, "moment", values, np.isfinite(values))


def _objects(name: str, raw: NDArray[Any]) -> Column:
    listed = raw.tolist()
    shown = list(islice((v for v in listed if not _empty(v)), 100))
    number = _as_numbers(listed, shown)
    if number is not None:
        return Column(name, "number", number, np.isfinite(number))
    moment = _as_moments(listed, shown)
    if moment is not None:
        return _moments(name, moment)
    codes = codes_of(listed)
    return Column(name, "category", np.where(codes < 0, np.nan, codes), codes >= 0)


def _as_numbers(listed: Sequence[Any], shown: Sequence[Any]) -> Floats | None:
    """Objects that are numbers after all (Decimal, int, float); None for anything else."""
    if not shown or any(isinstance(v, str | bytes | bool) for v in shown):
        return None
    try:
        return np.array([np.nan if _empty(v) else float(v) for v in listed], dtype=np.float64)
    except (TypeError, ValueError):
        return None


def _as_moments(listed: Sequence[Any], shown: Sequence[Any]) -> NDArray[Any] | None:
    """Dates, datetimes and ISO texts as datetime64; None for anything else."""
    if not shown or not all(_dated(v) for v in shown):
        return None
    try:
        plain = ["NaT" if _empty(v) else _iso(v) for v in listed]
        return np.array(plain, dtype="datetime64[us]")
    except ValueError:
        return None


def _dated(value: Any) -> bool:
    if isinstance(value, str):
        return _ISO.fullmatch(value) is not None
    return hasattr(value, "isoformat")


def _iso(value: Any) -> str:
    text = value if isinstance(value, str) else value.isoformat()
    return str(text).split("+")[0].removesuffix("Z")


def clock(values: Floats) -> Floats | None:
    """Times of day written HHMM as minutes after the quietest hour; None for other numbers.

    >>> clock(np.array([517.0, 2359.0, 5.0])) is None, clock(np.array([517.0, 1275.0])) is None
    (False, True)
    """
    whole = (values >= 0) & (values <= 2400) & (values == np.round(values))
    if not (whole.all() and (values % 100 < 60).all() and values.max(initial=0) > 100):
        return None
    hours = np.bincount((values // 100).astype(np.int64) % 24, minlength=24)
    minutes = values // 100 * 60 + values % 100
    return np.asarray((minutes - 60 * int(hours.argmin())) % 1440)


def _empty(value: Any) -> bool:
    if isinstance(value, str):
        return not value
    return value is None or (isinstance(value, float | np.generic) and bool(value != value))
