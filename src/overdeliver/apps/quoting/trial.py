"""One service's past, tried honestly: what a model would have kept on promises it had not seen.

Two ways, both in time order. From 40 outcomes on `learn.backtest` plays the past again with refits.
Below that one model is learned from what was known when the last part began, and that part is
judged, if the model supports the level at all.
"""

import math
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from overdeliver.learn.backtest import LEVELS, backtest
from overdeliver.learn.instead import middle_eight
from overdeliver.learn.promise import PromiseCostRegressor, PromiseTimeRegressor
from overdeliver.learn.promise_file import Promise
from overdeliver.learn.readings import Reading, read_cases
from overdeliver.learn.results import Backtest
from overdeliver.measure.answers import NotEnough
from overdeliver.measure.calibration import pinball
from overdeliver.measure.intervals import wilson
from overdeliver.measure.minimum import minimum_outcomes
from overdeliver.tables.cases import Cases
from overdeliver.vocabulary.errors import InputError, NotEnoughData

Floats = NDArray[np.float64]

#: The share of promises, in time, that one model of a small past is judged on.
_LAST = 0.4
#: Outcomes kept for the margin solver; more are thinned to this many quantiles.
_KEPT = 400
#: With fewer common promises two models are not compared.
_COMMON = 20


def features_of(reading: Reading) -> pa.Table:
    """What the learner may use, as a table; without any column one that says nothing."""
    columns = {**reading.columns.numbers, **reading.columns.texts}
    if not columns:
        return pa.table({"nothing": np.zeros(reading.columns.rows)})
    return pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})


def learn(cases: Cases, reading: Reading, level: float, *, as_of: float | None = None) -> Promise:
    """The estimator of a service, learned from everything known at ``as_of`` (wall-clock seconds).

    NotEnoughData: no outcome is known, or none old enough to be fair.
    """
    facts = reading.facts
    model: Promise
    if cases.lever == "time":
        model = PromiseTimeRegressor(level=level, unit=cases.unit, whole=facts.whole)
    else:
        model = PromiseCostRegressor(level=level)
    try:
        return model.fit(
            features_of(reading),
            facts.actual,
            made_at=facts.made,
            observed_at=facts.observed,
            as_of=None if as_of is None else np.datetime64(int(as_of * 1e6), "us"),
            stages=reading.stages,
        )
    except ValueError as error:
        raise InputError(f"learning: {error}") from None


def tried(
    cases: Cases,
    reading: Reading,
    level: float,
    *,
    by: tuple[str, ...] = (),
    progress: Callable[[float], None] | None = None,
) -> dict[str, Any]:
    """Everything the honest trial found, as JSON values; ``levels`` is empty without one."""
    found = backtest(cases, level=level, by=by, progress=progress)
    if isinstance(found, Backtest):
        return _of_backtest(found)
    return _of_one(cases, reading, level, found)


def figures_of(model: Promise, cases: Cases, reading: Reading, level: float) -> dict[str, Any]:
    """What a page wants to know of a fitted model besides its trial."""
    known = reading.facts.actual[~np.isnan(reading.facts.actual)]
    low, high = middle_eight(known)
    plan = model.quoter_.live.plan
    named = {name: "text" for one in plan.entities for name in one.entity}
    return {
        "lever": cases.lever,
        "unit": cases.unit,
        "whole": reading.facts.whole,
        "outcomes": len(known),
        "needed": minimum_outcomes(level),
        "supports": bool(model.supports(level)),
        "usual": [low, high],
        "spread": _thinned(known),
        "schema": named | dict.fromkeys((n for n in plan.numbers if n != "nothing"), "number"),
        "values": _values(reading, named),
        "left_out": [asdict(one) for one in reading.left_out],
        "at": float(model.quoter_.at),
    }


