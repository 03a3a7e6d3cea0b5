"""Touchpoints: where customers meet the business, and what they are told there."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from overdeliver.apps.business import events, models
from overdeliver.apps.business.checks import checked_name
from overdeliver.apps.journal.actions import record
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound

#: From the first advertisement to after the first use.
PHASES = ("before", "order", "wait", "delivery", "use", "after")
FIELDS = ("name", "phase", "owner", "can_go_wrong", "expected", "information", "information_until")


def keep_touchpoint(
    *,
    name: str,
    phase: str,
    owner: str = "",
    can_go_wrong: str = "",
    expected: str = "",
    information: str = "",
    information_until: date | None = None,
    slug: str = "",
    new: bool = True,
) -> str:
    """Add a touchpoint, or change the one of ``slug`` (``new=False``); returns its slug.

    ``information_until`` is the last day on which the information holds, in the business's zone.
    InputError: a field is wrong; NotFound: nothing to change; Conflict: the slug is taken.
    """
    if phase not in PHASES:
        raise InputError(f"phase: {phase!r} is none of {', '.join(PHASES)}")
    values: dict[str, Any] = {
        "name": checked_name("name", name, 200),
        "phase": phase,
        "owner": owner.strip()[:200],
        "can_go_wrong": can_go_wrong.strip(),
        "expected": expected.strip(),
        "information": information.strip(),
        "information_until": information_until,
    }
    if information_until and not values["information"]:
        raise InputError("information: say what holds until that day, or leave the day out")
    with transaction.atomic():
        row = models.Touchpoint.objects.filter(slug=slug).first() if slug else None
        if new:
            if row is not None:
                raise Conflict(f"touchpoint {slug!r}: there is one of that name already")
            return _add(slug, values)
        row = _touchpoint(slug)
        changed = tuple(field for field in FIELDS if getattr(row, field) != values[field])
        if changed:
            models.Touchpoint.objects.filter(pk=row.pk).update(**values)
            _tell(slug, "changed", changed)
        return slug


def retire_touchpoint(slug: str, *, active: bool = False) -> None:
    """Take a touchpoint off the map, or put it back. NotFound: there is none of that name."""
    with transaction.atomic():
        row = _touchpoint(slug)
        found = models.Touchpoint.objects.filter(pk=row.pk).exclude(active=active)
        if found.update(active=active):
            _tell(slug, "taken_up" if active else "retired")


def _add(slug: str, values: dict[str, Any]) -> str:
    slug = slug or _free_slug(values["name"])
    top = models.Touchpoint.objects.aggregate(top=Max("position"))["top"]
    models.Touchpoint.objects.create(slug=slug, position=0 if top is None else top + 1, **values)
    _tell(slug, "added")
    return slug


def _tell(slug: str, change: str, fields: tuple[str, ...] = ()) -> None:
    record(events.TouchpointChanged(subject=f"touchpoint:{slug}", change=change, fields=fields))


def _touchpoint(slug: str) -> models.Touchpoint:
    row = models.Touchpoint.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound(f"touchpoint {slug!r}: there is none of that name")
    return row


def _free_slug(name: str) -> str:
    base = slugify(name, allow_unicode=True)[:70] or "touchpoint"
    taken = set(models.Touchpoint.objects.values_list("slug", flat=True))
    return next(s for s in (base, *(f"{base}-{n}" for n in range(2, 9999))) if s not in taken)
