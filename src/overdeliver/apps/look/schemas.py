"""What API schemas share: strict bodies, texts without traps, aware moments, pages."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from ninja import Schema
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)


def _clean(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a character of code 0 is not allowed")
    return text


def _in_range(moment: datetime) -> datetime:
    if not 1900 <= moment.year <= 2200:
        raise ValueError("the year must lie between 1900 and 2200")
    return moment


def _written(value: Any) -> Any:
    """Numbers are no moments: nobody can tell seconds from days."""
    if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("write it in ISO 8601, such as 2026-03-05T10:15:00+05:00")
    if isinstance(value, int | float):
        raise ValueError("write it in ISO 8601, such as 2026-03-05T10:15:00+05:00")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_range)]
Day = Annotated[date, BeforeValidator(_written)]
Reference = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"\S"), AfterValidator(_clean)
]
Short = Annotated[str, StringConstraints(max_length=100), AfterValidator(_clean)]
Text = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_clean)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=1e15)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Limit = Annotated[int, Field(ge=1, le=200, description="How many; 200 at most")]
Cursor = Annotated[
    str, StringConstraints(max_length=200), Field(description="`next` of the page before")
]


class Strict(Schema):
    """A body in which a field nobody knows is a mistake, not a wish unheard."""

    model_config = ConfigDict(extra="forbid")


Item = TypeVar("Item")


class Listed(Schema, Generic[Item]):
    """Some of many; `next` asks for the following ones, empty at the end."""

    items: list[Item]
    next: str = ""
