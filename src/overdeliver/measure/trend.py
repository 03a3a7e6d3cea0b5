"""Were promises kept better or worse as time went: the share kept, week by week or coarser.

A period speaks of the promises made in it. Its share is left out where too few have an outcome,
and where too many are still open: what is kept is known before what is broken, so that the last
weeks would always look better than they are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import fsum
from typing import Any, Literal

import ibis
import ibis.expr.types as ir

from overdeliver.measure.answers import fetch, require
from overdeliver.measure.intervals import Rate, rate
from overdeliver.vocabulary.gap import SETTLED

Step = Literal["week", "month", "quarter", "year"]

STEPS: tuple[Step, ...] = ("week", "month", "quarter", "year")
#: More of its promises than this share still open, and a period is not known yet.
OPEN = 0.05
#: The calendar has no period after its last year.
_END = date(9999, 1, 1)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Period:
    """The promises made between two days, both included.

    ``said`` is the mean of the levels they named, None where fewer than half named one.
    """

    first: date
    last: date
    n: int  # with an outcome
    open: int
    kept: Rate | None
    said: float | None


@dataclass(frozen=True)
class Trend:
    """Periods without a gap between them, the earliest first."""

    step: Step
    needed: int
    periods: Sequence[Period]

    @property
    def known(self) -> int:
        """Periods that have a share."""
        return sum(one.kept is not None for one in self.periods)

    @property
    def share_known(self) -> float:
        """How much of the time has a share."""
        return self.known / len(self.periods)


def trend(
    cases: ir.Table, *, minimum: int = 20, most: int = 30, hurried: bool = True
) -> Trend | None:
    """The share kept over time, in the finest step that gives at most so many periods.

    A coarser step is taken where most periods of the finer one are not known, if it has two that
    are. ``hurried``: good outcomes are known before bad ones, as those of time are. None: no
    promise has a moment.
    Raises MissingField for a column that is not there.

    >>> from datetime import datetime
    >>> made = [datetime(2026, 3, 2 + week * 7) for week in range(3) for _ in range(20)]
    >>> verdicts = ["met"] * 50 + ["broken"] * 10
    >>> found = trend(ibis.memtable({"made_at": made, "verdict": verdicts}))
    >>> found.step, [one.kept.rate for one in found.periods]
    ('week', [1.0, 1.0, 0.5])
    """
    days = _days(cases)
    if not days:
        return None
    laid = [_laid(days, step, minimum, hurried) for step in STEPS]
    fitting = [one for one in laid if len(one.periods) <= most] or laid[-1:]
    told = [one for one in fitting if one.known > 1]
    dense = (one for one in told if one.share_known >= 0.5)
    return next(dense, max(told or fitting[:1], key=lambda one: one.share_known))


def _days(cases: ir.Table) -> list[dict[str, Any]]:
    """What was promised on each day, of each level, and what came of it: whole numbers."""
    require(cases, ["made_at", "verdict"])
    settled = cases.verdict.isin(list(SETTLED))
    figures = {
        "n": settled.sum(),
        "kept": cases.verdict.isin(["met", "exceeded"]).sum(),
        "open": (cases.verdict == "open").sum(),
    }
    level = cases.level if "level" in cases.columns else ibis.null("float64")
    keys = {"day": cases.made_at.date(), "level": level}
    rows = fetch(cases.group_by(**keys).aggregate(**figures))
    told = (row for row in rows if row["day"] is not None and row["day"] < _END)
    return sorted(told, key=lambda row: (row["day"], row["level"] or 0.0))


def _laid(days: Iterable[dict[str, Any]], step: Step, minimum: int, hurried: bool) -> Trend:
    """The days gathered into periods of one step, those without a promise among them."""
    sums: dict[date, Counter[str]] = defaultdict(Counter)
    levels: dict[date, list[float]] = defaultdict(list)
    for row in days:
        first = _begins(row["day"], step)
        said = row["n"] if row["level"] is not None else 0
        sums[first].update(n=row["n"], kept=row["kept"], open=row["open"], said=said)
        levels[first].append(said * (row["level"] or 0.0))
    first, end = min(sums), max(sums)
    periods = []
    while first <= end:
        following = _following(first, step)
        last, of = following - timedelta(days=1), sums[first]
        periods.append(_period(first, last, of, fsum(levels[first]), minimum, hurried))
        first = following
    return Trend(step, minimum, periods)


def _period(
    first: date, last: date, of: Counter[str], levels: float, minimum: int, hurried: bool
) -> Period:
    n, still, said = of["n"], of["open"], of["said"]
    known = n >= minimum and not (hurried and still > OPEN * (n + still))
    mean = levels / said if said and said * 2 >= n else None
    return Period(first, last, n, still, rate(of["kept"], n) if known else None, mean)


def _begins(day: date, step: Step) -> date:
    """The first day of the period a day lies in; weeks begin on Monday.

    >>> [str(_begins(date(2026, 8, 20), step)) for step in STEPS]
    ['2026-08-17', '2026-08-01', '2026-07-01', '2026-01-01']
    """
    if step == "week":
        return day - timedelta(days=day.weekday())
    months = _MONTHS[step]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _following(first: date, step: Step) -> date:
    if step == "week":
        return first + timedelta(days=7)
    month = first.month - 1 + _MONTHS[step]
    return date(first.year + month // 12, month % 12 + 1, 1)
