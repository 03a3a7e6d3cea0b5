"""Is the level still kept? Open orders count for what they tell: not yet late is not kept.

Two questions, two answers. *How much is kept now*: the product-limit estimate (Kaplan and Meier
1958) of the share delivered within the promise, with recent promises weighing more and open ones
censored at their age. *Has it fallen below the level*: a sequential test that may be looked at as
often as one likes (an e-process over all moments at which the fall may have begun; after Shin,
Ramdas and Rinaldo 2024, "E-detectors").
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from overdeliver.vocabulary.errors import InputError, NotEnoughData

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: By how much the odds of a broken promise may have grown; the test bets on each in equal parts.
RISES = (1.5, 2.5, 5.0)
#: The sum of 1 / (k ln(k) ** 2) from k = 2 on: with it the stakes on all starts add to one.
_STARTS = 2.1097428012368920
#: With fewer promises nothing is said.
FEW = 20


@dataclass(frozen=True)
class Drift:
    """The share kept now, with its interval, and whether it has fallen below the level.

    ``n`` promises were looked at, ``open`` of them have no outcome (past their promise they are
    broken). ``alarm``: the kept share fell below the level; the chance that it is ever raised
    while the level holds is at most the rate stated. ``since`` is the age of the first promise of
    the bad stretch in the unit of the promises, None without an alarm; ``evidence`` is what a bet
    of one against "the level holds" would be worth now.
    """

    covered: float
    low: float
    high: float
    n: int
    open: int
    alarm: bool
    since: float | None
    evidence: float
    because: str


def drift(
    level: float,
    promised: ArrayLike,
    actual: ArrayLike,
    elapsed: ArrayLike,
    *,
    half_life: float | None = None,
    false_alarms: float = 0.01,
    slack: float = 0.01,
    confidence: float = 0.95,
) -> Drift:
    """Coverage of promises made at ``level``, with those still open counted as censored.

    Parameters
    ----------
    promised, actual, elapsed : shape (n,), one unit of time
        The promise, the outcome (NaN while open), the age of the promise now.
    half_life : a promise of this age weighs half in ``covered``; None: all weigh the same
    false_alarms : the chance of ever an alarm, however often one looks, while the level holds
    slack : a fall of less than this is no alarm (0.01: one point)

    Promises enter the test when they fall due, whenever they were delivered: else the fast ones
    would come first and drown the late. An order is due once it is older than promised.
    Raises InputError for impossible numbers, NotEnoughData below 20 promises.

    >>> random = np.random.default_rng(3)
    >>> age, took = np.arange(400.0, 0, -1), random.exponential(1.0, 400)
    >>> took[300:] *= 3     # a strike began 100 days ago
    >>> found = drift(0.9, np.full(400, 2.3), np.where(took < age, took, np.nan), age, half_life=50)
    >>> found.alarm, 90 < found.since < 110, found.high < 0.9
    (True, True, True)
    """
    p, y, age = (np.asarray(x, dtype=np.float64).ravel() for x in (promised, actual, elapsed))
    _check(level, p, y, age, half_life, false_alarms, slack)
    waiting = np.isnan(y)
    weights = np.ones(len(p)) if half_life is None else 0.5 ** (age / half_life)
    covered, sure = _kept_share(p, y, age, weights)
    low, high = _wilson(covered, sure, confidence)
    evidence, began = _fallen(level - slack, p, y, age)
    alarm = evidence >= 1 / false_alarms
    since = began if alarm else None
    because = _because(level, covered, low, high, int(waiting.sum()), since)
    return Drift(covered, low, high, len(p), int(waiting.sum()), alarm, since, evidence, because)


def _check(
    level: float,
    p: Floats,
    y: Floats,
    age: Floats,
    half_life: float | None,
    false_alarms: float,
    slack: float,
) -> None:
    if not (len(p) == len(y) == len(age)):
        raise InputError(f"monitor: {len(p)} promises, {len(y)} outcomes, {len(age)} ages")
    if not 0 < level - slack <= level < 1 or not 0 < false_alarms < 1:
        raise InputError("monitor: level, slack and false_alarms lie between 0 and 1")
    if half_life is not None and not half_life > 0:
        raise InputError(f"monitor: half_life must be above zero, got {half_life}")
    if not (np.isfinite(p).all() and np.isfinite(age).all() and (age >= 0).all()):
        raise InputError("monitor: every promise needs its length and its age (not negative)")
    if np.isinf(y).any():
        raise InputError("monitor: an outcome is infinite; NaN stands for an open order")
    if len(p) < FEW:
        raise NotEnoughData(f"monitor: {len(p)} promises, {FEW} are needed")


def _kept_share(p: Floats, y: Floats, age: Floats, weights: Floats) -> tuple[float, float]:
    """P(T <= promise) by the product limit on time in promises, and how many cases it is worth.

    Greenwood's variance with weights, turned into the number of plain cases as sure as it.
    """
    u, event = _in_promises(p, y, age)
    order = np.lexsort((~event, u))  # of one time, outcomes before those still open
    u, event, w = u[order], event[order], weights[order]
    at_risk = np.cumsum(w[::-1])[::-1]
    event &= u <= 1.0
    # The longest at risk may be an outcome: then nobody is left to be late.
    left = np.where(event, (at_risk - w) / at_risk, 1.0)
    left[event & (at_risk - w <= 1e-12 * at_risk)] = 0.0
    late = float(np.prod(left))
    kept = 1.0 - late
    kish = float(w.sum() ** 2 / (w @ w))
    settled = kish * float(w @ (event | (u > 1.0))) / float(w.sum())
    if not 0.0 < late < 1.0:
        return kept, settled
    steps = w[event] / (at_risk[event] * (at_risk[event] - w[event]))
    variance = late**2 * float((w[event] * steps).sum())
    return kept, min(kept * late / variance, kish) if variance > 0 else settled


def _in_promises(p: Floats, y: Floats, age: Floats) -> tuple[Floats, Mask]:
    """Time until the outcome or until now, the promise being 1; whether there is an outcome."""
    event = ~np.isnan(y)
    time = np.where(event, y, age)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.where(p > 0, time / p, np.where(time <= p, event * 1.0, 2.0))
    u = np.where(event & (time <= p), np.minimum(u, 1.0), u)  # kept is kept, whatever rounding says
    return u, event


def _wilson(share: float, n: float, confidence: float) -> tuple[float, float]:
    """Wilson's interval for a share worth ``n`` cases, n not necessarily whole."""
    if n <= 0:
        return 0.0, 1.0
    z = float(ndtri((1 + confidence) / 2))
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    return max(0.0, centre - half), min(1.0, centre + half)


