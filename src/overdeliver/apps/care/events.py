"""What happens in care. References only."""

from dataclasses import dataclass

from overdeliver.apps.journal.events import Event


@dataclass(frozen=True, kw_only=True)
class PlanChanged(Event):
    """A plan was switched, or has other steps (``plan:NAME``)."""

    change: str  # made, on, off, steps, back
    version: int


@dataclass(frozen=True, kw_only=True)
class CareBegun(Event):
    """A moment set a plan off (``care:NUMBER``)."""

    plan: str
    order: str
    arm: str
    steps: int


@dataclass(frozen=True, kw_only=True)
class StepDone(Event):
    """A step of a plan was sent, or stands in the call list."""

    plan: str
    channel: str
    content: str
    message: int | None


@dataclass(frozen=True, kw_only=True)
class StepHeld(Event):
    """A step was not sent: a person decides."""

    plan: str
    channel: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class StepDropped(Event):
    """A step will not be sent."""

    plan: str
    channel: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class TaskHandled(Event):
    """A call or a thank-you was done, put off, dropped or opened again (``task:NUMBER``)."""

    outcome: str


@dataclass(frozen=True, kw_only=True)
class MaterialChanged(Event):
    """A material was added, changed or taken away (``material:NUMBER``)."""

    change: str


@dataclass(frozen=True, kw_only=True)
class FeedChanged(Event):
    """A member of staff made or revoked a calendar feed (``staff:NUMBER``)."""

    change: str


@dataclass(frozen=True, kw_only=True)
class CareBlanked(Event):
    """What care of an erased customer held of a person was blanked (``customer:REFERENCE``)."""

    tasks: int
