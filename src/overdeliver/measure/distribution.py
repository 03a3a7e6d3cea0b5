"""The histogram of gaps: how early, how late, at a glance."""

from dataclasses import dataclass
from math import floor

import ibis.expr.types as ir

from overdeliver.measure.profile import FARTHEST, GapRow, Profile, profile

MOST_BINS = 31


@dataclass(frozen=True)
class GapBin:
    """How many settled promises have a gap in ``[gap_low, gap_high)``; None means open."""

    gap_low: float | None
    gap_high: float | None
    n: int


def distribution(cases: ir.Table, *, gathered: Profile | None = None) -> list[GapBin]:
    """At most 31 bins of one round width, zero an edge, outer bins open, empty ones kept.

    ``gathered`` is the profile of the same cases if it was taken before. No settled case: no bin.

    >>> import ibis
    >>> table = ibis.memtable({"gap": [-1.0, 0.0, 0.0, 3.0]})
    >>> [(b.gap_low, b.gap_high, b.n) for b in distribution(table)]
    [(None, 0.0, 1), (0.0, 1.0, 2), (1.0, 2.0, 0), (2.0, 3.0, 0), (3.0, None, 1)]
    """
    found = gathered or profile(cases)
    if not found.rows:
        return []
    width = found.scale.width
    last = floor(found.scale.high / width)
    first = floor(found.scale.low / width)
    counts: dict[int, int] = {}
    for row in found.rows:
        place = min(max(_place(row, found.scale.fine, width), first), last)
        counts[place] = counts.get(place, 0) + row.n
    first, last = _fold(first, last, counts)
    return [
        GapBin(
            None if place == first else place * width,
            None if place == last else (place + 1) * width,
            counts.get(place, 0),
        )
        for place in range(first, last + 1)
    ]


def _place(row: GapRow, fine: float, width: float) -> int:
    """Which wide bin a fine one lies in; widths are whole multiples of the fine one."""
    ratio = round(width / fine)
    if row.low is None:
        return floor(-FARTHEST / ratio)
    return floor(round(row.low / fine) / ratio)


def _fold(first: int, last: int, counts: dict[int, int]) -> tuple[int, int]:
    """Both sides of zero stay apart even where the bulk lies on one side."""
    if min(counts) < 0:
        first = min(first, -1)
    if max(counts) >= 0:
        last = max(last, 0)
    return max(first, min(counts)), min(last, max(counts))
