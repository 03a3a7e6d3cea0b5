"""The ladder of customers, new, regular, loyal: who is active, who slips away, who has gone.

Nobody says that he stops being a customer; he stays away. Whether a silence is long is told by the
business's own rhythm: the pauses between the visits of those who came again. A visit is a day with
at least one order. Half of all pauses are at most `Rhythm.half` days long, nine of ten at most
`Rhythm.most`. Whoever has a habit, which takes two pauses, is held to it: he is *active* while he
has been silent no longer than his usual pause, the median of his own, times `Rhythm.spread`; nine
of ten pauses of people with a habit are no longer than that. Everybody else is active for `most`
days. A regular or loyal customer who is silent for longer *slips away*, up to twice as long;
then he has *gone*, as who was never regular has at once.

Pauses that have not ended yet are not among those measured, so a young business takes people for
gone too early rather than too late.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from overdeliver.measure.answers import NotEnough

State = Literal["new", "regular", "loyal", "slipping", "gone"]
STATES: tuple[State, ...] = ("new", "regular", "loyal", "slipping", "gone")
#: Silent for so many times his limit, and a regular customer has gone.
GONE = 2.0

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Rhythm:
    """Days within which half, and nine of ten, of those who came again did; of ``n`` pauses.

    ``spread``: nine of ten pauses are at most so many times the usual one of the same customer.
    """

    half: float
    most: float
    spread: float
    n: int


@dataclass(frozen=True)
class Month:
    """A calendar month up to its ``last`` day, which is that of the last order in the latest.

    ``active`` are the customers with a visit in the `Rhythm.most` days before its end, None where
    the data begin later; ``new`` came for the first time, ``regular`` became regular in it.
    """

    first: date
    last: date
    active: int | None
    new: int
    regular: int


@dataclass(frozen=True)
class Customers:
    """One row per customer, in parallel arrays; days count from 1970-01-01.

    ``usual`` and ``limit`` are in days: the usual pause (NaN: he has no habit yet), and the silence
    up to which he is active. ``state`` is a place in `STATES`.
    """

    customer: Whole
    visits: Whole
    last: Whole
    usual: NDArray[np.float64]
    limit: NDArray[np.float64]
    silence: Whole
    state: Whole

    def of(self, state: State) -> Whole:
        """The rows of one state: those with most visits first, then those who came last."""
        rows = np.flatnonzero(self.state == STATES.index(state))
        return rows[np.lexsort((self.silence[rows], -self.visits[rows]))]


@dataclass(frozen=True)
class Ladder:
    """How many customers stand where on the day ``as_of``, and how it was month by month."""

    as_of: date
    rhythm: Rhythm
    counts: Mapping[State, int]
    months: Sequence[Month]
    customers: Customers

    @property
    def active(self) -> int:
        """The life sign: customers who are new, regular or loyal."""
        return self.counts["new"] + self.counts["regular"] + self.counts["loyal"]


def ladder(
    customers: NDArray[Any],
    days: NDArray[Any],
    *,
    regular_from: int,
    loyal_from: int,
    months: int = 13,
    minimum: int = 30,
) -> Ladder | NotEnough:
    """Where customers stand on the day of the last order.

    ``customers`` (whole numbers) and ``days`` (whole numbers from 1970-01-01, or datetime64) are
    of the same length, an order each, in any order. Regular is who came on ``regular_from`` days,
    loyal on ``loyal_from``. NotEnough: fewer than ``minimum`` pauses are known.

    >>> days = [at for start in range(40) for at in (start, start + 10)]
    >>> who = np.repeat(np.arange(40), 2)
    >>> found = ladder(who, np.array(days), regular_from=2, loyal_from=5)
    >>> found.rhythm.half, found.counts["regular"], found.counts["slipping"]
    (10.0, 11, 10)
    """
    who, when = _visits(customers, days)
    starts = _starts(who)
    n = who.size - starts.size
    if n < minimum:
        return NotEnough(f"customers came again {n} times, {minimum} are needed", n, minimum)
    visits = np.diff(np.append(starts, who.size))
    usual = _middles(when, starts, visits)
    rhythm = _rhythm(when, starts, usual, visits, minimum)
    rows = _customers(who, when, usual, rhythm, regular_from, loyal_from)
    counted = np.bincount(rows.state, minlength=len(STATES))
    as_of = _day(int(when.max()))
    return Ladder(
        as_of,
        rhythm,
        {state: int(counted[at]) for at, state in enumerate(STATES)},
        _months(who, when, rhythm, regular_from, months),
        rows,
    )


def _visits(customers: NDArray[Any], days: NDArray[Any]) -> tuple[Whole, Whole]:
    """Customer and day of each visit, each once, by customer and then by day."""
    when = np.asarray(days)
    if np.issubdtype(when.dtype, np.datetime64):
        when = when.astype("datetime64[D]")
    when = when.astype(np.int64)
    names, who = np.unique(np.asarray(customers).astype(np.int64), return_inverse=True)
    begin = when.min(initial=0)
    span = int(when.max(initial=0) - begin) + 1
    keys = np.unique(who * span + (when - begin))  # one number sorts much faster than two
    return names[keys // span], keys % span + begin


def _rhythm(
    when: Whole, starts: Whole, usual: NDArray[np.float64], visits: Whole, minimum: int
) -> Rhythm:
    again = np.ones(when.size, bool)
    again[starts] = False
    pauses = np.diff(when, prepend=0)
    half, most = (float(one) for one in np.quantile(pauses[again], (0.5, 0.9)))
    # two pauses lie around their own middle, however they differ: three tell something
    told = again & np.repeat(visits > 3, visits)
    ratios = pauses[told] / np.repeat(usual, visits)[told]
    spread = float(np.quantile(ratios, 0.9)) if ratios.size >= minimum else most / half
    return Rhythm(half, most, spread, int(again.sum()))


def _customers(
    who: Whole,
    when: Whole,
    usual: NDArray[np.float64],
    rhythm: Rhythm,
    regular_from: int,
    loyal_from: int,
) -> Customers:
    starts = _starts(who)
    visits = np.diff(np.append(starts, who.size))
    last = when[starts + visits - 1]
    limit = np.where(visits > 2, usual * rhythm.spread, rhythm.most)
    silence = when.max() - last
    rung = np.where(visits >= loyal_from, 2, np.where(visits >= regular_from, 1, 0))
    away = np.where((rung > 0) & (silence <= GONE * limit), 3, 4)
    state = np.where(silence <= limit, rung, away)
    usual = np.where(visits > 2, usual, np.nan)
    return Customers(who[starts], visits, last, usual, limit, silence, state)


def _middles(when: Whole, starts: Whole, visits: Whole) -> NDArray[np.float64]:
    """The median pause of each customer; of one visit nothing that is used."""
    pauses = np.diff(when, prepend=0)
    pauses[starts] = 0  # no pause, and shorter than any
    span = int(pauses.max()) + 1
    order = np.repeat(np.arange(starts.size), visits) * span
    pauses = np.sort(order + pauses) - order
    n, ends = visits - 1, when.size - 1
    lower = np.minimum(starts + 1 + np.maximum(n - 1, 0) // 2, ends)
    upper = np.minimum(starts + 1 + n // 2, ends)
    middles: NDArray[np.float64] = (pauses[lower] + pauses[upper]) / 2
    return middles


def _months(
    who: Whole, when: Whole, rhythm: Rhythm, regular_from: int, most: int
) -> Sequence[Month]:
    starts = _starts(who)
    nth = np.arange(who.size) - np.repeat(starts, np.diff(np.append(starts, who.size))) + 1
    begin, end = int(when.min()), int(when.max())
    found: list[Month] = []
    last = _day(end)
    while len(found) < most and _number(last) >= begin:
        first = last.replace(day=1)
        low, high = _number(first), _number(last)
        within = (when >= low) & (when <= high)
        since = high - rhythm.most
        seen = (when > since) & (when <= high)
        found.append(
            Month(
                first,
                last,
                _starts(who[seen]).size if since >= begin else None,
                int((nth[within] == 1).sum()),
                int((nth[within] == regular_from).sum()),
            )
        )
        last = first - timedelta(days=1)
    return found[::-1]


def _starts(who: Whole) -> Whole:
    """Where each customer's visits begin."""
    return np.flatnonzero(np.diff(who, prepend=who[:1] - 1))


def _day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days
