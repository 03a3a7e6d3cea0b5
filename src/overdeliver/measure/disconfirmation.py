"""The disconfirmation curve: what a promise kept, beaten or broken does to score and return."""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis.expr.types as ir

from overdeliver.measure.answers import NotEnough, require
from overdeliver.measure.cliff import Cliff as Cliff
from overdeliver.measure.cliff import cliff as cliff
from overdeliver.measure.intervals import mean_interval
from overdeliver.measure.profile import GapRow, Profile, Scale, binned, round_up, scale
from overdeliver.measure.repeat import with_repeat

#: Edges in steps: late by 1, 2-3, 4-7, 8-14, more; on time; early by 1-2, 3-5, 6-10, 11-20, more.
STEPS: tuple[int, ...] = (-14, -7, -3, -1, 0, 1, 3, 6, 11, 21)


@dataclass(frozen=True)
class CurvePoint:
    """Settled cases with a gap in ``[gap_low, gap_high)``; None for an open end.

    ``score_mean`` with its interval ``low``-``high`` and ``lowest_share`` (scores in the bottom
    fifth of the scale) are None below the minimum of scored cases; ``repeat_rate`` is the share
    whose customer ordered again, None where customers are unknown or too few.
    """

    gap_low: float | None
    gap_high: float | None
    n: int
    scored: int
    score_mean: float | None
    low: float | None
    high: float | None
    lowest_share: float | None
    repeat_rate: float | None


@dataclass(frozen=True)
class Curve:
    """The points in order of the gap, late first."""

    points: tuple[CurvePoint, ...]
    n: int  # settled cases
    scored: int  # of which with a score


def curve(
    cases: ir.Table,
    *,
    edges: Sequence[float] | None = None,
    minimum: int = 30,
    score_scale: tuple[float, float] | None = None,
    repeat_within_days: float | None = None,
    gathered: Profile | None = None,
) -> Curve | NotEnough:
    """Score, share of lowest scores and repeat rate against the gap, in bins that never mix sides.

    Bins are ``[low, high)`` and zero is always an edge; the default edges are steps of one day (or
    of a round size that fits the data), close together near zero. Without scores and customers, or
    with no bin of ``minimum`` cases, the answer is NotEnough. ``gathered`` is the profile of
    the same cases if it was taken before.

    >>> import ibis
    >>> scores = [2.0, 1.0] * 15 + [4.0] * 30
    >>> cases = ibis.memtable({"gap": [-2.0] * 30 + [0.0] * 30, "score": scores})
    >>> [(p.gap_low, p.gap_high, p.score_mean, p.lowest_share) for p in curve(cases).points]
    [(-3.0, -1.0, 1.5, 0.5), (0.0, 1.0, 4.0, 0.0)]
    """
    require(cases, ["gap"])
    if not {"score", "customer_id"} & set(cases.columns):
        return NotEnough("the curve needs scores or customers; the data has neither")
    found = gathered.scale if gathered else scale(cases, score_scale=score_scale)
    if {"customer_id", "made_at"} <= set(cases.columns):
        cases = with_repeat(cases, within_days=repeat_within_days)
    rows = binned(cases, default_edges(found) if edges is None else edges, found.lowest)
    most = max((max(row.scored, row.followed) for row in rows), default=0)
    if most < minimum:
        return NotEnough(
            f"at most {most} scored cases in one bin, {minimum} are needed", most, minimum
        )
    points = tuple(_point(row, minimum) for row in rows)
    return Curve(points, sum(row.n for row in rows), sum(row.scored for row in rows))


def default_edges(found: Scale) -> tuple[float, ...]:
    """Edges in round steps such that about 21 of them reach the early and 14 the late end.

    >>> default_edges(Scale(n=9, whole=True, low=-9, high=20, score_min=None, score_max=None))[:3]
    (-14.0, -7.0, -3.0)
    """
    step = round_up(max(found.high / 40, -found.low / 40))
    if found.whole:
        step = max(1.0, step)
    return tuple(step * at for at in STEPS)


def _point(row: GapRow, minimum: int) -> CurvePoint:
    enough = row.scored >= minimum
    bounds = mean_interval(row.score_mean, row.score_std, row.scored) if enough else None
    return CurvePoint(
        gap_low=row.low,
        gap_high=row.high,
        n=row.n,
        scored=row.scored,
        score_mean=row.score_mean if enough else None,
        low=bounds.low if bounds else None,
        high=bounds.high if bounds else None,
        lowest_share=row.lowest / row.scored if enough else None,
        repeat_rate=row.repeated / row.followed if row.followed >= minimum else None,
    )
