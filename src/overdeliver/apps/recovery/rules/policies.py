"""How the business makes things right, as data with versions."""

from dataclasses import dataclass
from typing import ClassVar

from overdeliver.apps.business.rules import Policy
from overdeliver.vocabulary.errors import InputError

#: What a customer may choose from, in the order in which it is offered.
REMEDIES = ("refund", "redo", "credit", "apology")
#: State -> the field that says how many business hours its next step may take.
_FIELDS = {
    "received": "hours_to_admit",
    "admitted": "hours_to_apologise",
    "apologised": "hours_to_find_cause",
    "cause_found": "hours_to_change",
    "changed": "hours_to_invite",
    "reopened": "hours_to_change_again",
    "invited": "hours_to_answer",
    "good": "hours_to_write_lesson",
    "lesson": "hours_to_close",
}


@dataclass(frozen=True, kw_only=True)
class LoopPolicy(Policy):
    """How many hours of opening each step may take, by the business calendar."""

    kind: ClassVar[str] = "recovery_loop"

    hours_to_admit: float = 4.0  # the first answer: this is promised to the customer
    hours_to_apologise: float = 8.0
    hours_to_find_cause: float = 24.0
    hours_to_change: float = 40.0
    hours_to_invite: float = 8.0
    hours_to_answer: float = 40.0  # then a person asks the customer once more
    hours_to_change_again: float = 16.0
    hours_to_write_lesson: float = 16.0
    hours_to_close: float = 8.0

    def __post_init__(self) -> None:
        for name in _FIELDS.values():
            if not 0 < getattr(self, name) <= 2000:
                raise InputError(f"{name}: must lie above 0 and not above 2000")

    def hours_after(self, state: str) -> float | None:
        """Business hours the next step may take from this state; None: there is none.

        >>> LoopPolicy().hours_after("received"), LoopPolicy().hours_after("closed")
        (4.0, None)
        """
        return getattr(self, _FIELDS[state]) if state in _FIELDS else None


@dataclass(frozen=True, kw_only=True)
class RemedyPolicy(Policy):
    """What is offered, how often it is apologised, and where reviews are asked for.

    Repeated apologies and promises to do better backfire (Halperin, Ho, List & Muir 2022); two
    failures close together are worse than two far apart (Maxham & Netemeyer 2002).
    """

    kind: ClassVar[str] = "recovery_remedies"

    offered: tuple[str, ...] = ()  # the customer may choose among these; none: nothing is offered
    most_apologies: int = 2  # to one customer within the window; then a remedy or a person
    apology_days: int = 180
    second_failure_days: int = 180  # a like complaint of the same customer within these is an alarm
    most_alike: float = 0.3  # shared words above this share are like; between 0 and 1
    review_places: tuple[str, ...] = ()  # addresses where reviews may be written; none: not asked
    ask_for_review: bool = False

    def __post_init__(self) -> None:
        if unknown := set(self.offered) - set(REMEDIES):
            raise InputError(f"offered: {sorted(unknown)[0]!r} is none of {', '.join(REMEDIES)}")
        if not 1 <= self.most_apologies <= 20:
            raise InputError("most_apologies: must lie between 1 and 20")
        for name in ("apology_days", "second_failure_days"):
            if not 1 <= getattr(self, name) <= 3650:
                raise InputError(f"{name}: must lie between 1 and 3650")
        if not 0 < self.most_alike < 1:
            raise InputError("most_alike: must lie between 0 and 1")
        for place in self.review_places:
            if not place.startswith("https://") or len(place) > 300 or " " in place:
                raise InputError(f"review_places: {place!r} must begin with https://")
        if self.ask_for_review and not self.review_places:
            raise InputError("review_places: name a place before asking for reviews")
