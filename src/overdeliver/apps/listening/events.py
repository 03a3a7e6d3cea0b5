"""What customers say."""

from dataclasses import dataclass

from overdeliver.apps.journal.events import Event


@dataclass(frozen=True, kw_only=True)
class FeedbackGiven(Event):
    """A score or a text came in (``feedback:REFERENCE``); the words themselves stay out of it."""

    order: str
    kind_of: str
    score: float | None
