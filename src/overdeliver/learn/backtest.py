"""What to promise instead: quotes in time order, each with what was known then.

The promises before ``start`` are the past. From there on the learner is refitted period by period
on outcomes that had become known, quotes the period's promises one level after another, and only
then learns what came of them (prequential: Dawid 1984).
"""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from os import cpu_count

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from overdeliver.learn.book import Book, open_book
from overdeliver.learn.columns import DAY
from overdeliver.learn.instead import instead_rows
from overdeliver.learn.judge import Judged, level_result, months_kept, same_kept, same_length
from overdeliver.learn.model import (
    Choice,
    Distribution,
    choose_model,
    fit_model,
    group_codes,
)
from overdeliver.learn.readings import Reading, read_cases
from overdeliver.learn.results import Backtest, Kept
from overdeliver.measure.answers import NotEnough
from overdeliver.tables.cases import Cases
from overdeliver.vocabulary.errors import NotEnoughData

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: The levels every backtest reports.
LEVELS = (0.5, 0.8, 0.9, 0.95)
#: The share of promises, in time, that is past by default.
_PAST = 0.6
_ENOUGH = 40
_REFITS = 18
_MONTH = 365.25 / 12 * DAY


def backtest(
    cases: Cases,
    *,
    level: float = 0.9,
    start: date | None = None,
    by: Collection[str] = (),
    known: Collection[str] = (),
    progress: Callable[[float], None] | None = None,
) -> Backtest | NotEnough:
    """Quote the promises from ``start`` on as if it were then; hold the quotes against what came.

    ``start`` defaults to the day by which 60 % of the promises were made. ``by`` are columns to
    judge groups by, ``known`` columns to use against the leakage guard's advice. ``progress``
    hears the share done, 0 to 1.
    """
    if cases.lever == "service":
        return NotEnough(
            "a service class is booked, not foreseen: there is nothing to learn from time"
        )
    if "made_at" not in cases.table.columns:
        return NotEnough("no moment of promising: map made_at or placed_at to test on the past")
    reading = read_cases(cases, by, known)
    facts = reading.facts
    outcomes = int((~np.isnan(facts.actual)).sum())
    if outcomes < _ENOUGH:
        return NotEnough("too few dated promises with an outcome", have=outcomes, need=_ENOUGH)
    begin = _begin(facts.made, start)
    cut = _seconds(begin)
    book = open_book(reading.columns, facts, reading.stages, before=cut)
    past = int((facts.observed < cut).sum())
    if past < _ENOUGH:
        return NotEnough(
            "too few outcomes were known before the test began", have=past, need=_ENOUGH
        )
    choice = choose_model(book, cut)
    levels = tuple(sorted({*LEVELS, level}))
    replay = _replay(book, choice, reading, cut, max(levels), progress or (lambda share: None))
    if not len(replay.rows):
        return NotEnough(
            "no promise with a known outcome could be quoted in the test", have=0, need=1
        )
    return _judge(cases, reading, book, choice, replay, levels, level, begin)


@dataclass(frozen=True)
class _Period:
    """The promises of one period and what the learner of its first moment foresaw for them."""

    rows: Integers
    distribution: Distribution


@dataclass(frozen=True)
class _Replay:
    periods: tuple[_Period, ...]
    refits: int
    refused: int

    @property
    def rows(self) -> Integers:
        parts = [one.rows for one in self.periods]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _replay(
    book: Book,
    choice: Choice,
    reading: Reading,
    cut: float,
    highest: float,
    tell: Callable[[float], None],
) -> _Replay:
    made = book.facts.made
    judged = ~np.isnan(book.facts.actual) & (made >= cut)
    if (~np.isnan(reading.promised)).any():
        judged &= ~np.isnan(reading.promised)
    edges = _edges(cut, float(made[judged].max()) if judged.any() else cut)
    spans = [
        (first, np.flatnonzero(judged & (made >= first) & (made < last)))
        for first, last in pairwise(edges)
    ]
    spans = [(first, rows) for first, rows in spans if len(rows)]

    def foreseen(span: tuple[float, Integers]) -> Distribution | None:
        return _foreseen(book, choice, span[0], span[1], highest)

    done: list[Distribution | None] = []
    # Refits do not depend on each other: one thread each beats many threads in each.
    with threadpool_limits(1), ThreadPoolExecutor(cpu_count()) as pool:
        for found in pool.map(foreseen, spans):
            done.append(found)
            tell(len(done) / len(spans))
    periods = [_Period(rows, found) for (_, rows), found in zip(spans, done, strict=True) if found]
    refused = sum(len(rows) for (_, rows), found in zip(spans, done, strict=True) if not found)
    return _Replay(tuple(periods), len(periods), refused)


def _foreseen(
    book: Book, choice: Choice, moment: float, rows: Integers, highest: float
) -> Distribution | None:
    """What a learner of ``moment`` foresees for the rows; None where it knows too little."""
    try:
        model = fit_model(book, moment, choice)
    except NotEnoughData:
        return None
    if not model.spread.supports(highest):
        return None
    return model.distribution(book.matrix[rows], group_codes(book, choice, rows))


def _judge(
    cases: Cases,
    reading: Reading,
    book: Book,
    choice: Choice,
    replay: _Replay,
    levels: tuple[float, ...],
    level: float,
    begin: date,
) -> Backtest:
    rows = replay.rows
    groups = {name: values[rows] for name, values in reading.groups.items()}
    judged = Judged(book.facts.actual[rows], groups, _promises(book, replay))
    promised = reading.promised[rows]
    own = None
    if not np.isnan(promised).any():
        own = Kept(float((judged.actual <= promised).mean()), float(promised.mean()))
    made = book.facts.made[rows]
    return Backtest(
        start=begin,
        n=len(rows),
        own=own,
        at_same_kept=same_kept(judged, own) if own else None,
        at_same_length=same_length(judged, own) if own else None,
        levels=tuple(level_result(judged, one) for one in levels),
        refused=replay.refused,
        model=choice.model,
        because=choice.because,
        refits=replay.refits,
        months=months_kept(judged, made, level),
        instead=instead_rows(judged, promised, level, cases.unit),
        features_used=tuple(dict.fromkeys([*book.columns.names, *book.plan.calendar])),
        left_out=reading.left_out,
    )


def _promises(book: Book, replay: _Replay) -> Callable[[float], Floats]:
    """The promise made to every judged row at a level, rounded to days where days are promised."""

    def at(level: float) -> Floats:
        parts = []
        for one in replay.periods:
            deviation = one.distribution.quantiles(np.array([level]))[:, 0]
            parts.append(book.scale.back(deviation + book.level[one.rows]))
        promise = np.concatenate(parts)
        return np.maximum(np.round(promise), 0.0) if book.facts.whole else promise

    return at


def _begin(made: Floats, start: date | None) -> date:
    if start is not None:
        return start.date() if isinstance(start, datetime) else start
    return _day(float(np.quantile(made, _PAST)))


def _day(moment: float) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + int(moment // DAY))


def _seconds(day: date) -> float:
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * DAY


def _edges(first: float, last: float) -> list[float]:
    """Moments of refitting: monthly, oftener in a short test, eighteen times at most."""
    span = max(last - first, 1.0)
    step = max(min(_MONTH, span / 5), span / _REFITS, 1.0)
    return [*np.arange(first, last, step).tolist(), last + 1.0]
