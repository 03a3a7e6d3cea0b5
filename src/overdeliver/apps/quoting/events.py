"""What happens to quotes and models."""

from dataclasses import dataclass
from datetime import datetime

from overdeliver.apps.journal.events import Event


@dataclass(frozen=True, kw_only=True)
class QuoteAccepted(Event):
    """A quote became a promise (``quote:REFERENCE``)."""

    order: str
    promise: str


@dataclass(frozen=True, kw_only=True)
class ModelLearned(Event):
    """A new model was learned (``model:SERVICE``) and judged."""

    version: int
    verdict: str


@dataclass(frozen=True, kw_only=True)
class ModelPublished(Event):
    """From now on quotes of the service come from this version."""

    version: int
    before: int | None


@dataclass(frozen=True, kw_only=True)
class ModelWithdrawn(Event):
    """No model of the service promises any more: the stated promise holds."""

    version: int


@dataclass(frozen=True, kw_only=True)
class LearningFailed(Event):
    """A night of learning was given up (``learning:RUN``)."""

    error: str


@dataclass(frozen=True, kw_only=True)
class DriftRaised(Event):
    """Fewer promises of the service are kept than was said (``drift:SERVICE``)."""

    level: float
    covered: float
    since: datetime | None


@dataclass(frozen=True, kw_only=True)
class DriftCleared(Event):
    """The service keeps what it says again."""

    covered: float


@dataclass(frozen=True, kw_only=True)
class QuotesForgotten(Event):
    """Quotes that nobody accepted went when their time was over (``policy:retention``)."""

    quotes: int
