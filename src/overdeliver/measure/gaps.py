"""What missed promises cost, and how much more a shortfall weighs than an excess."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import numpy as np

from overdeliver.measure.answers import NotEnough, fetch, require
from overdeliver.measure.intervals import Interval, mean_interval
from overdeliver.measure.profile import GapRow, Profile, profile
from overdeliver.measure.tallies import Tally, tally
from overdeliver.tables.cases import Granularity

#: A loss weighs 2.25 times a gain of its size: the median subject of Tversky & Kahneman 1992.
PRIOR = 2.25
DRAWS = 1000


@dataclass(frozen=True)
class GapCost:
    """What a group's shortfalls cost, in weighted units of the gap, and its share of all cost."""

    key: Mapping[str, Any]
    n: int
    broken: int
    shortfall: float
    cost: float
    share: float | None


@dataclass(frozen=True)
class Asymmetry:
    """How many times more a unit of shortfall moves the customer than a unit of excess.

    ``source`` is "scores" when it was measured, else "prior"; ``high`` None means without limit:
    excess may earn nothing at all. ``n`` counts the scored cases it was measured on.
    """

    weight: float
    low: float | None
    high: float | None
    n: int
    source: Literal["prior", "scores"]


@dataclass(frozen=True)
class TouchpointGap:
    """Received minus expected at one touchpoint; ``weighted`` counts shortfalls ``weight`` times.

    ``n`` are all encounters (the traffic), ``rated`` those with both sides known; ``pain`` is the
    weighted gap turned positive, times traffic, times importance: what the ranking goes by.
    """

    key: Mapping[str, Any]
    n: int
    rated: int
    gap_mean: float | None
    gap: Interval | None
    weighted_mean: float | None
    weighted: Interval | None
    importance: float
    pain: float | None
    enough: bool
    needed: int


def gap_costs(
    cases: ir.Table,
    by: Sequence[str],
    weight: float = PRIOR,
    *,
    as_of: datetime | None = None,
    unit: str = "days",
    granularity: Granularity = "moment",
) -> list[GapCost]:
    """Cost of each group, costliest first: weight times the total by which it missed promises.

    With ``as_of`` a promise overdue and unobserved adds the shortfall so far, in ``unit`` (rounded
    up to whole days where ``granularity`` is "day"). Raises MissingField for an absent column.

    >>> cases = ibis.memtable({"verdict": ["broken", "met", "broken"], "gap": [-3.0, 0.0, -1.0],
    ...     "promised": [2.0] * 3, "actual": [5.0, 2.0, 3.0], "team": ["a", "a", "b"]})
    >>> [(c.key["team"], c.cost, c.share) for c in gap_costs(cases, ["team"], 2.0)]
    [('a', 6.0, 0.75), ('b', 2.0, 0.25)]
    """
    return costs_of(tally(cases, by, as_of=as_of, unit=unit, granularity=granularity), weight)


def costs_of(tallies: Sequence[Tally], weight: float = PRIOR) -> list[GapCost]:
    """The same from tallies already taken."""
    total = sum(t.shortfall for t in tallies)
    ranked = sorted(tallies, key=lambda t: (-t.shortfall, -t.n, str(t.key)))
    return [
        GapCost(
            key=t.key,
            n=t.n,
            broken=t.broken,
            shortfall=t.shortfall,
            cost=weight * t.shortfall,
            share=t.shortfall / total if total > 0 else None,
        )
        for t in ranked
    ]


def asymmetry(
    cases: ir.Table, *, minimum: int = 200, gathered: Profile | None = None, seed: int = 0
) -> Asymmetry:
    """The weight of a shortfall against an excess, measured where there are enough scores.

    Score is fitted as a level minus one slope times the shortfall plus another times the excess
    (least squares on the binned means, weighted by count), within a window as wide as 95 % of the
    shortfalls on both sides, for far gaps have ceased to matter. The weight is the ratio of the
    slopes, its interval the 95 % range of 1000 draws of the bin means. The prior stands when a
    side has fewer than ``minimum`` scored cases or when scores do not fall with the shortfall.

    >>> asymmetry(ibis.memtable({"gap": [0.0, 1.0]}))
    Asymmetry(weight=2.25, low=None, high=None, n=0, source='prior')
    """
    found = gathered or profile(cases)
    rows = _window([row for row in found.rows if row.scored])
    late = sum(row.scored for row in rows if _middle(row) < 0)
    early = sum(row.scored for row in rows if _middle(row) > 0)
    n = sum(row.scored for row in rows)
    prior = Asymmetry(PRIOR, None, None, n, "prior")
    if min(late, early) < minimum:
        return prior
    gaps = np.array([_middle(row) for row in rows])
    counts = np.array([row.scored for row in rows], dtype=float)
    means = np.array([row.score_mean for row in rows], dtype=float)
    design = np.column_stack([np.ones(len(gaps)), np.minimum(gaps, 0), np.maximum(gaps, 0)])
    root = np.sqrt(counts)
    solve = np.linalg.pinv(design * root[:, None]) * root
    noise = np.random.default_rng(seed).standard_normal((len(gaps), DRAWS))
    drawn = solve @ (means[:, None] + noise * (_spread(rows) / root)[:, None])
    _, loss, gain = solve @ means
    return _weighed(float(loss), float(gain), drawn[1], drawn[2], n) or prior


