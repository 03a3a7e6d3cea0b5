"""What people do about the lines of the Today page."""

from dataclasses import dataclass

from overdeliver.apps.journal.events import Event


@dataclass(frozen=True, kw_only=True)
class LineMarked(Event):
    """A line was set aside: done, or until later."""

    state: str


@dataclass(frozen=True, kw_only=True)
class LineBroughtBack(Event):
    """A line set aside came back."""
