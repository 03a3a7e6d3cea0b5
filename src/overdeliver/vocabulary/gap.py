"""The one definition of gap and verdict, for a number, an array and a table expression alike.

The gap is signed in the customer's favour: what was promised minus what happened for time and
cost, what was delivered minus what was booked for service classes. Nothing here imports numpy or
Ibis: the operators are the caller's.

>>> gap(60, 45, "time"), verdict(gap(60, 45, "time"))
(15, 'exceeded')
>>> gap(30, 45, "time"), verdict(gap(30, 45, "time"))
(-15, 'broken')
>>> gap(1, 2, "service")   # economy (1) booked, business (2) delivered
1
"""

from typing import Any, Literal

Lever = Literal["time", "cost", "service"]
Verdict = Literal["broken", "met", "exceeded", "open", "unknown"]

LEVERS: tuple[Lever, ...] = ("time", "cost", "service")
VERDICTS: tuple[Verdict, ...] = ("broken", "met", "exceeded", "open", "unknown")
#: The verdicts that settle a promise: the only ones a kept rate counts.
SETTLED: tuple[Verdict, ...] = ("broken", "met", "exceeded")
KEPT: tuple[Verdict, ...] = ("met", "exceeded")


def gap(promised: Any, actual: Any, lever: Lever = "time") -> Any:
    """The gap in the promise's unit, positive in the customer's favour.

    ``promised`` and ``actual`` are numbers, numpy arrays or Ibis columns of one unit; for
    ``service`` they are ranks of the class booked and the class delivered (higher is better).
    """
    if lever == "service":
        return actual - promised
    return promised - actual


def verdict(gap: Any, *, overdue: Any = False, lost: Any = False, tolerance: Any = 0) -> Any:
    """Broken, met or exceeded; open or unknown while there is no outcome.

    ``gap`` may be missing (None, NaN, NULL): nothing was observed. Then the promise is *unknown*
    if ``lost`` (it can no longer be known, for example an order cancelled while its promise was not
    yet due; cancelled later, it was broken before and stays so), else *broken* if ``overdue``, else
    *open*. With a gap it is *broken* below zero, *exceeded* above ``tolerance``
    (in the unit of the gap), else *met*.

    >>> verdict(0), verdict(1, tolerance=1), verdict(1.5, tolerance=1)
    ('met', 'met', 'exceeded')
    >>> verdict(None), verdict(None, overdue=True), verdict(None, overdue=True, lost=True)
    ('open', 'broken', 'unknown')
    """
    if gap is None:
        gap = float("nan")
    unobserved = _choose(lost, "unknown", _choose(overdue, "broken", "open"))
    observed = _choose(gap < 0, "broken", _choose(gap > tolerance, "exceeded", "met"))
    return _choose(_known(gap), observed, unobserved)


def _known(gap: Any) -> Any:
    return gap.notnull() if hasattr(gap, "notnull") and hasattr(gap, "ifelse") else gap == gap


def _choose(condition: Any, yes: Any, no: Any) -> Any:
    """``yes`` where the condition holds, else ``no``; the condition brings its own way to do it."""
    if hasattr(condition, "ifelse"):  # an Ibis expression
        return condition.ifelse(yes, no)
    if hasattr(condition, "__array_namespace__") and getattr(condition, "shape", False):
        return condition.__array_namespace__().where(condition, yes, no)
    return yes if condition else no
