"""Which lever to pull: whose gaps move the score, or the return of customers, most."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import ibis
import ibis.expr.types as ir

from overdeliver.measure.answers import NotEnough, fetch, require
from overdeliver.measure.intervals import Interval, correlation_interval, wilson
from overdeliver.measure.repeat import with_repeat

Outcome = Literal["score", "repeat"]


@dataclass(frozen=True)
class LeverEffect:
    """By how many standard deviations the outcome moves with one of the lever's gap.

    The gap enters as the root of its size with its sign, for the tenth day matters less than the
    first; that makes the effect a correlation between -1 and 1 that no change of unit alters.
    """

    lever: str
    effect: float
    low: float
    high: float
    n: int
    outcome: Outcome


@dataclass(frozen=True)
class SecondLever:
    """A lever over-delivered although another one carries the promise."""

    lever: str
    main: str
    exceeded: Interval
    n: int
    message: str


def advise(
    cases: ir.Table | Mapping[str, ir.Table], *, outcome: Outcome = "score", minimum: int = 100
) -> list[LeverEffect] | NotEnough:
    """Levers ranked by the strength of their effect, strongest first, each with its interval.

    ``cases`` is one table with a column ``lever`` or one table per lever. NotEnough when no lever
    has ``minimum`` cases with gap and outcome, or when the interval of every lever holds zero.
    Correlation with Fisher's interval; it says what moves together, not yet what causes what.

    >>> scores = [2.0, 4.0] * 59 + [3.0, 3.0]
    >>> rows = {"lever": ["time"] * 120, "gap": [-1.0, 1.0] * 60, "score": scores}
    >>> [(e.lever, round(e.effect, 2), e.n) for e in advise(ibis.memtable(rows))]
    [('time', 0.99, 120)]
    """
    rows = [row for table in _parts(cases) for row in fetch(_effect_query(*table, outcome))]
    most = max((row["n"] for row in rows), default=0)
    effects = [e for row in rows if row["n"] >= minimum and (e := _effect(row, outcome))]
    if not effects:
        return NotEnough(
            f"at most {most} cases of one lever have a gap and a {outcome}, {minimum} are needed",
            most,
            minimum,
        )
    if all(e.low <= 0 <= e.high for e in effects):
        return NotEnough(f"no lever moves the {outcome} beyond chance in these {most} cases", most)
    return sorted(effects, key=lambda e: (-abs(e.effect), e.lever))


def second_lever_warning(
    cases: ir.Table | Mapping[str, ir.Table],
    main: str,
    *,
    share: float = 0.5,
    minimum: int = 20,
) -> list[SecondLever]:
    """Levers besides ``main`` whose promises are beaten more often than not, beyond chance.

    One lever is exceeded on purpose, the others are kept. A second one is named when the low end of
    Wilson's interval of its exceeded share lies above ``share`` with at least ``minimum`` settled.

    >>> rows = {"lever": ["cost"] * 40, "verdict": ["exceeded"] * 38 + ["met"] * 2}
    >>> [w.lever for w in second_lever_warning(ibis.memtable(rows), main="time")]
    ['cost']
    """
    found = []
    rows = [row for part in _parts(cases) for row in fetch(_exceeded_query(*part))]
    for row in sorted(rows, key=lambda row: str(row["lever"])):
        if row["lever"] == main or row["n"] < minimum:
            continue
        bounds = wilson(row["exceeded"], row["n"])
        if bounds.low > share:
            found.append(_second(row, main, bounds))
    return found


def _parts(cases: ir.Table | Mapping[str, ir.Table]) -> list[tuple[ir.Table, str | None]]:
    """The tables to ask, each with its lever's name unless a column says it."""
    if isinstance(cases, Mapping):
        return [(table, lever) for lever, table in cases.items()]
    require(cases, ["lever"])
    return [(cases, None)]


def _named(table: ir.Table, lever: str | None) -> ir.Table:
    return table if lever is None else table.mutate(lever=ibis.literal(lever))


def _effect_query(table: ir.Table, lever: str | None, outcome: Outcome) -> ir.Table:
    if outcome == "repeat":
        table = with_repeat(table)
        table = table.mutate(outcome_=table["repeat"].cast("int64").cast("float64"))
    else:
        require(table, ["gap", "score"])
        table = table.mutate(outcome_=table.score)
    table = _named(table, lever).mutate(size_=table.gap.sign() * table.gap.abs().sqrt())
    table = table.filter(table.size_.notnull() & table.outcome_.notnull())
    return table.group_by("lever").aggregate(
        n=table.count(),
        together=table.size_.cov(table.outcome_, how="sample"),  # the engines share no corr()
        gap_std=table.size_.std(how="sample"),
        outcome_std=table.outcome_.std(how="sample"),
    )


def _exceeded_query(table: ir.Table, lever: str | None) -> ir.Table:
    require(table, ["verdict"])
    table = _named(table, lever)
    settled = table.filter(table.verdict.isin(["broken", "met", "exceeded"]))
    return settled.group_by("lever").aggregate(
        n=settled.count(), exceeded=settled.count(where=settled.verdict == "exceeded")
    )


def _effect(row: Mapping[str, Any], outcome: Outcome) -> LeverEffect | None:
    """None where gap or outcome never varies: nothing can be learned from it."""
    spread = (row["gap_std"] or 0.0) * (row["outcome_std"] or 0.0)
    effect = row["together"] / spread if spread > 0 else None
    bounds = None if effect is None else correlation_interval(effect, row["n"])
    if effect is None or bounds is None:
        return None
    return LeverEffect(str(row["lever"]), effect, bounds.low, bounds.high, row["n"], outcome)


def _second(row: Mapping[str, Any], main: str, bounds: Interval) -> SecondLever:
    share = row["exceeded"] / row["n"]
    return SecondLever(
        lever=str(row["lever"]),
        main=main,
        exceeded=bounds,
        n=row["n"],
        message=f"{share:.0%} of the {row['lever']} promises are exceeded although {main} is the"
        " lever: keep them, and spend the surplus where it is noticed",
    )
