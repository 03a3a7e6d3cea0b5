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
    """A later promise took the place of an earlier one; both are scored."""

    order: str
    revises: str
    promised: float
    unit: str
    due_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PromiseBroken(Event):
    """The promise was not kept, or its moment passed unobserved."""

    order: str
    gap: float | None
    unit: str
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class PromiseMet(Event):
    """Kept, and no more."""

    order: str
    gap: float
    unit: str


@dataclass(frozen=True, kw_only=True)
class PromiseExceeded(Event):
    """Better than promised by more than the tolerance."""

    order: str
    gap: float
    unit: str


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event):
    """An order came in (``order:REFERENCE``)."""

    customer: str


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event):
    """The customer or the business took the order back."""
