"""Whether two complaints are alike: the words they share, the cause, the order."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

_WORD = re.compile(r"[^\W\d_]{4,}")
_STEM = 6  # letters compared: endings differ in all five languages


@dataclass(frozen=True)
class Told:
    """What of a complaint counts: its number, when, its words, its cause (0: none), its order."""

    number: int
    at: datetime
    text: str
    cause: int = 0
    order: str = ""
    object: str = ""


def shared(one: str, other: str) -> float:
    """The share of stems two texts have in common (Jaccard), between 0 and 1.

    >>> shared("the parcel came broken", "my parcels came broken again")
    0.75
    """
    first, second = _stems(one), _stems(other)
    both = first | second
    return len(first & second) / len(both) if both else 0.0


def like(one: Told, other: Told, most: float) -> bool:
    """Whether they are of the same kind: the same cause, or the same object in like words."""
    if one.cause and one.cause == other.cause:
        return True
    same = shared(one.text, other.text)
    return same > most or (one.object == other.object != "" and same > most / 2)


def second_failure(new: Told, earlier: Iterable[Told], days: int, most: float) -> int:
    """The latest like complaint of the same customer within so many days before; 0: none.

    >>> from datetime import UTC
    >>> day = datetime(2026, 3, 5, tzinfo=UTC)
    >>> old = Told(1, day - timedelta(days=40), "the parcel came broken", 0, "o-1")
    >>> again = Told(2, day, "parcel came broken again", 0, "o-2")
    >>> second_failure(again, [old], 180, 0.3), second_failure(again, [old], 30, 0.3)
    (1, 0)
    """
    window = timedelta(days=days)
    found = [
        one
        for one in earlier
        if one.number != new.number
        and timedelta() <= new.at - one.at <= window
        and like(new, one, most)
    ]
    return max(found, key=lambda one: (one.at, one.number)).number if found else 0


def likely_same(new: Told, others: Iterable[Told], most: float) -> list[int]:
    """Numbers of complaints that may be the same one told twice, the likeliest first.

    Of the same customer already: the same order, or like words. Proposed, never merged here.
    """
    scored = [
        (shared(new.text, one.text) + (0.5 if new.order and new.order == one.order else 0), one)
        for one in others
        if one.number != new.number
    ]
    likely = [(score, one.number) for score, one in scored if score > most]
    return [number for _, number in sorted(likely, key=lambda pair: (-pair[0], pair[1]))]


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.casefold())}
