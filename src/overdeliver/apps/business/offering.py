"""What is promised about: services, their classes, the one lever of each segment."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from overdeliver.apps.business import events, models
from overdeliver.apps.business.checks import checked_name
from overdeliver.apps.journal.actions import record
from overdeliver.audit.page.numbers import is_currency
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound
from overdeliver.vocabulary.gap import LEVERS
from overdeliver.vocabulary.moments import SECONDS

SERVICE_FIELDS = ("name", "lever", "unit", "whole", "tolerance", "fallback")


def keep_service(
    *,
    name: str,
    lever: str,
    unit: str,
    whole: bool = False,
    tolerance: float = 0.0,
    fallback: float | None = None,
    classes: Sequence[str] = (),
    slug: str = "",
    new: bool = True,
) -> str:
    """Add a service, or change the one of ``slug`` (``new=False``); returns its slug.

    ``tolerance`` and ``fallback`` are in the unit; ``classes`` from the lowest up, only for the
    service lever. InputError: a field is wrong; NotFound: nothing to change; Conflict: the slug is
    taken.
    """
    values = _checked(name, lever, unit, whole, tolerance, fallback)
    ranks = _classes(lever, classes)
    with transaction.atomic():
        row = models.Service.objects.filter(slug=slug).first() if slug else None
        if new:
            if row is not None:
                raise Conflict(f"service {slug!r}: there is one of that name already")
            top = models.Service.objects.aggregate(top=Max("position"))["top"]
            position = 0 if top is None else top + 1
            row = models.Service.objects.create(
                slug=slug or _free_slug(values["name"]), position=position, **values
            )
            _set_classes(row, ranks)
            record(events.ServiceChanged(subject=f"service:{row.slug}", change="added"))
            return row.slug
        row = _service(slug)
        changed = [field for field in SERVICE_FIELDS if getattr(row, field) != values[field]]
        if list(row.classes.values_list("name", flat=True)) != ranks:
            _set_classes(row, ranks)
            changed.append("classes")
        if changed:
            models.Service.objects.filter(pk=row.pk).update(**values)
            record(
                events.ServiceChanged(
                    subject=f"service:{slug}", change="changed", fields=tuple(changed)
                )
            )
        return slug


def retire_service(slug: str, *, active: bool = False) -> None:
    """Promise nothing new about a service, or take it up again; its past stays. NotFound: none."""
    with transaction.atomic():
        row = _service(slug)
        if models.Service.objects.filter(pk=row.pk).exclude(active=active).update(active=active):
            change = "taken_up" if active else "retired"
            record(events.ServiceChanged(subject=f"service:{slug}", change=change))


def move_service(slug: str, by: int) -> None:
    """Move a service up (-1) or down (1) among the others. NotFound: there is none."""
    with transaction.atomic():
        row = _service(slug)
        order = list(models.Service.objects.order_by("position", "id").values_list("pk", flat=True))
        at = order.index(row.pk)
        to = min(max(at + by, 0), len(order) - 1)
        if to == at:
            return
        order.insert(to, order.pop(at))
        for position, pk in enumerate(order):
            models.Service.objects.filter(pk=pk).update(position=position)
        record(events.ServicesOrdered(subject="business:services"))


def choose_lever(segment: str, lever: str) -> None:
    """Make a lever the one of a segment (empty: everybody else); an empty lever takes it away.

    InputError: no such lever.
    """
    if lever and lever not in LEVERS:
        raise InputError(f"lever: {lever!r} is none of {', '.join(LEVERS)}")
    segment = " ".join(segment.split())
    if len(segment) > 100:
        raise InputError("segment: 100 characters at most")
    with transaction.atomic():
        before = models.LeverChoice.objects.filter(segment=segment).first()
        if (before.lever if before else "") == lever:
            return
        if lever:
            models.LeverChoice.objects.update_or_create(segment=segment, defaults={"lever": lever})
        else:
            models.LeverChoice.objects.filter(segment=segment).delete()
        record(events.LeverChosen(subject=f"segment:{segment or '*'}", lever=lever))


def _checked(
    name: str, lever: str, unit: str, whole: bool, tolerance: float, fallback: float | None
) -> dict[str, Any]:
    if lever not in LEVERS:
        raise InputError(f"lever: {lever!r} is none of {', '.join(LEVERS)}")
    if lever == "service":
        unit, whole = "class", True
    fits = {"time": unit in SECONDS, "cost": is_currency(unit), "service": True}[lever]
    if not fits:
        raise InputError(f"unit: {unit!r} does not fit the lever {lever}")
    for field, value in (("tolerance", tolerance), ("fallback", fallback or 0.0)):
        if not 0 <= value < 1e12:
            raise InputError(f"{field}: {value:g} must be 0 or more")
    return {
        "name": checked_name("name", name, 200),
        "lever": lever,
        "unit": unit,
        "whole": whole,
        "tolerance": tolerance,
        "fallback": fallback,
    }


def _classes(lever: str, classes: Sequence[str]) -> list[str]:
    if lever != "service":
        return []
    found = [checked_name("classes", one, 100) for one in classes if one.strip()]
    if len(found) < 2:
        raise InputError("classes: a service lever needs two classes at least, the lowest first")
    if len(set(found)) < len(found):
        raise InputError("classes: each of them once")
    return found


def _set_classes(row: models.Service, names: Sequence[str]) -> None:
    row.classes.all().delete()
    models.ServiceClass.objects.bulk_create(
        models.ServiceClass(service=row, name=name, rank=rank)
        for rank, name in enumerate(names, start=1)
    )


def _service(slug: str) -> models.Service:
    row = models.Service.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound(f"service {slug!r}: there is none of that name")
    return row


def _free_slug(name: str) -> str:
    base = slugify(name, allow_unicode=True)[:70] or "service"
    taken = set(models.Service.objects.values_list("slug", flat=True))
    return next(s for s in (base, *(f"{base}-{n}" for n in range(2, 9999))) if s not in taken)