def _fallen(level: float, p: Floats, y: Floats, age: Floats) -> tuple[float, float | None]:
    """The evidence against "kept at least at the level", and the age at which the fall began.

    For each promise due, in order, the bet multiplies by q1 / q0 if broken, else by
    (1 - q1) / (1 - q0): fair or worse while the share broken is at most q0. A bet begun at the k-th
    promise gets a share of the stake that falls as 1 / (k ln(k)^2), so all together stake one.
    """
    due = age > p
    if not due.any():
        return 1.0, None
    broken, made, late = ~(y[due] <= p[due]), age[due], (age - p)[due]
    due_order = np.lexsort((-made, -late))  # the longest due first
    k = np.arange(1, len(broken) + 1) + 1.0
    stake = -np.log(k) - 2 * np.log(np.log(k)) - np.log(_STARTS)
    evidence = 1.0 - min(1.0, float(np.exp(stake).sum()))  # not yet placed: worth what it is
    began, best = None, -np.inf
    for rise in RISES:
        gains = _gains(broken, 1.0 - level, rise)
        evidence += float(np.exp(np.logaddexp.reduce(stake + _won(gains[due_order])))) / len(RISES)
        by_age = np.argsort(-made, kind="stable")
        won = _won(gains[by_age])
        if won.max() > best:
            best, began = float(won.max()), float(made[by_age][won.argmax()])
    return evidence, began


def _gains(broken: Mask, q0: float, rise: float) -> Floats:
    """The logarithm of what each promise pays a bet that the odds of breaking grew by ``rise``."""
    odds = rise * q0 / (1 - q0)
    q1 = odds / (1 + odds)
    return np.asarray(np.where(broken, np.log(q1 / q0), np.log((1 - q1) / (1 - q0))))


def _won(gains: Floats) -> Floats:
    """What a bet begun at each promise has won by now."""
    return np.asarray(np.cumsum(gains[::-1])[::-1])


def _because(
    level: float, covered: float, low: float, high: float, waiting: int, since: float | None
) -> str:
    now = f"{covered:.1%} kept ({low:.1%} to {high:.1%}) of promises meant for {level:.0%}"
    counted = f", {waiting:,} still open and counted as such" if waiting else ""
    if since is not None:
        return f"{now}{counted}; it fell below with promises made {since:.4g} ago"
    if low > level:
        return f"{now}{counted}; more than was meant: the promises could be shorter"
    return f"{now}{counted}; no sign of a fall"
