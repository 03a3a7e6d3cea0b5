"""What people type about promises, read and checked."""

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from overdeliver.apps.promises.reads import Filter
from overdeliver.vocabulary.errors import InputError


def filter_of(query: QueryDict) -> Filter:
    """The filter of an address; InputError: a day or a verdict that is none."""
    given: dict[str, Any] = {}
    for field in fields(Filter):
        text = query.get(field.name, "").strip()
        if not text:
            continue
        if field.name.endswith(("_from", "_to")):
            given[field.name] = day_of_text(text)
        elif field.name == "revised":
            given[field.name] = text == "1"
        else:
            given[field.name] = text.replace("\x00", "")[:200]
    return Filter(**given)


def day_of_text(text: str) -> date:
    """A day in ISO form. InputError: it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no day; write it as 2026-03-05") from None


def moment_of_text(text: str) -> datetime:
    """What a page's date-and-time field sends, in the business's zone. InputError: no moment."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"{text!r} is no moment; write it as 2026-03-05T14:30") from None
    return found if found.tzinfo else timezone.make_aware(found).astimezone(UTC)


def number_of_text(text: str) -> float:
    """A number with a point or a comma. InputError: it is none, or it is not finite."""
    try:
        found = float(text.strip().replace(",", ".").replace("\u00a0", "").replace(" ", ""))
    except ValueError:
        raise InputError(f"{text!r} is no number") from None
    if not abs(found) < 1e15:
        raise InputError(f"{text!r} is no usable number")
    return found
