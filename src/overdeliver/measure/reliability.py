"""Were promises kept? Overall, by group, and against the level that was promised.

A group is flagged only when it is large enough and its difference from the rest survives the
number of groups looked at (Fisher's exact test, Benjamini-Hochberg over the groups).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import ibis.expr.types as ir

from overdeliver.measure.answers import require
from overdeliver.measure.intervals import (
    Interval,
    Rate,
    benjamini_hochberg,
    binomial_test,
    fisher_test,
    mean_interval,
    rate,
)
from overdeliver.measure.minimum import minimum_outcomes
from overdeliver.measure.tallies import Tally, tally

Flag = Literal["worse", "better"]


@dataclass(frozen=True)
class Outcomes:
    """All promises together: the five verdicts, how many were kept, what was said and done.

    ``first`` and ``last`` are moments of promising; the means are in the promise's unit, over the
    settled promises whose outcome was observed.
    """

    broken: int
    met: int
    exceeded: int
    open: int
    unknown: int
    kept: Rate | None
    promised_mean: float | None
    actual_mean: float | None
    gap_mean: float | None
    gap: Interval | None
    first: datetime | None
    last: datetime | None

    @property
    def n(self) -> int:
        """Settled promises."""
        return self.broken + self.met + self.exceeded


@dataclass(frozen=True)
class GroupReliability:
    """How one group of promises fared; ``kept`` is None below ``needed`` settled promises."""

    key: Mapping[str, Any]
    n: int
    broken: int
    met: int
    exceeded: int
    open: int
    unknown: int
    kept: Rate | None
    gap_mean: float | None
    gap: Interval | None
    promised_mean: float | None
    actual_mean: float | None
    flag: Flag | None
    enough: bool
    needed: int


@dataclass(frozen=True)
class LevelKept:
    """What a group was promised (``said``, for example 0.9) against what was kept.

    ``flag`` is "worse" when fewer were kept than said, "better" when more, beyond chance.
    """

    key: Mapping[str, Any]
    said: float
    n: int
    kept: Rate | None
    flag: Flag | None
    enough: bool
    needed: int


def outcomes(cases: ir.Table) -> Outcomes:
    """Count the verdicts of all cases and say how many promises were kept.

    >>> import ibis
    >>> two = ibis.memtable({"verdict": ["met", "broken"], "gap": [0.0, -2.0],
    ...                      "promised": [3.0, 3.0], "actual": [3.0, 5.0]})
    >>> found = outcomes(two)
    >>> found.n, found.kept.rate, found.actual_mean
    (2, 0.5, 4.0)
    """
    return outcomes_of(tally(cases)[0])


def outcomes_of(total: Tally) -> Outcomes:
    """The same from a tally already taken."""
    return Outcomes(
        broken=total.broken,
        met=total.met,
        exceeded=total.exceeded,
        open=total.open,
        unknown=total.unknown,
        kept=rate(total.kept, total.n),
        promised_mean=total.promised_mean,
        actual_mean=total.actual_mean,
        gap_mean=total.gap_mean,
        gap=mean_interval(total.gap_mean, total.gap_std, total.observed),
        first=total.first,
        last=total.last,
    )


def reliability(
    cases: ir.Table, by: Sequence[str], *, minimum: int = 20, said: float | None = None
) -> list[GroupReliability]:
    """How each group of promises fared, largest first; a NULL group is kept, its key is None.

    The flag compares a group with all the others; with ``said`` (a level such as 0.9) it compares
    with that instead. Below ``minimum`` settled promises there is neither rate nor flag.
    Raises MissingField for a column that is not there.

    >>> import ibis
    >>> verdicts = ["met"] * 30 + ["broken"] * 20
    >>> cases = ibis.memtable({"verdict": verdicts, "gap": [0.0] * 30 + [-1.0] * 20,
    ...     "promised": [3.0] * 50, "actual": [3.0] * 30 + [4.0] * 20,
    ...     "team": ["north"] * 30 + ["south"] * 20})
    >>> [(g.key["team"], g.n, g.kept.rate, g.flag) for g in reliability(cases, ["team"])]
    [('north', 30, 1.0, 'better'), ('south', 20, 0.0, 'worse')]
    """
    return reliability_of(tally(cases, by), minimum=minimum, said=said)


def reliability_of(
    tallies: Sequence[Tally], *, minimum: int = 20, said: float | None = None
) -> list[GroupReliability]:
    """The same from tallies already taken."""
    needed = _needed(minimum, said)
    flags = _flags(tallies, needed, [said] * len(tallies))
    return [_group(t, flag, needed) for t, flag in zip(tallies, flags, strict=True)]


def calibration(
    cases: ir.Table,
    level_column: str | None = None,
    *,
    said: float | None = None,
    by: Sequence[str] = (),
    minimum: int = 20,
) -> list[LevelKept]:
    """Promised level against kept share, per level and group: "promised 90 %, kept 84 %".

    Either ``level_column`` holds each promise's level (rows without one are left out) or ``said``
    is the level of all; else ValueError. Flags by the exact binomial test, honest over all groups.

    >>> import ibis
    >>> cases = ibis.memtable({"verdict": ["met"] * 60 + ["broken"] * 40, "gap": [0.0] * 100,
    ...     "promised": [3.0] * 100, "actual": [3.0] * 100})
    >>> [(c.said, c.kept.rate, c.flag) for c in calibration(cases, said=0.9)]
    [(0.9, 0.6, 'worse')]
    """
    if (level_column is None) == (said is None):
        raise ValueError("calibration needs either a column of levels or one level for all")
    columns = list(by)
    if level_column is not None:
        require(cases, [level_column])
        cases = cases.filter(cases[level_column].notnull())
        columns.append(level_column)
    tallies = tally(cases, columns)
    levels = [float(t.key[level_column]) if level_column else float(said or 0) for t in tallies]
    needs = [_needed(minimum, level) for level in levels]
    flags = _flags(tallies, max(needs, default=minimum), levels)
    return [
        _level_kept(t, level, flag, need)
        for t, level, flag, need in zip(tallies, levels, flags, needs, strict=True)
    ]


def with_calendar(cases: ir.Table) -> ir.Table:
    """Add ``weekday`` (1 = Monday to 7 = Sunday) and ``month`` (its first day) of ``made_at``.

    >>> import ibis
    >>> from datetime import datetime
    >>> one = with_calendar(ibis.memtable({"made_at": [datetime(2018, 4, 30, 9)]}))
    >>> one.select("weekday", "month").to_pyarrow().to_pylist()
    [{'weekday': 1, 'month': datetime.date(2018, 4, 1)}]
    """
    require(cases, ["made_at"])
    return cases.mutate(
        weekday=(cases.made_at.day_of_week.index() + 1).cast("int64"),
        month=cases.made_at.truncate("M").date(),
    )


def _needed(minimum: int, said: float | None) -> int:
    return minimum if said is None else max(minimum, minimum_outcomes(said))


def _flags(
    tallies: Sequence[Tally], needed: int, said: Sequence[float | None]
) -> list[Flag | None]:
    """Worse, better or nothing, honest about how many groups were looked at."""
    kept, n = sum(t.kept for t in tallies), sum(t.n for t in tallies)
    judged: list[tuple[int, float, bool]] = []  # which group, its p-value, whether below
    for i, (t, level) in enumerate(zip(tallies, said, strict=True)):
        rest = n - t.n
        if t.n < needed or (level is None and rest == 0):
            continue
        if level is None:
            p = fisher_test(t.kept, t.n, kept - t.kept, rest)
            below = t.kept * rest < (kept - t.kept) * t.n
        else:
            p, below = binomial_test(t.kept, t.n, level), t.kept < level * t.n
        judged.append((i, p, below))
    flags: list[Flag | None] = [None] * len(tallies)
    stands = benjamini_hochberg([p for _, p, _ in judged])
    for (i, _, below), stand in zip(judged, stands, strict=True):
        if stand:
            flags[i] = "worse" if below else "better"
    return flags


def _group(t: Tally, flag: Flag | None, needed: int) -> GroupReliability:
    enough = t.n >= needed
    return GroupReliability(
        key=t.key,
        n=t.n,
        broken=t.broken,
        met=t.met,
        exceeded=t.exceeded,
        open=t.open,
        unknown=t.unknown,
        kept=rate(t.kept, t.n) if enough else None,
        gap_mean=t.gap_mean,
        gap=mean_interval(t.gap_mean, t.gap_std, t.observed),
        promised_mean=t.promised_mean,
        actual_mean=t.actual_mean,
        flag=flag,
        enough=enough,
        needed=needed,
    )


def _level_kept(t: Tally, said: float, flag: Flag | None, needed: int) -> LevelKept:
    enough = t.n >= needed
    kept = rate(t.kept, t.n) if enough else None
    return LevelKept(t.key, said, t.n, kept, flag, enough, needed)
