"""What can come of a call or a personal thank-you."""

from dataclasses import dataclass
from datetime import datetime

from overdeliver.vocabulary.errors import Conflict, InputError

#: What ends a task, and what does not.
ENDS = {"call": ("reached", "message_left", "not_wanted"), "thanks": ("thanked", "not_wanted")}
AGAIN = ("no_answer", "call_back")
DROPPED = "not_wanted"


@dataclass(frozen=True)
class Turned:
    """How a task stands after an outcome: its status, and when it is due again."""

    status: str
    due_at: datetime | None = None


def outcomes_of(kind: str) -> tuple[str, ...]:
    """The outcomes a task of a kind may have.

    >>> outcomes_of("thanks")
    ('thanked', 'not_wanted')
    """
    return (*ENDS[kind], *AGAIN) if kind == "call" else ENDS[kind]


def turned(kind: str, status: str, outcome: str, back: datetime | None, now: datetime) -> Turned:
    """What an outcome makes of an open task. InputError: no such outcome, or a call back without a
    moment that lies ahead. Conflict: the task is not open any more.
    """
    if outcome not in outcomes_of(kind):
        raise InputError(f"outcome: use one of {', '.join(outcomes_of(kind))}")
    if status != "open":
        raise Conflict("task: somebody has done it already")
    if outcome in AGAIN:
        if back is None or back <= now:
            raise InputError("call_back: say when, a moment that lies ahead")
        return Turned("open", back)
    return Turned("dropped" if outcome == DROPPED else "done")
