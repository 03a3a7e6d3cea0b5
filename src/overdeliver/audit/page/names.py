"""Groups by name: values as the reader wrote them, the calendar's own in the reader's language."""

import re
from collections.abc import Mapping
from typing import Any

from babel.dates import get_day_names
from markupsafe import Markup

from overdeliver.audit.page.tell import Tell, given

CALENDAR = ("month", "weekday")
"""Groups that the report makes itself from the moment of the promise."""

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTH = re.compile(r"\d{4}-\d{2}")


def is_month(by: Mapping[str, Any]) -> bool:
    """Whether the group is one month of the calendar, which is over and cannot be mended."""
    return any(c == "month" and _MONTH.fullmatch(str(value)) for c, value in by.items())


def group_name(by: Mapping[str, Any], tell: Tell) -> Markup:
    """The values that name a group, joined; a group of no column is all promises."""
    if not by:
        return tell.words("instead.all")
    return Markup(" · ").join(_value(column, value, tell) for column, value in by.items())


def group_head(by: Mapping[str, Any], tell: Tell) -> Markup:
    """The columns a group is made by, joined."""
    return Markup(" · ").join(_column(c, value, tell) for c, value in by.items())


def group_said(by: Mapping[str, Any], tell: Tell) -> Markup:
    """A group in a sentence; a code such as RJ or 12 is said with its column."""
    name = group_name(by, tell)
    if any(len(str(value)) <= 3 or str(value).isdigit() for value in by.values()):
        return Markup("{} {}").format(group_head(by, tell), name)
    return name


def _value(column: str, value: Any, tell: Tell) -> Markup:
    if is_month({column: value}):
        return Markup.escape(_capital(tell.numbers.month(value)))
    if column == "weekday" and value in _WEEKDAYS:
        names = get_day_names("wide", context="stand-alone", locale=tell.numbers.locale)
        return Markup.escape(_capital(str(names[_WEEKDAYS.index(value)])))
    if isinstance(value, float) and value.is_integer():
        return given(int(value))  # a column of whole numbers that was learned from as numbers
    return given(value)


def _column(column: str, value: Any, tell: Tell) -> Markup:
    """An owner's own column keeps its name, even one called weekday with names of its own."""
    ours = is_month({column: value}) or (column == "weekday" and value in _WEEKDAYS)
    return tell.words(f"groups.{column}") if ours else given(column)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
