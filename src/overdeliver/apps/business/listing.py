"""What the pages of Settings show: services with their place, touchpoints, hours, versions."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils import timezone

from overdeliver.apps.business import models
from overdeliver.apps.business.rules import Policy
from overdeliver.apps.journal.events import plain
from overdeliver.vocabulary.errors import NotFound
from overdeliver.vocabulary.hours import Shifts


@dataclass(frozen=True)
class TouchpointCard:
    """A touchpoint; ``stale``: its information has passed its day."""

    slug: str
    name: str
    phase: str
    owner: str
    can_go_wrong: str
    expected: str
    information: str
    information_until: date | None
    active: bool
    stale: bool


@dataclass(frozen=True)
class SpecialDayCard:
    """A day with hours of its own; no shifts: closed."""

    day: date
    name: str
    shifts: Shifts


@dataclass(frozen=True)
class VersionCard:
    """A version of a policy: who set it, when and why."""

    version: int
    at: datetime
    by: str
    note: str
    data: dict[str, object]
    changed: tuple[str, ...]  # fields that differ from the version before


def touchpoints(
    *, phase: str = "", text: str = "", stale: bool = False, active: bool = True
) -> list[TouchpointCard]:
    """The map in its order, filtered; information is stale from the day after its last one."""
    rows = models.Touchpoint.objects.filter(active=active).order_by("position", "id")
    if phase:
        rows = rows.filter(phase=phase)
    if stale:
        rows = rows.exclude(information="").filter(information_until__lt=timezone.localdate())
    cards = [_card(row) for row in rows]
    needle = text.casefold().strip()
    return [one for one in cards if not needle or needle in _searched(one)]


def stale_count() -> int:
    """Touchpoints whose information has passed its day."""
    return len(touchpoints(stale=True))


def touchpoint(slug: str) -> TouchpointCard:
    """One touchpoint. NotFound: there is none of that name."""
    row = models.Touchpoint.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound(f"touchpoint {slug!r}: there is none of that name")
    return _card(row)


def week() -> tuple[Shifts, ...]:
    """The shifts of Monday to Sunday."""
    days: list[list[tuple[time, time]]] = [[] for _ in range(7)]
    for row in models.Shift.objects.all():
        days[row.weekday].append((row.opens, row.closes))
    return tuple(tuple(day) for day in days)


def special_days(since: date | None = None) -> list[SpecialDayCard]:
    """The days with hours of their own, from a day on."""
    found: dict[date, tuple[str, list[tuple[time, time]]]] = {}
    rows = models.SpecialDay.objects.all()
    for row in rows.filter(day__gte=since) if since else rows:
        shifts = found.setdefault(row.day, (row.name, []))[1]
        if row.opens is not None and row.closes is not None:
            shifts.append((row.opens, row.closes))
    return [SpecialDayCard(day, name, tuple(shifts)) for day, (name, shifts) in found.items()]


def levers() -> dict[str, str]:
    """Segment (empty: everybody else) -> its one lever."""
    rows = models.LeverChoice.objects.order_by("segment")
    return dict(rows.values_list("segment", "lever"))


def versions(kind: type[Policy]) -> list[VersionCard]:
    """Every version of a policy, the newest first; the defaults are version 1."""
    rows = list(models.Policy.objects.filter(kind=kind.kind).order_by("version"))
    cards, before = [], plain(kind().data())
    for row in rows:
        changed = tuple(name for name, value in row.data.items() if before.get(name) != value)
        cards.append(VersionCard(row.version, row.at, row.by, row.note, row.data, changed))
        before = row.data
    return cards[::-1]


def version_counts() -> dict[str, int]:
    """Kind of policy -> the version in force, for those that were ever set."""
    found: dict[str, int] = {}
    for kind, version in models.Policy.objects.values_list("kind", "version"):
        found[kind] = max(version, found.get(kind, 0))
    return found


def _card(row: models.Touchpoint) -> TouchpointCard:
    until = row.information_until
    stale = bool(row.information) and until is not None and until < timezone.localdate()
    return TouchpointCard(
        row.slug,
        row.name,
        row.phase,
        row.owner,
        row.can_go_wrong,
        row.expected,
        row.information,
        until,
        row.active,
        stale,
    )


def _searched(one: TouchpointCard) -> str:
    parts = (one.name, one.owner, one.can_go_wrong, one.expected, one.information)
    return " ".join(parts).casefold()
