"""Which columns to divide the promises by when nobody says: few levels, known before, telling."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from overdeliver.learn.leakage import guard
from overdeliver.learn.results import LeftOut
from overdeliver.measure.answers import fetch
from overdeliver.tables.cases import Cases

MOST = 4
LEVELS = range(2, 61)
_SAMPLE = 20_000
_FIRST = ("segment", "channel")  # an owner's own division comes first


@dataclass(frozen=True)
class Choice:
    """The columns to group by, strongest first, and those that give the outcome away."""

    columns: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()


def chosen(cases: Cases, n: int, *, known: Collection[str] = ()) -> Choice:
    """Up to four columns of 2 to 60 levels: segment, channel, then the features that tell most.

    ``n`` is the number of cases; about 20,000 of them, evenly spread over the lines, are looked at.
    A column tells by the share of the variance of broken or not (of the outcome, where nothing was
    promised) that lies between its levels, less what chance would give (epsilon squared, Kelley
    1935). A column the leakage guard takes for a messenger of the outcome is left out unless
    ``known``.
    """
    names = [c for c in _FIRST if c in cases.table.columns]
    names += [c for c in cases.features if _has_levels(cases.table[c].type())]
    spread = cases.table.filter(cases.table.line % max(1, n // _SAMPLE) == 0)
    names = _of_few_levels(spread, names)
    if not names:
        return Choice(())
    sample = _fetched(spread, names)
    kept, left_out = _guarded(cases, sample, names, known)
    told = _response(sample)
    strength = {c: _epsilon(_codes(sample[c]), told) for c in kept}
    features = sorted((c for c in kept if c not in _FIRST), key=lambda c: -strength[c])
    return Choice((*(c for c in _FIRST if c in kept), *features)[:MOST], left_out)


def _has_levels(kind: dt.DataType) -> bool:
    return bool(kind.is_string() or kind.is_boolean() or kind.is_integer())


def _of_few_levels(table: ir.Table, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    row = fetch(table.aggregate(**{f"d{i}": table[c].nunique() for i, c in enumerate(names)}))[0]
    return [c for i, c in enumerate(names) if row[f"d{i}"] in LEVELS]


def _fetched(table: ir.Table, names: Sequence[str]) -> pa.Table:
    """The sample in memory, settled or not, with the moments that are known."""
    needed = ["verdict", "promised", "actual"]
    needed += [c for c in ("made_at", "observed_at") if c in table.columns]
    return table.select(*dict.fromkeys([*names, *needed])).to_pyarrow()


def _guarded(
    cases: Cases, sample: pa.Table, names: Sequence[str], known: Collection[str]
) -> tuple[list[str], tuple[LeftOut, ...]]:
    columns: Mapping[str, NDArray[Any]] = {c: _array(sample[c]) for c in names}
    promised = _numbers(sample["promised"])
    usable, left_out = guard(
        columns,
        made_at=_moments(sample, "made_at"),
        observed=_moments(sample, "observed_at"),
        actual=_numbers(sample["actual"]),
        promised=promised if np.isfinite(promised).any() else None,
        keep=known,
        lever=cases.lever,
    )
    return usable, tuple(left_out)


def _array(column: pa.ChunkedArray) -> NDArray[Any]:
    if pa.types.is_string(column.type) or pa.types.is_boolean(column.type):
        return np.array(column.cast("string").to_pylist(), dtype=object)
    return _numbers(column)


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    return np.asarray(column.cast("float64").to_numpy(), dtype=np.float64)


def _moments(sample: pa.Table, name: str) -> NDArray[Any] | None:
    return sample[name].to_numpy() if name in sample.column_names else None


def _response(sample: pa.Table) -> NDArray[np.float64]:
    """1 broken, 0 kept, NaN not settled; the outcome itself where no verdict tells two apart."""
    verdict = np.array(sample["verdict"].to_pylist(), dtype=object)
    broken = np.where(np.isin(verdict, ["met", "exceeded"]), 0.0, np.nan)
    broken[verdict == "broken"] = 1.0
    return broken if len(set(broken[np.isfinite(broken)])) == 2 else _numbers(sample["actual"])


def _codes(column: pa.ChunkedArray) -> NDArray[np.int64]:
    coded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    return np.asarray(coded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def _epsilon(codes: NDArray[np.int64], values: NDArray[np.float64]) -> float:
    """The share of the variance between levels, less chance; 0 where nothing varies."""
    there = np.isfinite(values)
    codes, values = codes[there], values[there]
    counts = np.bincount(codes) if len(codes) else np.zeros(0)
    levels, n = int((counts > 0).sum()), len(values)
    if n <= levels or levels < 2 or (total := float(((values - values.mean()) ** 2).sum())) == 0:
        return 0.0
    sums = np.bincount(codes, weights=values)
    within = float((values**2).sum() - (sums[counts > 0] ** 2 / counts[counts > 0]).sum())
    return 1.0 - (within / (n - levels)) / (total / (n - 1))
