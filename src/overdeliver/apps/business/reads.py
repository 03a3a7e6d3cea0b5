"""What other chapters may know of the business."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, time
from typing import TypeVar

from django.utils import timezone

from overdeliver.apps.business import models
from overdeliver.apps.business.calendars import opening_hours
from overdeliver.apps.business.rules import Policy
from overdeliver.vocabulary.errors import NotFound
from overdeliver.vocabulary.gap import Lever
from overdeliver.vocabulary.hours import BusinessHours, Shifts

Kind = TypeVar("Kind", bound=Policy)
_ASKED: ContextVar[list["BusinessCard"] | None] = ContextVar("business", default=None)


@dataclass(frozen=True)
class BusinessCard:
    """The business in a few words."""

    name: str
    kind: str
    country: str
    zone: str
    currency: str
    language: str
    demo: bool
    made_up: str  # made-up data: empty, asked, done
    logo: str = ""  # the name of the one in use


@dataclass(frozen=True)
class ServiceCard:
    """A service that promises are made about."""

    slug: str
    name: str
    lever: Lever
    unit: str
    whole: bool
    tolerance: float
    fallback: float | None
    active: bool
    classes: tuple[str, ...]  # lowest first; empty unless the lever is service


def business() -> BusinessCard | None:
    """The business, or None before the first-run wizard."""
    kept = _ASKED.get()
    if kept:
        return kept[0]
    row = models.Business.objects.first()
    if row is None:
        return None
    card = BusinessCard(
        row.name,
        row.kind,
        row.country,
        row.zone,
        row.currency,
        row.language,
        row.demo,
        row.made_up,
        row.logo,
    )
    if kept is not None:
        kept.append(card)
    return card


@contextmanager
def asked_once() -> Iterator[None]:
    """Within the block the business is looked up once: a request is about one moment of it."""
    mark = _ASKED.set([])
    try:
        yield
    finally:
        _ASKED.reset(mark)


def changed() -> None:
    """The business has changed: it is looked up anew."""
    if kept := _ASKED.get():
        kept.clear()


def zone() -> str:
    """The business's time zone, UTC before there is a business."""
    here = business()
    return here.zone if here else "UTC"


def services(*, active: bool = True) -> list[ServiceCard]:
    """The services in their order; all of them with ``active=False``."""
    rows = models.Service.objects.prefetch_related("classes").order_by("position", "id")
    return [_card(row) for row in (rows.filter(active=True) if active else rows)]


def service(slug: str) -> ServiceCard:
    """One service. NotFound: none of that name."""
    row = models.Service.objects.prefetch_related("classes").filter(slug=slug).first()
    if row is None:
        known = ", ".join(models.Service.objects.values_list("slug", flat=True)[:12])
        raise NotFound(f"service {slug!r}: there is none of that name; there are {known or 'none'}")
    return _card(row)


def hours(today: date | None = None) -> BusinessHours | None:
    """The opening hours on the country's calendar around ``today``; None: none are set."""
    here = business()
    week: list[list[tuple[time, time]]] = [[] for _ in range(7)]
    for shift in models.Shift.objects.all():
        week[shift.weekday].append((shift.opens, shift.closes))
    if here is None or not any(week):
        return None
    special: dict[date, Shifts] = {}
    for row in models.SpecialDay.objects.all():
        opened = ((row.opens, row.closes),) if row.opens and row.closes else ()
        special[row.day] = (*special.get(row.day, ()), *opened)
    year = (today or timezone.localdate()).year
    shifts = [tuple(one) for one in week]
    return opening_hours(here.zone, here.country, year, shifts, special)


def service_kinds() -> list[tuple[str, str, str]]:
    """Slug, lever and unit of the active services, in one statement."""
    rows = models.Service.objects.filter(active=True).order_by("position", "id")
    return list(rows.values_list("slug", "lever", "unit"))


def service_tolerances() -> list[tuple[str, str, str, float, bool]]:
    """Slug, lever, unit, tolerance and whether it is active, of every service in one statement."""
    rows = models.Service.objects.order_by("position", "id")
    return list(rows.values_list("slug", "lever", "unit", "tolerance", "active"))


def policy(kind: type[Kind]) -> Kind:
    """The policy of a kind that is in force; its defaults, as version 1, while none is stored."""
    row = models.Policy.objects.filter(kind=kind.kind).order_by("-version").first()
    return kind() if row is None else kind.of(row.data, row.version)


@dataclass(frozen=True)
class StaleInformation:
    """What customers are told at a touchpoint, past its day."""

    slug: str
    name: str
    until: date


def stale_information(today: date | None = None) -> list[StaleInformation]:
    """Touchpoints whose information has expired, the longest expired first."""
    rows = models.Touchpoint.objects.filter(
        active=True, information_until__lt=today or timezone.localdate()
    ).exclude(information="")
    return [
        StaleInformation(row.slug, row.name, row.information_until)
        for row in rows.order_by("information_until")
        if row.information_until
    ]


def lever_of(segment: str) -> Lever | None:
    """The one active lever of a segment, else everybody's, else None."""
    rows = models.LeverChoice.objects.filter(segment__in=[segment, ""]).order_by("-segment")
    first = rows.first()
    return first.lever if first else None  # type: ignore[return-value]


def _card(row: models.Service) -> ServiceCard:
    return ServiceCard(
        row.slug,
        row.name,
        row.lever,  # type: ignore[arg-type]
        row.unit,
        row.whole,
        row.tolerance,
        row.fallback,
        row.active,
        tuple(one.name for one in row.classes.all()),
    )
