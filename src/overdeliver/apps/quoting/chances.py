"""The published models' own chance that promises still open will be kept: one look per service."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from overdeliver.apps.promises.reads import OpenCase
from overdeliver.apps.quoting.rules.chance import still_kept
from overdeliver.apps.quoting.serving import Learned, Serving, serving, typed, wall_seconds
from overdeliver.vocabulary.errors import InputError, NotFound
from overdeliver.vocabulary.moments import SECONDS, days_between

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Chance:
    """How many of all cases like one promise are kept, and the model that says so."""

    share: float
    service: str  # its slug
    name: str
    version: int
    outcomes: int  # the model has learned from


def chances(cases: Iterable[OpenCase], now: datetime) -> dict[str, Chance]:
    """Chances by the promise's reference; left out where no published model supports one.

    Of promises of time as they were first made: a model learns nothing about revisions.
    """
    by_service: dict[str, list[OpenCase]] = defaultdict(list)
    for case in cases:
        if case.lever == "time" and not case.revised:
            by_service[case.service].append(case)
    found: dict[str, Chance] = {}
    for slug, of_one in by_service.items():
        found |= _of_service(slug, of_one, now)
    return found


def _of_service(slug: str, cases: Sequence[OpenCase], now: datetime) -> dict[str, Chance]:
    try:
        of = serving(slug)
    except NotFound:
        return {}
    learned = of.learned
    level = of.policy.level_of(slug)
    if learned is None or not learned.promise.supports(level):
        return {}
    asked = [(case, given) for case in cases if (given := _known(case, of, learned)) is not None]
    if not asked:
        return {}
    outcomes = int(learned.promise.n_outcomes_)
    shares = _shares(of, learned, asked, now)
    kept = [still_kept(by_promised, by_now, outcomes) for by_promised, by_now in shares]
    return {
        case.reference: Chance(share, slug, of.service.name, learned.version, outcomes)
        for (case, _), share in zip(asked, kept, strict=True)
        if share is not None
    }


def _known(case: OpenCase, of: Serving, learned: Learned) -> dict[str, Any] | None:
    """The features of a case as the model knows them; None where it cannot speak of the case."""
    dates = of.service.whole and of.service.unit in ("days", "weeks")
    if case.unit != of.service.unit or case.whole != dates:
        return None
    try:
        return typed(case.features, learned.schema)
    except InputError:
        return None


def _shares(
    of: Serving, learned: Learned, asked: Sequence[tuple[OpenCase, dict[str, Any]]], now: datetime
) -> list[tuple[float, float]]:
    """The shares of cases like each that come by the moment promised, and had come by now."""
    frame = _frame(learned, [given for _, given in asked])
    made = np.array([wall_seconds(case.made_at, of.zone) for case, _ in asked])
    promised = np.array([case.promised for case, _ in asked])
    passed = np.array([_passed(case, now, of.zone) for case, _ in asked])
    level_of = learned.promise.level_of
    by_promised = level_of(frame, promised, made_at=made)
    by_now = np.where(passed > 0, level_of(frame, np.maximum(passed, 0.0), made_at=made), 0.0)
    return list(zip(by_promised.tolist(), by_now.tolist(), strict=True))


def _passed(case: OpenCase, now: datetime, zone: str) -> float:
    """How long nothing has come: to this moment; of dates, to the end of yesterday."""
    if case.whole:
        days = SECONDS[case.unit] // 86_400
        return (days_between(case.made_at, now, zone) - 1) / days
    return (now - case.made_at).total_seconds() / SECONDS[case.unit]


def _frame(learned: Learned, given: Sequence[dict[str, Any]]) -> pa.Table:
    """The cases as the columns that were learned; empty where nothing is known."""
    columns = {}
    for name in map(str, learned.promise.feature_names_in_):
        number = learned.schema.get(name) == "number"
        values = [one.get(name) for one in given]
        columns[name] = pa.array(values, pa.float64() if number else pa.string())
    return pa.table(columns)
