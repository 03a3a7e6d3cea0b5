"""A plain model of a complaint and of a promise: one call after the other, nothing else."""

from dataclasses import dataclass, replace
from typing import Any

from overdeliver.apps.recovery.rules.loop import BY_NAME
from overdeliver.vocabulary.gap import gap, verdict
from tests.histories import State

CONFLICT = "conflict"
FIRST = 100.0  # what is promised first, in euros


@dataclass(frozen=True)
class CaseState:
    """A complaint as far as the model goes."""

    status: str = "received"
    steps: int = 0
    owner: int | None = None


def case_model(state: CaseState, asked: tuple[Any, ...]) -> tuple[State, Any]:
    """Take, give back, step, read: each alone, one after the other."""
    what, *more = asked
    if what == "read":
        return state, (state.status, state.steps, state.owner)
    if what == "free":
        return replace(state, owner=None), "ok"
    if what == "take":
        free = state.owner in (None, more[0])
        return (replace(state, owner=more[0]), "ok") if free else (state, CONFLICT)
    name, seen = more
    if seen != state.steps or state.status not in BY_NAME[name].before:
        return state, CONFLICT
    after = BY_NAME[name].after
    return replace(state, status=after, steps=state.steps + 1), after


@dataclass(frozen=True)
class PromiseState:
    """A promise with its revisions: references and amounts, reports by key, the one that counts."""

    made: tuple[tuple[str, float], ...]
    reports: frozenset[tuple[str, float]] = frozenset()
    actual: float | None = None

    def verdict(self, promised: float) -> str:
        """How a promise of so much stands."""
        apart = None if self.actual is None else gap(promised, self.actual, "cost")
        return str(verdict(apart))


def promise_model(state: PromiseState, asked: tuple[Any, ...]) -> tuple[State, Any]:
    """Revise, report, read: each alone, one after the other."""
    what, *more = asked
    last, amount = state.made[-1]
    if what == "read":
        return state, (state.verdict(amount), state.actual, last)
    if what == "revise":
        before, reference, amount = more
        if (reference, amount) in state.made:
            return state, reference
        if state.actual is not None or before != last:
            return state, CONFLICT
        return replace(state, made=(*state.made, (reference, amount))), reference
    actual, key = more
    known = dict(state.reports).get(key)
    if known is not None:
        return state, state.verdict(FIRST) if known == actual else CONFLICT
    after = replace(state, reports=state.reports | {(key, actual)}, actual=actual)
    return after, after.verdict(FIRST)
