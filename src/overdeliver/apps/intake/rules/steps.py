"""The way of a file into the ledger: which step may follow which."""

from collections.abc import Mapping

from overdeliver.vocabulary.errors import Conflict

#: State -> the states that may follow. ``looking``, ``checking``, ``importing`` and ``undoing`` are
#: the worker's; in all others a person is asked or nothing is left to do.
STEPS: Mapping[str, frozenset[str]] = {
    "looking": frozenset({"mapped", "checking", "failed", "dropped"}),
    "mapped": frozenset({"looking", "dropped"}),
    "checking": frozenset({"checked", "mapped", "importing", "failed"}),
    "checked": frozenset({"looking", "importing", "dropped"}),
    "importing": frozenset({"done", "failed"}),
    "done": frozenset({"undoing"}),
    "undoing": frozenset({"undone", "done"}),
    "undone": frozenset({"looking", "dropped"}),
    "failed": frozenset({"looking", "importing", "undoing", "dropped"}),
    "dropped": frozenset(),
}
#: The states in which the worker has something to do.
WORK = ("looking", "checking", "importing", "undoing")
#: The states in which a person is asked.
WAITING = ("mapped", "checked")
#: Tries of one step before it counts as failed: a child that crashes will crash again.
TRIES = 3


def step(state: str, to: str) -> str:
    """The state that follows. Conflict: that step does not follow from here.

    >>> step("checked", "importing")
    'importing'
    """
    if to not in STEPS.get(state, frozenset()):
        can = ", ".join(sorted(STEPS.get(state, ()))) or "nothing"
        raise Conflict(f"the file is {state}: {to} cannot follow; what can is {can}")
    return to


def promise_reference(order: str, lever: str) -> str:
    """The reference of the one promise of a lever that a file or a call makes about an order.

    >>> promise_reference("1001", "time")
    '1001.time'
    """
    return f"{order}.{lever}"
