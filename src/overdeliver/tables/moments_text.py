"""Moments as people and programs write them, one form per column.

The form most sampled values fit is taken for the whole column; what does not fit it is unreadable,
as is a day that does not exist (31.02) or a year outside 1900-2199 (0000-00-00, year 9999). Days
and months that may stand either way round are told apart by any value above 12 in either place, in
this column or another of the same look; dotted dates are day first everywhere they are written.
When nothing tells, the caller is asked (``date_order``). Two-digit years are 20yy.

Out comes the wall clock in the reader's zone. Values with an offset, and counts since 1970, name an
instant: their wall clock in that zone is shown, and the clock of UTC is given beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import get_args

import ibis
import ibis.expr.types as ir
import pyarrow.compute as pc

from overdeliver.tables.cases import Notice
from overdeliver.tables.engine_functions import INSTANT, WALL, utc_clock, wall_clock
from overdeliver.tables.moment_forms import (
    FORMS,
    UNIVERSAL,
    DateOrder,
    Form,
    iso_text,
    part,
    read_iso,
)
from overdeliver.tables.numbers import clean
from overdeliver.vocabulary.errors import InputError

YEARS = (1900, 2199)

_SAMPLE = 4000
_LONGEST = 200  # no moment is written longer; a sample of long texts stays small
_SIMPLE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?$"
_ZONED = r"[0-9mM] ?(?:Z|z|UTC|GMT|[+-][0-9]{2}:?(?:[0-9]{2})?)$"


@dataclass(frozen=True)
class Seen:
    """What a column of text turned out to hold; ``form`` is None when nothing looks like one."""

    form: Form | None
    given: int = 0
    simple: int = 0  # plain ISO without offset
    timed: int = 0  # with a time of day
    zoned: int = 0  # with an offset
    half: int = 0  # with am or pm
    first_high: int = 0  # first number above 12
    second_high: int = 0  # second number above 12
    differing: int = 0  # the order matters
    names: tuple[str, ...] = ()
    example: str = ""


@dataclass(frozen=True)
class MomentReading:
    """A column read as moments. NULL where the text is blank or unreadable.

    ``wall``: naive timestamp(6) in the zone asked for. ``utc``: the same instant on the clock of
    UTC, None when no value of the column names an instant.
    """

    wall: ir.Value
    utc: ir.Value | None
    is_date: bool
    form: str
    reason: str
    notices: tuple[Notice, ...] = ()


def read_moments(
    table: ir.Table, columns: Mapping[str, str], *, zone: str, date_order: str | None = None
) -> dict[str, MomentReading]:
    """Read columns of text (key -> column) as moments, deciding day and month for all together.

    Raises InputError when ``date_order`` is neither dmy nor mdy, or is needed and not given.

    >>> from overdeliver.tables.sources import open_source
    >>> import pyarrow as pa
    >>> table = open_source(pa.table({"due": ["25/03/2026", "04/03/2026 10:30"]})).table
    >>> reading = read_moments(table, {"due": "due"}, zone="UTC")["due"]
    >>> [str(at) for at in table.select(at=reading.wall).to_pyarrow()["at"].to_pylist()]
    ['2026-03-25 00:00:00', '2026-03-04 10:30:00']
    """
    if date_order is not None and date_order not in get_args(DateOrder):
        raise InputError(
            f"date order {date_order!r}: dmy (day first) or mdy (month first) expected"
        )
    texts = {key: clean(table, column) for key, column in columns.items()}
    seen = {key: look(table, text) for key, text in texts.items()}
    found: dict[str, MomentReading] = {}
    for key, column in columns.items():
        order = _order(column, seen[key], list(seen.values()), date_order)
        found[key] = _reading(texts[key], column, seen[key], order, zone)
    return found


def look(table: ir.Table, text: ir.Value) -> Seen:
    """Find the form of a column from a sample and count over all its values what matters."""
    form = _form(table, text)
    if form is None:
        given = table.aggregate(given=(text != "").sum().fill_null(0)).to_pyarrow()
        return Seen(None, given=given["given"][0].as_py())
    counts: dict[str, ir.Value] = {"given": text != ""}
    if form is FORMS[0]:
        counts["simple"] = text.re_search(_SIMPLE)
    if form.numeric:
        counts["timed"] = ~text.re_search(r"^[0-9]{5}$|^[0-9]{8}$")
    else:
        counts |= {
            "timed": text.re_search("[ T,][0-9]{1,2}[:.][0-9]{2}"),
            "zoned": (text.length() > 12) & text.re_search(_ZONED),
            "half": text.re_search(r"[0-9] ?[aApP]\.?[mM]\.?"),
        }
    if form.either_order:
        counts |= _order_evidence(text, form)
    sums = {name: value.sum().fill_null(0) for name, value in counts.items()}
    row = table.aggregate(**sums, example=text.nullif("").min()).to_pyarrow().to_pylist()[0]
    seen = Seen(form, **row)
    return replace(seen, names=_names(table, text, form)) if "name" in form.groups else seen


def _form(table: ir.Table, text: ir.Value) -> Form | None:
    """The form most of a sample fits: the first values and some from all over the column."""
    given = table.select("line", text=text.left(_LONGEST)).filter(lambda t: t.text != "")
    rows = int(table.count().to_pyarrow().as_py())
    spread = given.filter(given.line % max(1, rows // _SAMPLE) == 0).limit(_SAMPLE)
    sample = given.limit(_SAMPLE).union(spread).select("text").to_pyarrow()["text"]
    # Arrow's regular expressions are the engine's (RE2), without a query of two dozen of them.
    fits = [pc.sum(pc.match_substring_regex(sample, form.pattern)).as_py() or 0 for form in FORMS]
    best = max(range(len(FORMS)), key=fits.__getitem__)
    return FORMS[best] if fits[best] else None


def _order_evidence(text: ir.Value, form: Form) -> dict[str, ir.Value]:
    sign = form.name[1]
    first = text.split(sign)[0].try_cast("int16")
    second = text.split(sign)[1].try_cast("int16")
    return {
        "first_high": first.between(13, 31) & (second <= 12),
        "second_high": second.between(13, 31) & (first <= 12),
        "differing": first != second,
    }


def _names(table: ir.Table, text: ir.Value, form: Form) -> tuple[str, ...]:
    name = part(text, form, "name").lower()
    found = table.select(name=name).distinct().limit(500).to_pyarrow()["name"].to_pylist()
    return tuple(sorted(n for n in found if n))


def _order(column: str, seen: Seen, all_seen: list[Seen], asked: str | None) -> DateOrder:
    """Which of day and month comes first; raises InputError when nothing tells."""
    if seen.form is None or not seen.form.either_order:
        return "dmy"
    if asked is not None:
        return "mdy" if asked == "mdy" else "dmy"
    settled = _settled(seen)
    if settled is None and not (seen.first_high or seen.second_high):
        if seen.form.name.startswith("x.") or not seen.differing:
            return "dmy"
        alike = [s for s in all_seen if s.form is not None and s.form.name == seen.form.name]
        others = {_settled(s) for s in alike} - {None}
        settled = others.pop() if len(others) == 1 else None
    if settled is None:
        raise InputError(
            f"column {column!r} can be day/month or month/day (e.g. {seen.example[:20]}): "
            "say --date-order dmy or mdy"
        )
    return settled


def _settled(seen: Seen) -> DateOrder | None:
    """The order a column shows by itself; a few slips among many do not unsettle it."""
    day, month = seen.first_high, seen.second_high
    if day > 20 * month:
        return "dmy"
    return "mdy" if month > 20 * day else None


def _reading(text: ir.Value, column: str, seen: Seen, order: DateOrder, zone: str) -> MomentReading:
    form = seen.form
    if form is None:
        blank = ibis.null(WALL)
        return MomentReading(blank, None, False, "unknown", "not a date or time")
    local, offset = _local(text, seen, form, order)
    local = in_range(local)
    wall, utc = local, None
    if form.name in UNIVERSAL:
        wall, utc = wall_clock(local.cast(INSTANT), zone), local
    elif offset is not None:
        shifted = local - offset.as_interval("m")
        utc = ibis.ifelse(offset.notnull(), shifted, utc_clock(local, zone))
        wall = ibis.ifelse(offset.notnull(), wall_clock(shifted.cast(INSTANT), zone), local)
    example = _example(form, order)
    return MomentReading(
        wall,
        utc,
        seen.given > 0 and seen.timed == 0,
        f"{form.name} ({order})" if form.either_order else form.name,
        f"not a moment like {example}, or no such day",
        _notices(column, seen, form),
    )


def _local(
    text: ir.Value, seen: Seen, form: Form, order: DateOrder
) -> tuple[ir.Value, ir.Value | None]:
    """The clock as written, and the offset in minutes where the column has any."""
    if form.read is not None:
        fitting = ibis.ifelse(text.re_search(form.pattern), text, ibis.null("string"))
        return form.read(fitting), None
    if seen.given == seen.simple:
        return text.nullif("").try_cast(WALL), None
    half = part(text, form, "half") if seen.half else None
    local = read_iso(iso_text(text, form, order, list(seen.names)), half)
    return local, _offset(part(text, form, "zone")) if seen.zoned else None


def _offset(zone: ir.Value) -> ir.Value:
    """Minutes ahead of UTC; NULL where there is no offset."""
    digits = zone.replace(":", "")
    hours = digits.substr(1, 2).try_cast("int32")
    minutes = digits.substr(3, 2).nullif("").try_cast("int32").fill_null(0)
    ahead = ibis.ifelse(zone.startswith("-"), -1, 1) * (hours * 60 + minutes)
    return ibis.cases(
        (zone == "", ibis.null("int32")), (zone.upper().isin(["Z", "UTC", "GMT"]), 0), else_=ahead
    )


def in_range(wall: ir.Value) -> ir.Value:
    """The wall clock, NULL outside the years a promise can lie in."""
    low, high = (
        ibis.timestamp(f"{year}-01-01 00:00:00").cast(WALL) for year in (YEARS[0], YEARS[1] + 1)
    )
    return ibis.ifelse((wall >= low) & (wall < high), wall, ibis.null(WALL))


def _example(form: Form, order: DateOrder) -> str:
    if form.either_order and order == "mdy":
        day, month, year = form.example.split(form.name[1])
        return form.name[1].join((month, day, year))
    return form.example


def _notices(column: str, seen: Seen, form: Form) -> tuple[Notice, ...]:
    if not form.numeric or ("1970" not in form.name and "Excel" not in form.name):
        return ()
    text = f"Column {column}: the numbers (e.g. {seen.example}) were read as {form.name}."
    return (Notice("moment_numbers", text, {"column": column, "form": form.name}),)
