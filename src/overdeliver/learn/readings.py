"""From a case table to what a learner reads: columns, facts, stages, the promises as made."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import ibis.expr.datatypes as dt
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from overdeliver.learn.book import Facts
from overdeliver.learn.columns import DAY, Columns, seconds
from overdeliver.learn.leakage import guard
from overdeliver.learn.results import LeftOut
from overdeliver.tables.cases import Cases
from overdeliver.vocabulary.moments import SECONDS

Floats = NDArray[np.float64]

#: Case columns that may serve as features under their own names.
_OWN = ("segment", "channel", "customer_id", "amount", "currency")
#: How files say that a number is missing.
_MISSING = frozenset({"", "-", "?", "NA", "N/A", "n/a", "NaN", "nan", "None", "NULL", "null"})
#: The latest promises are learned from; more would cost time without telling more.
MOST = 400_000


@dataclass(frozen=True)
class Reading:
    """Arrays of one row per promise, in the order the promises were made."""

    columns: Columns
    facts: Facts
    stages: Mapping[str, Floats]
    promised: Floats  # NaN where none was made
    groups: Mapping[str, NDArray[Any]]  # the owner's group columns as given
    left_out: tuple[LeftOut, ...]


def read_cases(
    cases: Cases, by: Collection[str] = (), known: Collection[str] = (), *, most: int = MOST
) -> Reading:
    """The latest ``most`` dated promises of a case table, features past the leakage guard.

    Promises whose outcome is lost teach nothing and are left aside, and so are cancelled orders
    that never arrived, broken or not: nothing was under way any more, so there is no duration.
    """
    table = _fetch(cases, by, most)
    made = _moments(table, "made_at")
    unit = SECONDS.get(cases.unit) if cases.lever == "time" else None
    actual, promised = _numbers(table["actual"]), _numbers(table["promised"])
    observed = _observed(table, made, actual, unit)
    facts = Facts(made, observed, actual, unit, cases.granularity == "day")
    stages = {name: _moments(table, name) for name in cases.stages if name in table.column_names}
    arrays = {name: _array(table[name]) for name in _candidates(cases, table)}
    usable, left_out = guard(
        arrays,
        made_at=made.astype("datetime64[s]"),
        observed=~np.isnan(actual),
        actual=actual,
        promised=promised if (~np.isnan(promised)).any() else None,
        keep=known,
        lever=cases.lever,
    )
    columns = _columns({name: arrays[name] for name in usable}, made)
    groups = {name: _array(table[name]) for name in by if name in table.column_names}
    return Reading(columns, facts, stages, promised, groups, tuple(left_out))


def _fetch(cases: Cases, by: Collection[str], most: int) -> pa.Table:
    names = ["made_at", "observed_at", "promised", "actual", *_OWN, *cases.stages]
    names += [*cases.features, *by]
    have = [name for name in dict.fromkeys(names) if name in cases.table.columns]
    waiting = cases.table.verdict != "unknown"
    if "cancelled_at" in cases.table.columns:
        waiting = waiting & cases.table.cancelled_at.isnull()
    told = cases.table.actual.notnull() | waiting
    table = cases.table.filter(cases.table.made_at.notnull(), told)
    latest = table.order_by(table.made_at.desc()).limit(most).select(have)
    decimals = [n for n in have if isinstance(latest[n].type(), dt.Decimal)]
    fetched = latest.mutate(**{n: latest[n].cast("float64") for n in decimals}).to_pyarrow()
    return fetched.take(pa.array(np.arange(len(fetched))[::-1]))


def _candidates(cases: Cases, table: pa.Table) -> list[str]:
    own = [name for name in _OWN if name in table.column_names]
    own += [name for name in cases.features if name in table.column_names]
    return list(dict.fromkeys(own))


def _observed(table: pa.Table, made: Floats, actual: Floats, unit: float | None) -> Floats:
    """When each outcome became known: as recorded, else when it happened."""
    happened = made + actual * unit if unit else np.full(len(made), np.nan)
    found = happened
    if "observed_at" in table.column_names:
        recorded = _moments(table, "observed_at")
        found = np.where(np.isnan(recorded), happened, recorded)
    delay = (found - made)[~np.isnan(found)]
    # An outcome without a date was known late rather than early: that cannot flatter a quote.
    late = made + (float(np.quantile(delay, 0.9)) if len(delay) else 0.0)
    found = np.where(np.isnan(found), late, found)
    return np.where(np.isnan(actual), np.nan, np.maximum(found, made))


def _moments(table: pa.Table, name: str) -> Floats:
    return seconds(table[name].cast(pa.timestamp("us")).to_numpy())


def _numbers(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _array(column: pa.ChunkedArray) -> NDArray[Any]:
    """A feature as floats, moments or texts."""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return np.asarray(column.cast(pa.timestamp("us")).to_numpy())
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _numbers(column.cast(pa.int64()) if pa.types.is_boolean(kind) else column)
    if pa.types.is_decimal(kind):
        return _numbers(column)
    return _texts(np.asarray(column.cast(pa.string()).to_numpy(zero_copy_only=False), dtype=object))


def _texts(values: NDArray[Any]) -> NDArray[Any]:
    """Texts as they are; numbers where all are numbers but for words that say "missing"."""
    present = [one for one in values.tolist() if one is not None and one.strip() not in _MISSING]
    try:
        known = {one: float(one) for one in present}
    except ValueError:
        return values
    if not known:
        return values
    return np.array([known.get(one, np.nan) for one in values.tolist()], dtype=np.float64)


def _columns(arrays: Mapping[str, NDArray[Any]], made: Floats) -> Columns:
    numbers, texts = {}, {}
    for name, values in arrays.items():
        if values.dtype.kind == "O":
            texts[name] = values
        elif values.dtype.kind == "M":
            numbers[name] = (made - seconds(values)) / DAY
        else:
            numbers[name] = values.astype(np.float64)
    return Columns(numbers, texts, len(made))
