"""The loop of a complaint: which step may follow which, and what each must show.

received -> admitted -> apologised -> cause found -> changed -> invited to judge again ->
good -> lesson written -> closed. Not good leads back to the change, which must be another one.
The database holds the same table (`guards`): nothing is skipped and nothing closes early.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from overdeliver.vocabulary.errors import Conflict, InputError

LONGEST = 5_000


@dataclass(frozen=True)
class Move:
    """One step: from which states, to which, and what it must show besides words."""

    name: str
    before: tuple[str, ...]
    after: str
    needs: str = ""  # cause, change: a row of that register, new for this complaint


MOVES: tuple[Move, ...] = (
    Move("admit", ("received",), "admitted"),
    Move("apologise", ("admitted",), "apologised"),
    Move("find_cause", ("apologised",), "cause_found", "cause"),
    Move("change", ("cause_found", "reopened"), "changed", "change"),
    Move("invite", ("changed",), "invited"),
    Move("good", ("invited",), "good"),
    Move("not_good", ("invited",), "reopened"),
    Move("write_lesson", ("good",), "lesson"),
    Move("close", ("lesson",), "closed"),
)
BY_NAME: Mapping[str, Move] = {move.name: move for move in MOVES}
#: Every state, in the order in which a complaint goes through them.
STATES: tuple[str, ...] = (
    "received",
    "admitted",
    "apologised",
    "cause_found",
    "changed",
    "invited",
    "reopened",
    "good",
    "lesson",
    "closed",
)
#: Every pair of states between which there is a step: what the database allows.
PAIRS: tuple[tuple[str, str], ...] = tuple(
    (before, move.after) for move in MOVES for before in move.before
)
#: What the customer may do himself.
OF_CUSTOMER = ("good", "not_good")


@dataclass(frozen=True)
class Shown:
    """What a step shows: words, and the register's row where it needs one (0: none)."""

    words: str
    cause: int = 0
    change: int = 0


def next_moves(state: str) -> tuple[Move, ...]:
    """The legal steps from a state; none once it is closed.

    >>> [move.name for move in next_moves("invited")], next_moves("closed")
    (['good', 'not_good'], ())
    """
    return tuple(move for move in MOVES if state in move.before)


def move_from(state: str, name: str) -> Move:
    """The step of that name from this state. InputError: no such step; Conflict: not from here.

    >>> move_from("received", "admit").after
    'admitted'
    >>> move_from("received", "close")
    Traceback (most recent call last):
    overdeliver.vocabulary.errors.Conflict: close: the complaint is received; next comes admit
    """
    if name not in BY_NAME:
        raise InputError(f"step {name!r}: use one of {', '.join(BY_NAME)}")
    move = BY_NAME[name]
    if state not in move.before:
        after = " or ".join(one.name for one in next_moves(state))
        what = f"next comes {after}" if after else "nothing comes after that"
        raise Conflict(f"{name}: the complaint is {state}; {what}")
    return move


def check_shown(move: Move, shown: Shown) -> Shown:
    """What the step shows, tidied. InputError: it shows too little.

    >>> check_shown(BY_NAME["change"], Shown("packed twice"))
    Traceback (most recent call last):
    overdeliver.vocabulary.errors.InputError: change: name the change, with its owner and date
    """
    words = shown.words.replace("\x00", "").strip()
    if not words:
        raise InputError(f"words: {move.name} needs words that show it was done")
    if len(words) > LONGEST:
        raise InputError(f"words: {LONGEST} characters at most")
    if move.needs == "cause" and not shown.cause:
        raise InputError("cause: choose the cause that was found, or write a new one")
    if move.needs == "change" and not shown.change:
        raise InputError("change: name the change, with its owner and date")
    return Shown(words, shown.cause, shown.change)
