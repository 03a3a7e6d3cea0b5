"""Cases gathered by the size of their gap: the aggregated rows every gap picture is drawn from.

All bins are ``[low, high)`` with zero an edge, so that no bin mixes kept and broken promises.
Gaps of whole days are counted as they are. Others take two passes: one finds the scale (no quantile
needed, each gap falls into one of a few hundred geometric bins), one counts in bins of round width.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

import ibis
import ibis.expr.types as ir

from overdeliver.measure.answers import fetch, require

FARTHEST = 500  # bins on each side; what lies beyond is gathered in the outermost


@dataclass(frozen=True)
class Scale:
    """What sizes of gap there are: extremes, shares, and whether all are whole numbers."""

    n: int
    whole: bool
    low: float  # about 1 % of the gaps lie below; never above zero
    high: float  # about 1 % lie above; never below zero
    score_min: float | None
    score_max: float | None

    @property
    def width(self) -> float:
        """A round width that shows 98 % of the gaps in at most 28 bins."""
        width = round_up((self.high - self.low) / 27)
        return max(1.0, width) if self.whole else width

    @property
    def fine(self) -> float:
        """A tenth of it, or one where gaps are whole numbers."""
        return max(1.0, self.width / 10) if self.whole else self.width / 10

    @property
    def lowest(self) -> float | None:
        """Scores up to this are lowest: the bottom fifth of the scale (1 of 1-5, 0-2 of 0-10)."""
        if self.score_min is None or self.score_max is None:
            return None
        return self.score_min + (self.score_max - self.score_min) / 5


@dataclass(frozen=True)
class GapRow:
    """Cases whose gap lies in ``[low, high)``; None means open. Scores over the scored ones."""

    low: float | None
    high: float | None
    n: int
    scored: int
    gap_mean: float | None  # of the scored
    score_mean: float | None
    score_std: float | None
    lowest: int
    followed: int  # cases of which it is known whether the customer came again
    repeated: int


@dataclass(frozen=True)
class Profile:
    """The scale and the finely binned rows, in order of the gap."""

    scale: Scale
    rows: tuple[GapRow, ...]


def profile(cases: ir.Table, *, score_scale: tuple[float, float] | None = None) -> Profile:
    """Gather the settled cases in fine bins; ``score_scale`` is taken from the scores if not given.

    >>> table = ibis.memtable({"gap": [-1.0, -1.0, 0.0, 2.0], "score": [1.0, 2.0, 4.0, 5.0]})
    >>> [(row.low, row.n, row.score_mean) for row in profile(table).rows]
    [(-1.0, 2, 1.5), (0.0, 1, 4.0), (2.0, 1, 5.0)]
    """
    ends = _ends(cases, score_scale)
    if ends["n"] == 0:
        return Profile(_scale(ends, []), ())
    if _few_places(ends):  # the usual case of whole days: counted once, the scale is read off
        rows = fetch(_gathered(cases, cases.gap.cast("int64"), _lowest(ends)))
        found = _scale(ends, [(row["n"], row["place"]) for row in rows])
        if found.fine == 1:
            return Profile(found, tuple(_fine_row(row, 1.0) for row in rows))
    else:
        found = _scale(ends, _sizes(cases))
    rows = fetch(_gathered(cases, _fine_place(cases.gap, found.fine), found.lowest))
    return Profile(found, tuple(_fine_row(row, found.fine) for row in rows))


def binned(cases: ir.Table, edges: Sequence[float], lowest: float | None) -> list[GapRow]:
    """Gather the settled cases between the edges and zero; outer bins open, empty ones absent."""
    cuts = sorted({*map(float, edges), 0.0})
    below = [(cases.gap < cut, place) for place, cut in enumerate(cuts)]
    place = ibis.cases(*below, else_=len(cuts))
    bounds: list[float | None] = [None, *cuts, None]
    rows = fetch(_gathered(cases, place, lowest))
    return [_row(row, bounds[row["place"]], bounds[row["place"] + 1]) for row in rows]


def scale(cases: ir.Table, *, score_scale: tuple[float, float] | None = None) -> Scale:
    """Find the scale of the gaps alone."""
    ends = _ends(cases, score_scale)
    return _scale(ends, _sizes(cases))


def round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 ... (and 0.5, 0.2 ...) at or above the value.

    >>> [round_up(x) for x in (0.03, 1.0, 1.7, 43.0)]
    [0.05, 1.0, 2.0, 50.0]
    """
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(
        float(f"{step * power:.6g}") for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9)
    )


