"""Histories of many clients, and whether there is an order in which they could have happened.

A history is what each client asked, when it asked, what it was told and when. It is right when
every call can be given one moment between asking and telling, so that one after the other a plain
model answers the same (linearizability: Herlihy and Wing 1990; the search: Wing and Gong 1993). A
call whose client died may have happened at any time since, or not at all.
"""

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

#: What a client that died was told.
UNKNOWN = "?"

State = Hashable
#: What a model makes of a call: the state afterwards and the answer.
Model = Callable[[Any, tuple[Any, ...]], tuple[State, Any]]


@dataclass(frozen=True)
class Call:
    """One call; the moments are of one clock, the last one endless where nothing was told."""

    client: int
    asked: tuple[Any, ...]
    told: Any
    since: float
    until: float = math.inf


def legal(history: Sequence[Call], model: Model, start: State) -> bool:
    """Whether some order of these calls is one that the model could have answered."""
    calls = sorted(history, key=lambda one: one.since)
    needed = sum(1 << n for n, one in enumerate(calls) if one.told != UNKNOWN)
    seen: set[tuple[int, State]] = set()
    trail: list[tuple[int, State]] = [(0, start)]
    while trail:
        done, state = trail.pop()
        if done & needed == needed:
            return True
        if (done, state) in seen:
            continue
        seen.add((done, state))
        trail += _next(calls, done, state, model)
    return False


def _next(calls: Sequence[Call], done: int, state: State, model: Model) -> list[tuple[int, State]]:
    """Where one more call may lead: each that was asked before any open one had its answer."""
    found, first = [], math.inf
    for n, one in enumerate(calls):
        if done >> n & 1:
            continue
        if one.since > first:
            break
        first = min(first, one.until)
        after, told = model(state, one.asked)
        if told == one.told or (one.told == UNKNOWN and after != state):
            found.append((done | 1 << n, after))
    return found