def compared(
    cases: Cases, reading: Reading, published: Promise, level: float
) -> tuple[float, float] | None:
    """Pinball losses of a fresh model and the published one on promises unseen by both.

    The fresh one learns what was known when the last fifth of the promises began. None where fewer
    than 20 such promises were made since the published model was learned.
    """
    facts = reading.facts
    settled = np.flatnonzero(~np.isnan(facts.actual))
    if len(settled) < 2 * _COMMON:
        return None
    cut = max(float(np.quantile(facts.made[settled], 0.8)), float(published.quoter_.at))
    rows = settled[facts.made[settled] >= cut]
    if len(rows) < _COMMON:
        return None
    try:
        fresh = learn(cases, reading, level, as_of=cut)
        made = facts.made[rows]
        table = features_of(reading).take(pa.array(rows))
        losses = [
            pinball(facts.actual[rows], model.predict(table, level, made_at=made), level)
            for model in (fresh, published)
        ]
    except (NotEnoughData, InputError, ValueError):
        return None  # other columns than then: nothing to compare
    first, second = losses
    return None if first is None or second is None else (first, second)


def _of_backtest(found: Backtest) -> dict[str, Any]:
    figures: dict[str, Any] = _plain(
        {
            "way": "refits",
            "from": found.start.isoformat(),
            "n": found.n,
            "own": found.own and asdict(found.own),
            "at_same_kept": found.at_same_kept and asdict(found.at_same_kept),
            "at_same_length": found.at_same_length and asdict(found.at_same_length),
            "levels": [asdict(one) for one in found.levels],
            "months": [asdict(one) for one in found.months],
            "instead": [asdict(one) for one in found.instead],
            "refused": found.refused,
            "refits": found.refits,
            "model": found.model,
            "because": found.because,
            "features": list(found.features_used),
        }
    )
    return figures


def _of_one(cases: Cases, reading: Reading, level: float, why: NotEnough) -> dict[str, Any]:
    facts = reading.facts
    empty: dict[str, Any] = {"way": "none", "n": 0, "levels": [], "not_enough": why.reason}
    if len(facts.made) < 2:
        return empty
    cut = float(np.quantile(facts.made, 1 - _LAST))
    rows = np.flatnonzero((facts.made >= cut) & ~np.isnan(facts.actual))
    try:
        model = learn(cases, reading, level, as_of=cut)
    except (NotEnoughData, InputError):
        return empty
    if not len(rows) or not model.supports(level):
        return empty
    asked = sorted({one for one in (*LEVELS, level) if model.supports(one)})
    table = features_of(reading).take(pa.array(rows))
    promises = model.predict(table, asked, made_at=facts.made[rows])
    actual, own = facts.actual[rows], reading.promised[rows]
    levels = [_level(one, actual, promises[:, i]) for i, one in enumerate(asked)]
    stated = not np.isnan(own).any()
    figures: dict[str, Any] = _plain(
        {
            "way": "one",
            "from": datetime.fromtimestamp(cut, UTC).date().isoformat(),
            "n": len(rows),
            "own": {"kept": (actual <= own).mean(), "promised_mean": own.mean()}
            if stated
            else None,
            "levels": levels,
            "model": model.choice_.model,
            "because": model.choice_.because,
        }
    )
    return figures


def _level(level: float, actual: Floats, promise: Floats) -> dict[str, Any]:
    kept = int((actual <= promise).sum())
    bounds = wilson(kept, len(actual))
    return {
        "level": level,
        "kept": kept / len(actual),
        "low": bounds.low,
        "high": bounds.high,
        "promised_mean": float(promise.mean()),
        "pinball": pinball(actual, promise, level),
        "worst_group": None,
    }


def _thinned(known: Floats) -> list[float]:
    """The outcomes, or so many quantiles of them, each of equal weight."""
    if len(known) <= _KEPT:
        return [float(one) for one in np.sort(known)]
    shares = (np.arange(_KEPT) + 0.5) / _KEPT
    return [float(one) for one in np.quantile(known, shares, method="inverted_cdf")]


def _values(reading: Reading, named: dict[str, str]) -> dict[str, list[str]]:
    """The most frequent values of each named feature, for a form to offer."""
    found: dict[str, list[str]] = {}
    for name in named:
        column = reading.columns.texts.get(name)
        if column is None:
            continue
        values, counts = np.unique(
            np.array([v for v in column if v], dtype=str), return_counts=True
        )
        found[name] = [str(one) for one in values[np.argsort(-counts)][:50]]
    return found


def _plain(value: Any) -> Any:
    """Numbers as JSON holds them: no NaN, no numpy."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def readings_of(cases: Cases) -> Reading:
    """The learner's view of a service's cases: past the leakage guard, customers left out.

    A customer's number is no feature: the model would keep it, and erasing would not reach it.
    """
    return read_cases(cases)
