"""The forms in which tables write moments, each with how to turn it into ISO text.

A form is recognised by a regular expression over the trimmed text. What it found is put together
as ``YYYY-MM-DD HH:MM:SS`` for the engine to parse, so that a day that does not exist (31.02)
becomes NULL.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import ibis
import ibis.expr.types as ir

from overdeliver.tables.engine_functions import WALL, from_micros, parsed
from overdeliver.tables.month_names import month_numbers

DateOrder = Literal["dmy", "mdy"]

_SECOND = r"(?:[:.]([0-9]{2}(?:[.,][0-9]{1,9})?))?"
_TIME = rf"(?:[ T,]+([0-9]{{1,2}})[:.]([0-9]{{2}}){_SECOND}( ?[aApP]\.?[mM]\.?)?)?"
_ZONE = r" ?(Z|z|UTC|GMT|[+-][0-9]{2}:?(?:[0-9]{2})?)?"
_WEEKDAY = r"(?:[\pL.]{2,12},? )?"
_NAME = r"(\pL{3,12})\.?"
_YEAR_MARK = r"(?: ?(?:г\.?|ж\.?|года|жылғы))?"

#: The groups of every textual form: what is found where.
Part = Literal["year", "month", "day", "name", "hour", "minute", "second", "half", "zone"]


@dataclass(frozen=True)
class Form:
    """One way of writing moments. ``example`` is for messages."""

    name: str
    pattern: str
    example: str
    groups: tuple[Part, ...] = ()
    #: Numeric forms: what the number counts.
    read: Callable[[ir.Value], ir.Value] | None = None
    #: Day and month may stand either way round.
    either_order: bool = False
    short_year: bool = False

    @property
    def numeric(self) -> bool:
        """Whether the form is a bare number."""
        return self.read is not None


_CLOCK: tuple[Part, ...] = ("hour", "minute", "second", "half", "zone")


def _textual(name: str, date: str, example: str, *groups: Part) -> Form:
    return Form(name, rf"^{date}{_TIME}{_ZONE}$", example, (*groups, *_CLOCK))


def _ordered(sign: str, short: bool) -> Form:
    year = "[0-9]{2}" if short else "[0-9]{4}"
    s = f"\\{sign}"
    name = f"x{sign}x{sign}{'yy' if short else 'yyyy'}"
    return Form(
        name,
        rf"^([0-9]{{1,2}}){s}([0-9]{{1,2}}){s}({year}){_TIME}{_ZONE}$",
        f"31{sign}12{sign}{'26' if short else '2026'}",
        ("day", "month", "year", *_CLOCK),
        either_order=True,
        short_year=short,
    )


def _serial(text: ir.Value) -> ir.Value:
    """Days since 1899-12-30, as Excel counts, to the nearest millisecond."""
    days = text.try_cast("float64")
    return from_micros((((days - 25569) * 86_400_000).round() * 1000).cast("int64"))


def _epoch(scale: int) -> Callable[[ir.Value], ir.Value]:
    def read(text: ir.Value) -> ir.Value:
        return from_micros((text.try_cast("decimal(28, 6)") * scale).cast("int64"))

    return read


def _packed(form: str) -> Callable[[ir.Value], ir.Value]:
    def read(text: ir.Value) -> ir.Value:
        return parsed(text, form)

    return read


#: Tried in this order; the form most values of a column fit is taken, the earlier on a tie.
FORMS: tuple[Form, ...] = (
    *(
        _textual(
            f"yyyy{s}mm{s}dd",
            rf"([0-9]{{4}})\{s}([0-9]{{1,2}})\{s}([0-9]{{1,2}})",
            f"2026{s}12{s}31",
            "year",
            "month",
            "day",
        )
        for s in "-/."
    ),
    *(_ordered(sign, short) for sign in "/.-" for short in (False, True)),
    _textual(
        "d month yyyy",
        rf"{_WEEKDAY}([0-9]{{1,2}})\.?(?: de | |-|/){_NAME}(?: de |,? |-|/)"
        rf"([0-9]{{4}}){_YEAR_MARK}",
        "31 December 2026",
        "day",
        "name",
        "year",
    ),
    _textual(
        "month d, yyyy",
        rf"{_WEEKDAY}{_NAME} ([0-9]{{1,2}}),? ([0-9]{{4}})",
        "December 31, 2026",
        "name",
        "day",
        "year",
    ),
    _textual(
        "yyyy month d",
        rf"([0-9]{{4}}){_YEAR_MARK} ([0-9]{{1,2}}) {_NAME}",
        "2026 ж. 31 желтоқсан",
        "year",
        "day",
        "name",
    ),
    Form("yyyymmddhhmmss", r"^(?:19|20)[0-9]{12}$", "20261231235959", read=_packed("%Y%m%d%H%M%S")),
    Form("yyyymmdd", r"^(?:19|20)[0-9]{6}$", "20261231", read=_packed("%Y%m%d")),
    Form(
        "milliseconds since 1970",
        r"^[0-9]{12,13}(?:\.[0-9]+)?$",
        "1798761599000",
        read=_epoch(1000),
    ),
    Form("seconds since 1970", r"^[0-9]{9,10}(?:\.[0-9]+)?$", "1798761599", read=_epoch(1_000_000)),
    Form("Excel day number", r"^[1-9][0-9]{4}(?:\.[0-9]+)?$", "46387", read=_serial),
)

#: Forms that name an instant, whatever the zone of the reader.
UNIVERSAL = ("milliseconds since 1970", "seconds since 1970")


def part(text: ir.Value, form: Form, wanted: Part) -> ir.Value:
    """One group of a textual form; empty where the text does not fit or has none."""
    return text.re_extract(form.pattern, form.groups.index(wanted) + 1)


def iso_text(text: ir.Value, form: Form, order: DateOrder, names: list[str]) -> ir.Value:
    """The moment as ``YYYY-MM-DD HH:MM:SS``; NULL where the text does not fit the form.

    ``names`` are the month names the column uses, lower case.
    """
    swapped = form.either_order and order == "mdy"
    place = {name: f"\\{i}" for i, name in enumerate(form.groups, start=1)}
    day, month = place["day"], place.get("month", "@")
    if swapped:
        day, month = month, day
    date = f"{'20' if form.short_year else ''}{place['year']}-{month}-{day}"
    clock = f"{place['hour']}:{place['minute']}:{place['second']}"
    # A text that does not fit stays as it was, without the mark in front.
    joined = text.re_replace(form.pattern, f"={date} {clock}").replace(",", ".")
    fitting = ibis.ifelse(joined.startswith("="), joined.substr(1), ibis.null("string"))
    joined = fitting.replace(" ::", "").re_replace(":$", "")
    if "name" not in form.groups:
        return joined
    return joined.replace("@", _month_number(part(text, form, "name"), names))


def _month_number(name: ir.Value, names: list[str]) -> ir.Value:
    numbers = month_numbers()
    known = [(name.lower() == n, ibis.literal(str(numbers[n]))) for n in names if n in numbers]
    return ibis.cases(*known, else_=ibis.literal("x")) if known else ibis.literal("x")


def read_iso(iso: ir.Value, half: ir.Value | None) -> ir.Value:
    """ISO text as a wall clock, with the half of the day (am, pm) where the column has any."""
    wall = iso.try_cast(WALL)
    if half is None:
        return wall
    evening, morning = half.lower().contains("p"), half.lower().contains("a")
    hour = wall.hour()
    shift = ibis.cases(
        (evening & (hour < 12), ibis.literal(12)),
        (morning & (hour == 12), ibis.literal(-12)),
        else_=ibis.literal(0),
    )
    twelve = (half == "") | hour.between(1, 12)
    return ibis.ifelse(twelve, wall + shift.as_interval("h"), ibis.null(WALL))
