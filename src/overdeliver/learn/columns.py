"""Any data frame as columns of numbers and categories, with moments as seconds."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from overdeliver.vocabulary.errors import InputError

Floats = NDArray[np.float64]
Texts = NDArray[np.object_]

DAY = 86_400.0


@dataclass(frozen=True)
class Columns:
    """Features by name: floats with NaN where missing, or texts with None where missing."""

    numbers: Mapping[str, Floats]
    texts: Mapping[str, Texts]
    rows: int

    @property
    def names(self) -> list[str]:
        return [*self.numbers, *self.texts]

    def take(self, rows: NDArray[Any]) -> "Columns":
        """The same columns at these rows."""
        return Columns(
            {name: values[rows] for name, values in self.numbers.items()},
            {name: values[rows] for name, values in self.texts.items()},
            len(np.arange(self.rows)[rows]),
        )


def read_columns(frame: Any, made_at: Floats | None = None) -> Columns:
    """Columns of a data frame, or of a two-dimensional array (named x0, x1, ...).

    pandas, Polars, PyArrow, DuckDB relations and anything else narwhals knows come in. Numbers and
    booleans become floats, durations become days, moments become days before ``made_at`` (left out
    without it), everything else becomes text. Raises InputError for what is not a table.
    """
    if isinstance(frame, np.ndarray):
        return _from_array(frame)
    numbers: dict[str, Floats] = {}
    texts: dict[str, Texts] = {}
    for name, series in _series(frame):
        kind = series.dtype
        if kind.is_numeric() or kind == nw.Boolean:
            numbers[name] = _floats(series)
        elif kind == nw.Duration:
            numbers[name] = _floats(series.dt.total_seconds()) / DAY
        elif kind in (nw.Datetime, nw.Date):
            if made_at is not None:
                numbers[name] = (made_at - seconds(series)) / DAY
        else:
            values = series.to_numpy().astype(object)
            missing = series.is_null().to_numpy()
            texts[name] = _texts(values, missing)
    rows = len(next(iter({**numbers, **texts}.values()), ()))
    return Columns(numbers, texts, rows)


def seconds(moments: Any) -> Floats:
    """Moments (a series, list or array of datetimes, or seconds already) as seconds since 1970.

    Naive moments are wall-clock time and are taken as they are; NaN where missing.

    >>> seconds(np.array(["1970-01-02", "NaT"], "datetime64[s]"))
    array([86400.,    nan])
    """
    if hasattr(moments, "to_numpy"):
        moments = moments.to_numpy()
    array = np.asarray(moments)
    if array.ndim == 0:
        return seconds(array[None])[0]  # type: ignore[no-any-return]
    if array.dtype.kind in "fiu":
        return array.astype(np.float64)
    if array.dtype.kind != "M":
        array = np.array(
            [np.datetime64("NaT") if one is None or one != one else _naive(one) for one in array],
            dtype="datetime64[us]",
        )
    micros = array.astype("datetime64[us]")
    return np.where(np.isnat(micros), np.nan, micros.astype(np.int64) / 1e6)


def _naive(moment: Any) -> np.datetime64:
    """A Python, pandas or text moment without its zone (UTC if it had one)."""
    if getattr(moment, "tzinfo", None) is not None:
        from datetime import UTC

        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(moment)


def _floats(series: Any) -> Floats:
    """Numbers with NaN where missing, whatever the frame's own missing value is."""
    values = series.cast(nw.Float64).to_numpy()
    if values.dtype != object:
        return np.asarray(values, dtype=np.float64)
    return np.where(series.is_null().to_numpy(), np.nan, values).astype(np.float64)


def _series(frame: Any) -> list[tuple[str, Any]]:
    try:
        native = nw.from_native(frame)
    except TypeError as error:
        if not hasattr(frame, "__arrow_c_stream__"):
            raise InputError(
                f"features must come as a data frame, got {type(frame).__name__}"
            ) from error
        import pyarrow as pa

        native = nw.from_native(pa.table(frame))
    if isinstance(native, nw.LazyFrame):
        native = native.collect()
    found = [(str(series.name), series) for series in native.iter_columns()]
    twice = [name for name, count in Counter(name for name, _ in found).items() if count > 1]
    if twice:
        raise InputError(f"column {twice[0]!r} comes twice: give each column its own name")
    return found


def _texts(values: Texts, missing: NDArray[np.bool_]) -> Texts:
    out = values.copy()
    out[missing] = None
    odd = next((one for one in out.tolist() if isinstance(one, dict | list | set)), None)
    if odd is not None:
        raise TypeError(f"argument must be a string or a number, got {type(odd).__name__}")
    return out


def _from_array(array: NDArray[Any]) -> Columns:
    if array.ndim != 2:
        raise InputError(
            f"features must be a table of rows and columns, got {array.ndim} dimensions"
        )
    if array.dtype.kind in "OUS":
        numbers: dict[str, Floats] = {}
        texts: dict[str, Texts] = {}
        for position in range(array.shape[1]):
            column = array[:, position]
            try:
                numbers[f"x{position}"] = column.astype(np.float64)
            except (TypeError, ValueError):
                values = column.astype(object)
                texts[f"x{position}"] = _texts(
                    values, np.array([v is None or v != v for v in values])
                )
        return Columns(numbers, texts, len(array))
    values = array.astype(np.float64)
    return Columns({f"x{i}": values[:, i] for i in range(values.shape[1])}, {}, len(values))
