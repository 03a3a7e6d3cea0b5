"""What happens to the business itself."""

from dataclasses import dataclass

from overdeliver.apps.journal.events import Event


@dataclass(frozen=True, kw_only=True)
class BusinessSetUp(Event):
    """The business was set up for the first time; ``kind`` is its starter."""

    kind: str
    demo: bool


@dataclass(frozen=True, kw_only=True)
class BusinessChanged(Event):
    """Name, country, zone, currency or language changed; ``fields`` says which."""

    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DemoAsked(Event):
    """Somebody wants to look around with made-up data of this many orders."""

    kind: str
    orders: int


@dataclass(frozen=True, kw_only=True)
class ServiceChanged(Event):
    """A service was added, changed, retired or taken up again."""

    change: str  # added, changed, retired, taken_up
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ServicesOrdered(Event):
    """The services stand in another order."""


@dataclass(frozen=True, kw_only=True)
class LeverChosen(Event):
    """The one lever of a segment; empty: none any more."""

    lever: str


@dataclass(frozen=True, kw_only=True)
class HoursChanged(Event):
    """The week or a special day has other opening hours."""

    what: str  # week, or the day in ISO


@dataclass(frozen=True, kw_only=True)
class TouchpointChanged(Event):
    """A touchpoint was added, changed, retired or taken up again."""

    change: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PolicySet(Event):
    """A new version of a policy is in force."""

    version: int
