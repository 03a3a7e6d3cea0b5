"""What people type about promises, read and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, time
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from overdeliver.apps.business.reads import ServiceCard
from overdeliver.apps.promises.lists import Filter
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.levels import Levels

HAND_SOURCES = ("staff", "contract", "standard", "advertisement")


def filter_of(query: QueryDict) -> Filter:
    """The filter of an address; InputError: a day or a verdict that is none."""
    given: dict[str, Any] = {}
    for field in fields(Filter):
        text = query.get(field.name, "").strip()
        if not text:
            continue
        if field.name in ("made_from", "made_to", "due_from", "due_to", "turned_from"):
            given[field.name] = day_of_text(text)
        elif field.name == "changed_since":
            given[field.name] = moment_of_text(text)
        elif field.name == "revised":
            given[field.name] = text == "1"
        elif field.name in ("level", "gap_from", "gap_to"):
            given[field.name] = number_of_text(text)
        elif field.name == "weekday":
            given[field.name] = int(number_of_text(text))
        else:
            given[field.name] = text[:200]
    return Filter(**given)


def terms_of_form(
    typed: Mapping[str, str], lever: str, unit: str, whole: bool, classes: Sequence[str]
) -> dict[str, Any]:
    """What a form promises, as `actions.make_promise` takes it.

    ``due_at`` (a day or a moment) for a promise of time, ``promised`` for a cost, ``class`` for a
    service class. InputError: none, or none that can be read.
    """
    terms: dict[str, Any] = {"lever": lever, "unit": unit, "whole": whole}
    if lever == "time":
        text = typed.get("due_at", "")
        terms["due_at"] = end_of_day_of(text) if whole and is_dated(unit) else moment_of_text(text)
    else:
        terms["promised"] = amount_of_form(typed, "promised", lever, classes)
    return terms


def amount_of_form(
    typed: Mapping[str, str], name: str, lever: str, classes: Sequence[str]
) -> float:
    """A sum, or the rank of a class chosen by its name. InputError: none."""
    text = typed.get(name, "").strip()
    if lever == "service" and classes and not text.isdecimal():
        return float(Levels(tuple(classes)).rank(text))
    return number_of_text(text)


def is_dated(unit: str) -> bool:
    """Whether whole units of this kind are days of the calendar."""
    return unit in ("days", "weeks")


def service_named(slug: str, services: Sequence[ServiceCard]) -> ServiceCard:
    """One of the services. InputError: none of that name."""
    found = next((one for one in services if one.slug == slug), None)
    if found is None:
        raise InputError("service: choose one of the list")
    return found


def day_of_text(text: str) -> date:
    """A day in ISO form. InputError: it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no day; write it as 2026-03-05") from None


def end_of_day_of(text: str) -> datetime:
    """The noon of a day in the business's zone: the promise runs until that day's end."""
    return timezone.make_aware(datetime.combine(day_of_text(text.strip()), time(12))).astimezone(
        UTC
    )


def moment_of_text(text: str) -> datetime:
    """What a page's date-and-time field sends, in the business's zone. InputError: no moment."""
    try:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else timezone.make_aware(found)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError(f"{text!r} is no moment; write it as 2026-03-05T14:30") from None


def number_of_text(text: str) -> float:
    """A number with a point or a comma. InputError: it is none, or it is not finite."""
    plain = text.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    if "," in plain and "." in plain:  # the later sign parts the decimals
        thousands = "," if plain.rindex(",") < plain.rindex(".") else "."
        plain = plain.replace(thousands, "")
    try:
        found = float(plain.replace(",", "."))
    except ValueError:
        raise InputError(f"{text!r} is no number") from None
    if not abs(found) < 1e15:
        raise InputError(f"{text!r} is no usable number")
    return found
