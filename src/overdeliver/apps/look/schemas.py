"""What API schemas share: strict bodies, texts without traps, aware moments, pages."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from ninja import Schema
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)


def clean(text: str) -> str:
    """The text itself. ValueError: it holds a character of code 0."""
    if "\x00" in text:
        raise ValueError("a character of code 0 is not allowed")
    return text


def _zoned(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("its offset is missing; write it as 2026-03-05T10:15:00+05:00")
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


def _fact(value: Any) -> Any:
    """What is known of a case: nothing nested, nothing that one of our stores cannot keep."""
    if isinstance(value, str):
        if any("\ud800" <= sign <= "\udfff" for sign in value):
            raise ValueError("half a character is not allowed")
        return clean(value)
    if isinstance(value, bool) or value is None:
        return value
    if not isinstance(value, int | float):
        raise ValueError("a text, a number or yes and no, nothing else")
    if not abs(value) < 2**63:
        raise ValueError("the number is too large")
    return value


def _or_why(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """The row itself, or why it cannot be read: one bad row stops no other."""
    try:
        return read(value)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(str(part) for part in fault["loc"])
        given = value if isinstance(value, dict) else {}
        return Unread(given, f"{where}: {fault['msg']}" if where else fault["msg"])


@dataclass(frozen=True)
class Unread:
    """A row of a batch that could not be read."""

    given: dict[str, Any]
    why: str


Moment = Annotated[datetime, BeforeValidator(_written), AfterValidator(_zoned)]
Day = Annotated[date, BeforeValidator(_written)]
Reference = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"\S"), AfterValidator(clean)
]
Short = Annotated[str, StringConstraints(max_length=100), AfterValidator(clean)]
Text = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(clean)]
Known = Annotated[str, StringConstraints(max_length=200), AfterValidator(clean)]
Words = Annotated[str, StringConstraints(max_length=300), AfterValidator(clean)]
Facts = dict[
    str,
    Annotated[
        Any,
        AfterValidator(_fact),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "string", "maxLength": 1000},
                    {"type": "number"},
                    {"type": "boolean"},
                    {"type": "null"},
                ]
            }
        ),
    ],
]
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
#: Up to a thousand rows, of which each is read by itself: an `Unread` stands where one cannot be.
Rows = Annotated[
    list[Annotated[Item, WrapValidator(_or_why)]], Field(min_length=1, max_length=1000)
]


class Listed(Schema, Generic[Item]):
    """Some of many; `next` asks for the following ones, empty at the end."""

    items: list[Item]
    next: str = ""
