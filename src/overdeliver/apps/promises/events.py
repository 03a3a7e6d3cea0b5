"""What happens to promises."""

from dataclasses import dataclass
from datetime import datetime

from overdeliver.apps.journal.events import Event


@dataclass(frozen=True, kw_only=True)
class PromiseMade(Event):
    """A promise was given (``promise:REFERENCE``)."""

    order: str
    lever: str
    promised: float
    unit: str
    due_at: datetime | None
    source: str


@dataclass(frozen=True, kw_only=True)
class PromiseRevised(Event):
    """A later promise took the place of an earlier one; both are scored.

    ``revises`` is the original, ``replaces`` the promise that was in force until now.
    """

    order: str
    revises: str
    replaces: str
    promised: float
    unit: str
    due_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PromiseReplaced(Event):
    """The same, told of the promise that is no longer in force: ``by`` the new one."""

    order: str
    by: str


@dataclass(frozen=True, kw_only=True)
class PromiseBroken(Event):
    """The promise was not kept, or its moment passed unobserved (``overdue``).

    ``latest``: no revision has taken its place; ``original``: it is none itself.
    """

    order: str
    gap: float | None
    unit: str
    overdue: bool
    latest: bool = True
    original: bool = True


@dataclass(frozen=True, kw_only=True)
class PromiseMet(Event):
    """Kept, and no more."""

    order: str
    gap: float
    unit: str
    latest: bool = True
    original: bool = True


@dataclass(frozen=True, kw_only=True)
class PromiseExceeded(Event):
    """Better than promised by more than the tolerance."""

    order: str
    gap: float
    unit: str
    latest: bool = True
    original: bool = True


@dataclass(frozen=True, kw_only=True)
class OutcomeRecorded(Event):
    """An outcome became known that changed no verdict: overdue before, now seen to be late."""

    order: str
    actual: float
    unit: str
    gap: float


@dataclass(frozen=True, kw_only=True)
class OutcomeCorrected(Event):
    """An outcome was reported again, otherwise; the earlier one stays in the ledger."""

    order: str
    actual: float
    unit: str
    was: float
    verdict: str


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event):
    """An order came in (``order:REFERENCE``)."""

    customer: str


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event):
    """The customer or the business took the order back."""


@dataclass(frozen=True, kw_only=True)
class OrderCompleted(Event):
    """Everything ordered is there."""

    at: datetime


@dataclass(frozen=True, kw_only=True)
class NextStepSaid(Event):
    """The status page of the order says something else under "what happens next"."""


@dataclass(frozen=True, kw_only=True)
class OrdersBlanked(Event):
    """What an erased customer's orders held of a person was blanked (``customer:REFERENCE``)."""

    orders: int


@dataclass(frozen=True, kw_only=True)
class BatchWithdrawn(Event):
    """An import was undone (``batch:NAME``): its rows are gone, this entry stays."""

    orders: int
    promises: int
    outcomes: int
    encounters: int