def touchpoint_gaps(
    encounters: ir.Table,
    *,
    by: Sequence[str] = ("touchpoint",),
    weight: float = PRIOR,
    minimum: int = 20,
) -> list[TouchpointGap] | NotEnough:
    """Where the journey falls short most: weighted gap times traffic times importance, worst first.

    ``encounters`` has ``touchpoint``, ``expected`` and ``received`` (one scale), and perhaps
    ``importance`` (its mean over the group counts, 1 without). Add "segment" to ``by`` for a map
    per segment. Below ``minimum`` rated encounters a touchpoint is listed last, without figures.

    >>> rows = {"touchpoint": ["door"] * 20, "expected": [4.0] * 20, "received": [3.0] * 20}
    >>> worst = touchpoint_gaps(ibis.memtable(rows))[0]
    >>> worst.key["touchpoint"], worst.weighted_mean, worst.pain
    ('door', -2.25, 45.0)
    """
    require(encounters, [*by, "expected", "received"])
    rows = fetch(_touchpoint_query(encounters, by, weight))
    found = [_touchpoint(row, by, minimum) for row in rows]
    if not any(one.enough for one in found):
        most = max((one.rated for one in found), default=0)
        return NotEnough(
            f"at most {most} rated encounters of one kind, {minimum} are needed", most, minimum
        )
    return sorted(found, key=lambda t: (t.pain is None, -(t.pain or 0.0), -t.n, str(t.key)))


def _touchpoint_query(encounters: ir.Table, by: Sequence[str], weight: float) -> ir.Table:
    table = encounters.mutate(gap_=encounters.received - encounters.expected)
    table = table.mutate(weighed_=ibis.ifelse(table.gap_ < 0, weight * table.gap_, table.gap_))
    figures: dict[str, ir.Value] = {
        "n": table.count(),
        "rated": table.gap_.count(),
        "mean": table.gap_.mean(),
        "std": table.gap_.std(how="sample"),
        "weighed_mean": table.weighed_.mean(),
        "weighed_std": table.weighed_.std(how="sample"),
    }
    if "importance" in encounters.columns:
        figures["importance"] = table.importance.mean()
    keys = {f"key_{i}": table[column] for i, column in enumerate(by)}
    return table.group_by(**keys).aggregate(**figures)


def _touchpoint(row: Mapping[str, Any], by: Sequence[str], minimum: int) -> TouchpointGap:
    rated, importance = row["rated"], row.get("importance")
    importance = 1.0 if importance is None else float(importance)
    enough = rated >= minimum
    pain = max(0.0, -row["weighed_mean"]) * row["n"] * importance if enough else None
    return TouchpointGap(
        key={column: row[f"key_{i}"] for i, column in enumerate(by)},
        n=row["n"],
        rated=rated,
        gap_mean=row["mean"] if enough else None,
        gap=mean_interval(row["mean"], row["std"], rated) if enough else None,
        weighted_mean=row["weighed_mean"] if enough else None,
        weighted=mean_interval(row["weighed_mean"], row["weighed_std"], rated) if enough else None,
        importance=importance,
        pain=pain,
        enough=enough,
        needed=minimum,
    )


def _weighed(
    loss: float, gain: float, losses: np.ndarray, gains: np.ndarray, n: int
) -> Asymmetry | None:
    """The ratio of two slopes; None where the score does not clearly fall with the shortfall."""
    if np.quantile(losses, 0.025) <= 0 or gain <= 0:
        return None
    ratios = np.where(gains > 0, losses / np.where(gains > 0, gains, 1.0), np.inf)
    low, high = np.quantile(ratios, [0.025, 0.975], method="nearest")
    return Asymmetry(
        loss / gain, float(low), float(high) if np.isfinite(high) else None, n, "scores"
    )


def _window(rows: Sequence[GapRow]) -> list[GapRow]:
    """The rows no farther from zero than 95 % of the scored shortfalls."""
    late = [row for row in rows if _middle(row) < 0]
    total, counted, reach = sum(row.scored for row in late), 0, 0.0
    for row in sorted(late, key=_middle, reverse=True):
        reach = -_middle(row)
        counted += row.scored
        if counted >= 0.95 * total:
            break
    return [row for row in rows if abs(_middle(row)) <= reach]


def _middle(row: GapRow) -> float:
    return 0.0 if row.gap_mean is None else row.gap_mean


def _spread(rows: Sequence[GapRow]) -> float:
    """The standard deviation of a score within its bin, pooled over the bins."""
    squares = sum((row.scored - 1) * (row.score_std or 0.0) ** 2 for row in rows)
    freedom = sum(row.scored - 1 for row in rows)
    return float(np.sqrt(squares / freedom)) if freedom > 0 else 0.0
