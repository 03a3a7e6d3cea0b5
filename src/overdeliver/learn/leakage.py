"""The leakage guard: which columns were known when the promise was made, and which tell the end.

A backtest with a column that was filled in afterwards shows a miracle and promises it to customers.
The guard leaves such columns out, names each with its figure, and lets the user overrule it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overdeliver.learn.leakage_columns import Column, Floats, Mask, seconds, typed
from overdeliver.learn.leakage_evidence import FEW, Known, known, separates, told
from overdeliver.learn.leakage_names import speaks_of_after
from overdeliver.learn.leakage_together import together
from overdeliver.learn.results import LeftOut
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.gap import Lever, gap

SAMPLE = 50_000
JUDGED = 20_000  # finished rows whose outcome is held against each column
LATER = 0.01  # share of moments after the promise that is no slip of a clock
TOLD, TOLD_UNINFORMED = 0.8, 0.98
PARTED, PARTED_UNINFORMED = 0.95, 0.99
SUSPECT = 0.3  # a correlation that makes a name's suspicion a reason
SUSPECT_AREA = 0.65


@dataclass(frozen=True)
class _Rows:
    """The sampled rows: when promised, what is known of the end."""

    made_at: Floats | None
    finished: Mask
    judged: Mask  # the finished rows of which facts speaks
    facts: Known | None  # None when the finished are too few to judge


def guard(
    columns: Mapping[str, NDArray[Any]],
    *,
    made_at: NDArray[Any] | None,
    observed: NDArray[Any] | None,
    actual: NDArray[Any],
    promised: NDArray[Any] | None,
    keep: Collection[str] = (),
    lever: Lever = "time",
    seed: int = 0,
) -> tuple[list[str], list[LeftOut]]:
    """The columns that may be features, in their order, and those left out with the reason.

    Parameters
    ----------
    columns : arrays of shape (n,)
        Numbers (NaN missing), moments (datetime64) or categories (strings or objects).
    made_at : moments or seconds; None where not known (then no moment may be a feature)
    observed : moments (NaT while open) or booleans; None: known where ``actual`` is
    actual, promised : numbers in one unit, NaN while open; ``promised`` None where none was made
    keep : columns the user says were known, never left out

    At most 50,000 rows are looked at, drawn with ``seed``. With fewer than 20 finished promises
    only empty, constant and identifying columns and late moments can be seen.

    >>> random = np.random.default_rng(1)
    >>> distance, slip = random.uniform(1, 9, 500), random.exponential(1, 500)
    >>> usable, left_out = guard({"distance": distance, "slip": slip}, made_at=None, observed=None,
    ...     actual=distance + slip, promised=distance + 2)
    >>> usable, [one.column for one in left_out]
    (['distance'], ['slip'])
    """
    actual = np.asarray(actual, dtype=np.float64)
    _check(columns, actual, (made_at, observed, promised))
    order = np.random.default_rng(seed).permutation(len(actual))[:SAMPLE]
    rows = _rows(order, made_at, observed, actual, promised, lever)
    judged = [_relative(typed(n, v[order]), rows) for n, v in columns.items() if n not in keep]
    why = {**_seen_at_once(judged, rows)}
    if rows.facts is not None:
        rest = [_finished(c, rows) for c in judged if c.name not in why]
        why |= _telling(rest, rows.facts)
    usable = [name for name in columns if name not in why]
    return usable, [LeftOut(name, why[name]) for name in columns if name in why]


def _check(
    columns: Mapping[str, NDArray[Any]], actual: Floats, others: Sequence[NDArray[Any] | None]
) -> None:
    named = [*columns.items(), *(("made_at, observed or promised", o) for o in others)]
    for name, values in named:
        if values is not None and np.shape(values) != actual.shape:
            raise InputError(
                f"leakage guard: {name} has shape {np.shape(values)}, the outcomes {actual.shape}"
            )


def _rows(
    order: NDArray[np.int64],
    made_at: NDArray[Any] | None,
    observed: NDArray[Any] | None,
    actual: Floats,
    promised: NDArray[Any] | None,
    lever: Lever,
) -> _Rows:
    y = actual[order]
    p = None if promised is None else np.asarray(promised, dtype=np.float64)[order]
    finished = np.isfinite(y)
    if observed is not None:
        seen = observed[order]
        finished &= seen if seen.dtype.kind == "b" else np.isfinite(seconds(seen))
    if p is not None and np.isfinite(p[finished]).mean() < 0.5:
        p = None
    judged = finished if p is None else finished & np.isfinite(p)
    judged &= np.cumsum(judged) <= JUDGED
    facts = None
    if judged.sum() >= FEW:
        mine = None if p is None else p[judged]
        facts = known(y[judged], mine, None if mine is None else gap(mine, y[judged], lever))
    made = None if made_at is None else seconds(made_at[order])
    return _Rows(made, finished, judged, facts)


def _relative(column: Column, rows: _Rows) -> Column:
    """A moment counted from the promise, for then its meaning does not depend on the calendar."""
    if column.kind != "moment" or rows.made_at is None:
        return column
    values = column.values - rows.made_at
    return replace(column, values=values, filled=np.isfinite(values))


def _finished(column: Column, rows: _Rows) -> Column:
    return replace(column, values=column.values[rows.judged], filled=column.filled[rows.judged])


def _seen_at_once(columns: Sequence[Column], rows: _Rows) -> dict[str, str]:
    """What needs no outcome to be seen: empty, constant, identifying, late, filled in later."""
    why = {}
    for column in columns:
        reason = (
            _says_nothing(column) or _names_the_row(column) or _later(column, rows)
        ) or _filled_after(column, rows)
        if reason:
            why[column.name] = reason
    return why


def _says_nothing(column: Column) -> str | None:
    if not column.filled.any():
        return "it is empty"
    if column.filled.all() and column.kind != "moment" and column.distinct == 1:
        return "it has the same value in every row"
    return None


def _names_the_row(column: Column) -> str | None:
    n = int(column.filled.sum())
    if n < FEW or column.kind == "moment" or column.distinct < 0.98 * n:
        return None
    shown = column.values[column.filled]
    if column.kind == "number":
        whole = bool((shown == np.round(shown)).all())
        dense = column.distinct == n and n >= 50 and shown.max() - shown.min() < 10 * n
        if not (whole and dense):
            return None
    return (
        "nearly every row has a value of its own: it names the order and says nothing of the next"
    )


def _later(column: Column, rows: _Rows) -> str | None:
    if column.kind != "moment":
        return None
    if rows.made_at is None:
        return "it is a moment, and when the promises were made is not known" + _known(column)
    later = float((column.values[column.filled] > 0).mean())
    if later <= LATER:
        return None
    return f"in {_percent(later)} of the rows it lies after the promise was made" + _known(column)


def _filled_after(column: Column, rows: _Rows) -> str | None:
    """Filled in where the outcome is known and empty where it is not, among orders of one time."""
    waiting = ~rows.finished
    if waiting.sum() < FEW or rows.finished.sum() < FEW:
        return None
    peers = rows.finished & _as_young(rows.made_at, waiting)
    if peers.sum() < FEW:
        peers = rows.finished
    done, still = float(column.filled[peers].mean()), float(column.filled[waiting].mean())
    if done * waiting.sum() < 10 or still > 0.2 * done:
        return None
    return (
        f"it is filled in for {_percent(done)} of the finished orders and for {_percent(still)} of"
        f" those without an outcome" + _known(column)
    )


def _as_young(made_at: Floats | None, waiting: Mask) -> Mask:
    if made_at is None or not np.isfinite(made_at[waiting]).any():
        return np.ones(len(waiting), dtype=np.bool_)
    return np.asarray(made_at >= np.nanquantile(made_at[waiting], 0.05))


def _telling(columns: Sequence[Column], facts: Known) -> dict[str, str]:
    shares = {c.name: told(c, facts) for c in columns}
    areas = {c.name: separates(c, facts) for c in columns}
    limit = TOLD if facts.informed else TOLD_UNINFORMED
    ordinary = max((s for s in shares.values() if s < limit), default=0.0)
    why: dict[str, str] = {}
    for column in columns:
        reason = _alone(shares[column.name], areas[column.name], facts, ordinary)
        if reason:
            why[column.name] = reason + _known(column)
    found = together(columns, facts, {name: shares[name] for name in why})
    by_name = {c.name: c for c in columns}
    why |= {name: text + _known(by_name[name]) for name, text in found.items() if name not in why}
    for column in columns:
        if column.name not in why:
            reason = _by_name(column, shares[column.name], areas[column.name])
            if reason:
                why[column.name] = reason + _known(column)
    return why


def _alone(share: float, area: float, facts: Known, ordinary: float) -> str | None:
    if facts.informed and share >= TOLD:
        return f"alone it tells {_percent(share)} of the outcome beyond what was promised"
    if not facts.informed and share >= TOLD_UNINFORMED and 1 - share <= (1 - ordinary) / 2:
        return (
            f"alone it tells {_percent(share)} of the outcome, the best ordinary column"
            f" {_percent(ordinary)}"
        )
    if area >= (PARTED if facts.informed else PARTED_UNINFORMED):
        return f"alone it tells broken from kept promises in {_percent(area)} of all pairs"
    return None


def _by_name(column: Column, share: float, area: float) -> str | None:
    word = speaks_of_after(column.name)
    if word is None or (share < SUSPECT**2 and area < SUSPECT_AREA):
        return None
    figure = (
        f"tells {_percent(share)} of the outcome"
        if share >= SUSPECT**2
        else f"tells broken from kept in {_percent(area)} of all pairs"
    )
    return f"its name ('{word}') speaks of what comes after the promise, and it {figure}"


def _known(column: Column) -> str:
    return f"; if it was known when you promised, pass --known {column.name}"


def _percent(share: float) -> str:
    """Rounded down below 100, so that nearly all is not told as all."""
    return f"{min(share * 100, 99.9):.1f} %" if 0.99 <= share < 1 else f"{share * 100:.0f} %"
