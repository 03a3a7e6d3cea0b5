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
    """At most 31 bins of one round width, zero an edge; the outermost late and early one are open.

    Empty ones between are kept. ``gathered`` is the profile of the same cases if it was taken
    before. No settled case: no bin.

    >>> import ibis
    >>> table = ibis.memtable({"gap": [-1.0, 0.0, 0.0, 3.0]})
    >>> [(b.gap_low, b.gap_high, b.n) for b in distribution(table)]
    [(None, 0.0, 1), (0.0, 1.0, 2), (1.0, 2.0, 0), (2.0, 3.0, 0), (3.0, None, 1)]
    """
    found = gathered or profile(cases)
    if not found.rows:
        return []
    width = found.scale.width
    placed = [(_place(row, found.scale.fine, width), row.n) for row in found.rows]
    first, last = _reach(found, [place for place, _ in placed])
    counts: dict[int, int] = {}
    for place, n in placed:
        held = min(max(place, first), last)
        counts[held] = counts.get(held, 0) + n
    return [
        GapBin(
            None if place == first and place < 0 else place * width,
            None if place == last and place >= 0 else (place + 1) * width,
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


def _reach(found: Profile, places: list[int]) -> tuple[int, int]:
    """The outermost bins: the bulk, with one bin of its own for the few beyond zero."""
    width = found.scale.width
    first = min(floor(found.scale.low / width), -1)
    last = max(floor(found.scale.high / width), 0)
    return max(first, min(places)), min(last, max(places))
