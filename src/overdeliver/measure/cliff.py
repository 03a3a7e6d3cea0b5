"""Where the score falls off: the jump in the disconfirmation curve, its place and its size.

Two straight lines, one on each side of a break, are fitted to the mean scores by gap (least squares
weighted by count); the break with the least error is the cliff. Whether there is a jump at all
is judged against the best unbroken bent line, by simulation that repeats the search for the break
(Davies 1987: a place searched for costs significance). Noise is never taken smaller than the
scatter about the fit, so that a curve which is merely bent does not pass for a cliff.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import ibis.expr.types as ir
import numpy as np
from numpy.typing import NDArray

from overdeliver.measure.answers import NotEnough, require
from overdeliver.measure.profile import GapRow, Profile, profile

Floats = NDArray[np.float64]
DRAWS = 400
MOST_BREAKS = 60


@dataclass(frozen=True)
class Cliff:
    """The jump lies at gap ``at`` (-1.5: between one and two units late).

    ``size`` is the change of the mean score on crossing to the late side, negative for a drop, with
    its 95 % range ``low``-``high``; ``at_low``-``at_high`` is the range of the place. Slopes are
    points of score per unit of gap, beyond the break (late) and before it (early), within the
    window of ``n`` scored cases. ``p_value`` is the chance of as good a jump on an unbroken line;
    without ``significant`` (p < 0.05) there is no cliff to speak of.
    """

    at: float
    at_low: float
    at_high: float
    size: float
    low: float
    high: float
    slope_late: float
    slope_early: float
    n: int
    p_value: float
    significant: bool


def cliff(
    cases: ir.Table, *, minimum: int = 30, gathered: Profile | None = None, seed: int = 0
) -> Cliff | NotEnough:
    """Locate the jump of the score; NotEnough below ``minimum`` scored cases on a side.

    Breaks are sought halfway between whole gaps, else at the edges of the profile's fine bins. The
    window reaches as far as two thirds of the scored shortfalls, the same on the early side.
    ``gathered`` is the profile of the same cases if it was taken before.

    >>> import ibis
    >>> gaps = [float(gap) for gap in range(-8, 9) for _ in range(20)]
    >>> scores = [(2.0 if gap < -1 else 4.0) + i % 2 for i, gap in enumerate(gaps)]
    >>> found = cliff(ibis.memtable({"gap": gaps, "score": scores}))
    >>> found.at, round(found.size, 6), found.significant
    (-1.5, -2.0, True)
    """
    require(cases, ["gap"])
    if "score" not in cases.columns:
        return NotEnough("the cliff needs scores; the data has none")
    rows = [row for row in (gathered or profile(cases)).rows if row.scored]
    late = sum(row.scored for row in rows if row.high is not None and row.high <= 0)
    early = sum(row.scored for row in rows) - late
    if min(late, early) < minimum:
        side = "late" if late < early else "kept"
        few = min(late, early)
        return NotEnough(
            f"{few} scored cases on the {side} side, {minimum} are needed", few, minimum
        )
    near = _window(rows)
    breaks = _breaks(near, minimum)
    if not breaks:
        return NotEnough("the scored cases fall on too few different gaps to see a jump")
    return _located(near, breaks, np.random.default_rng(seed))


def _window(rows: Sequence[GapRow]) -> list[GapRow]:
    """The rows no farther from zero than two thirds of the scored shortfalls."""
    late = [row for row in reversed(rows) if _at(row) < 0]
    total, counted, reach = sum(row.scored for row in late), 0, 0.0
    for row in late:
        reach = -_at(row)
        counted += row.scored
        if counted >= total * 2 / 3:
            break
    floor = -_at(late[min(4, len(late) - 1)])  # at least five places, else no slope can be told
    return [row for row in rows if abs(_at(row)) <= max(reach, floor)]


def _breaks(rows: Sequence[GapRow], minimum: int) -> list[tuple[int, float]]:
    """Where the line may break: how many rows lie left of it, and the gap; evenly thinned."""
    total, counted = sum(row.scored for row in rows), 0
    found: list[tuple[int, float]] = []
    for i, (left, right) in enumerate(pairwise(rows), 1):
        counted += left.scored
        if i < 3 or len(rows) - i < 3 or counted < minimum or total - counted < minimum:
            continue
        found.append((i, _between(left, right)))
    if len(found) <= MOST_BREAKS:
        return found
    return [found[i] for i in np.linspace(0, len(found) - 1, MOST_BREAKS).round().astype(int)]


def _between(left: GapRow, right: GapRow) -> float:
    """Half way between two whole gaps; between fine bins their common edge, or the middle."""
    if _at(left) == left.low and _at(right) == right.low:
        return (_at(left) + _at(right)) / 2
    assert left.high is not None and right.low is not None  # only the outermost are open
    return (left.high + right.low) / 2


class _Search:
    """All candidate fits of one kind, ready to be tried on many sets of means at once."""

    def __init__(self, designs: Sequence[Floats], root: Floats) -> None:
        weighted = [root[:, None] * design for design in designs]
        self._bases = [np.linalg.qr(design).Q for design in weighted]
        self._solve = [np.linalg.pinv(design) for design in weighted]
        self._designs = designs

    def errors(self, scaled: Floats) -> Floats:
        """Weighted squared error, candidates by columns of ``scaled`` (means times root weight)."""
        whole = (scaled**2).sum(axis=0)
        return np.stack([whole - ((basis.T @ scaled) ** 2).sum(axis=0) for basis in self._bases])

    def solution(self, which: int, scaled: Floats) -> Floats:
        """The coefficients of one candidate."""
        found: Floats = self._solve[which] @ scaled
        return found

    def fitted(self, which: int, scaled: Floats) -> Floats:
        """The means the candidate would have."""
        return self._designs[which] @ self.solution(which, scaled)


def _located(
    rows: Sequence[GapRow], breaks: Sequence[tuple[int, float]], random: np.random.Generator
) -> Cliff:
    gaps = np.array([_at(row) for row in rows])
    means = np.array([row.score_mean for row in rows], dtype=np.float64)
    root = np.sqrt(np.array([row.scored for row in rows], dtype=np.float64))
    places = np.array([place for _, place in breaks])
    broken = _Search([_two_lines(gaps, count, place) for count, place in breaks], root)
    bent = _Search([_bent_line(gaps, knot) for knot in (*places, *gaps[1:-1])], root)

    scaled = root * means
    best, gain = _best(broken, bent, scaled[:, None])
    which = int(best[0])
    error = float(broken.errors(scaled[:, None])[which, 0])
    noise = _noise(rows, error, len(rows) - 4)[:, None] * random.standard_normal((len(rows), DRAWS))
    unbroken = bent.fitted(int(bent.errors(scaled[:, None])[:, 0].argmin()), scaled)
    _, by_chance = _best(broken, bent, (root * unbroken)[:, None] + noise)
    drawn = (root * broken.fitted(which, scaled))[:, None] + noise
    again = broken.errors(drawn).argmin(axis=0)
    sizes = np.array([broken.solution(int(w), drawn[:, i])[0] for i, w in enumerate(again)])

    size, _, slope_late, slope_early = (float(x) for x in broken.solution(which, scaled))
    p = (1 + int((by_chance >= gain[0]).sum())) / (1 + DRAWS)
    low, high = (float(x) for x in np.quantile(sizes, [0.025, 0.975]))
    at_low, at_high = (
        float(x) for x in np.quantile(places[again], [0.025, 0.975], method="nearest")
    )
    return Cliff(
        at=float(places[which]),
        at_low=at_low,
        at_high=at_high,
        size=size,
        low=low,
        high=high,
        slope_late=slope_late,
        slope_early=slope_early,
        n=sum(row.scored for row in rows),
        p_value=p,
        significant=p < 0.05,
    )


def _best(broken: _Search, bent: _Search, scaled: Floats) -> tuple[NDArray[np.intp], Floats]:
    """The best break for each column, and how much of the error it removes relative to a bend."""
    errors = broken.errors(scaled)
    dust = 1e-12 * (scaled**2).sum(axis=0) + 1e-300  # below this an error is only rounding
    gain = np.maximum(bent.errors(scaled).min(axis=0), dust) / np.maximum(errors.min(axis=0), dust)
    return errors.argmin(axis=0), gain


def _two_lines(gaps: Floats, left: int, place: float) -> Floats:
    """Columns: the jump to the late side, the level before it, slope beyond, slope before."""
    beyond = (np.arange(len(gaps)) < left).astype(np.float64)
    away = gaps - place
    return np.column_stack([beyond, np.ones_like(gaps), beyond * away, (1 - beyond) * away])


def _bent_line(gaps: Floats, knot: float) -> Floats:
    away = gaps - knot
    return np.column_stack([np.ones_like(gaps), np.minimum(away, 0), np.maximum(away, 0)])


def _noise(rows: Sequence[GapRow], error: float, freedom: int) -> Floats:
    """Each mean's standard deviation times its root weight, no less than the scatter says."""
    squares = sum((row.scored - 1) * (row.score_std or 0.0) ** 2 for row in rows)
    pooled = np.sqrt(squares / max(1, sum(row.scored - 1 for row in rows)))
    own = np.array(
        [row.score_std if row.scored >= 10 else pooled for row in rows], dtype=np.float64
    )
    expected = float((own**2).mean())
    scatter = error / freedom if freedom > 0 else 0.0
    if expected <= 0:
        return np.full(len(rows), np.sqrt(max(scatter, 0.0)))
    larger: Floats = own * np.sqrt(max(1.0, scatter / expected))
    return larger


def _at(row: GapRow) -> float:
    assert row.gap_mean is not None  # only scored rows come here
    return row.gap_mean
