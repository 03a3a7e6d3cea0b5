"""What happens to complaints (``case:NUMBER``). References only: nothing personal."""

from dataclasses import dataclass
from datetime import datetime

from overdeliver.apps.journal.events import Event


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Event):
    """A complaint came in; its first answer is promised for ``answer_by``."""

    order: str
    channel: str
    object: str
    severity: str
    first: bool | None
    answer_by: datetime


@dataclass(frozen=True, kw_only=True)
class StepDone(Event):
    """A step of the loop was done."""

    step: str
    status: str
    late: bool


@dataclass(frozen=True, kw_only=True)
class CaseReopened(Event):
    """The customer judged again, and it was not good; ``times`` counts."""

    times: int


@dataclass(frozen=True, kw_only=True)
class CaseClosed(Event):
    """Judged good, with a lesson written down."""

    order: str
    reopened: int


@dataclass(frozen=True, kw_only=True)
class Escalated(Event):
    """A step was not done in time; once for each step."""

    status: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class SecondFailure(Event):
    """The same customer had a like complaint not long ago (``other``: its number)."""

    other: int


@dataclass(frozen=True, kw_only=True)
class CaseTaken(Event):
    """Somebody answers for a complaint from now on (``owner``: staff:7, or empty)."""

    owner: str


@dataclass(frozen=True, kw_only=True)
class CaseMerged(Event):
    """A complaint is the same as another one (``into``); undone: into 0."""

    into: int


@dataclass(frozen=True, kw_only=True)
class CaseLinked(Event):
    """A complaint was found to be a known customer's."""

    customer: str


@dataclass(frozen=True, kw_only=True)
class RemedyChosen(Event):
    """The customer chose how it is made good."""

    remedy: str


@dataclass(frozen=True, kw_only=True)
class ReviewAsked(Event):
    """The customer was asked for a review, in the same words as everybody."""


@dataclass(frozen=True, kw_only=True)
class CauseKept(Event):
    """A cause was written down or changed (``cause:NUMBER``)."""


@dataclass(frozen=True, kw_only=True)
class ChangeKept(Event):
    """A change of how the work is done was written down (``change:NUMBER``)."""

    cause: int


@dataclass(frozen=True, kw_only=True)
class CasesBlanked(Event):
    """What an erased customer's complaints held of a person was blanked."""

    cases: int