def _ends(cases: ir.Table, score_scale: tuple[float, float] | None) -> dict[str, Any]:
    """The extremes of gap and score, and how many gaps are no whole numbers."""
    require(cases, ["gap"])
    known = cases.filter(cases.gap.notnull())
    figures: dict[str, ir.Value] = {
        "n": known.count(),
        "least": known.gap.min(),
        "most": known.gap.max(),
        "fractions": (known.gap != known.gap.floor()).sum(),
    }
    if "score" in known.columns and score_scale is None:
        figures |= {"score_min": known.score.min(), "score_max": known.score.max()}
    row = fetch(known.aggregate(**figures))[0]
    if score_scale is not None:
        row |= {"score_min": score_scale[0], "score_max": score_scale[1]}
    return row


def _few_places(ends: Mapping[str, Any]) -> bool:
    return bool(ends["fractions"] == 0 and ends["most"] - ends["least"] <= 2 * FARTHEST)


def _sizes(cases: ir.Table) -> list[tuple[int, float]]:
    """How many gaps of about which size: by sign and eighths of a doubling."""
    known = cases.filter(cases.gap.notnull())
    size = (known.gap.abs().clip(lower=1e-9).log2() * 8).floor().cast("int64") + 1000
    place = known.gap.sign().cast("int64") * size
    query = known.group_by(place=place).aggregate(n=known.count(), middle=known.gap.mean())
    return sorted(((row["n"], row["middle"]) for row in fetch(query)), key=lambda size: size[1])


def _scale(ends: Mapping[str, Any], sizes: Sequence[tuple[int, float]]) -> Scale:
    n = ends["n"]
    return Scale(
        n=n,
        whole=ends["fractions"] == 0,
        low=min(0.0, _nth(sizes, 0.01 * n)),
        high=max(0.0, _nth(sizes, 0.99 * n)),
        score_min=ends.get("score_min"),
        score_max=ends.get("score_max"),
    )


def _lowest(ends: Mapping[str, Any]) -> float | None:
    return _scale(ends, []).lowest


def _fine_place(gap: ir.Value, fine: float) -> ir.Value:
    # 0.3 / 0.1 falls short of 3, 0.3 * 10 does not: round widths below one are multiplied away
    places = gap * round(1 / fine) if 1e-9 < fine < 1 else gap / fine
    return places.floor().clip(lower=-FARTHEST, upper=FARTHEST - 1).cast("int64")


def _gathered(cases: ir.Table, place: ir.Value, lowest: float | None) -> ir.Table:
    """Counts and scores per place, one pass over the cases."""
    table = cases.mutate(place=place).filter(cases.gap.notnull())
    figures: dict[str, ir.Value] = {"n": table.count()}
    if "score" in table.columns:
        scored = table.score.notnull()
        figures |= {
            "scored": table.score.count(),
            "gap_mean": ibis.ifelse(scored, table.gap, ibis.null("float64")).mean(),
            "score_mean": table.score.mean(),
            "score_std": table.score.std(how="sample"),
        }
        if lowest is not None:
            figures["lowest"] = (table.score <= lowest).sum()
    if "repeat" in table.columns:
        figures |= {
            "followed": table["repeat"].count(),
            "repeated": table.count(where=table["repeat"]),
        }
    return table.group_by("place").aggregate(**figures).order_by("place")


def _fine_row(row: Mapping[str, Any], width: float) -> GapRow:
    place = row["place"]
    low = None if place == -FARTHEST else _tidy(place * width)
    high = None if place == FARTHEST - 1 else _tidy((place + 1) * width)
    return _row(row, low, high)


def _row(row: Mapping[str, Any], low: float | None, high: float | None) -> GapRow:
    return GapRow(
        low=low,
        high=high,
        n=row["n"],
        scored=row.get("scored") or 0,
        gap_mean=row.get("gap_mean"),
        score_mean=row.get("score_mean"),
        score_std=row.get("score_std"),
        lowest=row.get("lowest") or 0,
        followed=row.get("followed") or 0,
        repeated=row.get("repeated") or 0,
    )


def _tidy(value: float) -> float:
    """A product of a round width without its binary dust (0.30000000000000004)."""
    return float(f"{value:.12g}")


def _nth(sizes: Sequence[tuple[int, float]], rank: float) -> float:
    """The size at which the rank falls."""
    counted = 0
    for n, middle in sizes:
        counted += n
        if counted >= max(1, ceil(rank)):
            return float(middle)
    return 0.0
