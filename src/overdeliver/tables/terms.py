"""The terms of a table of promises: lever, unit, granularity, and what its moments are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from overdeliver.tables.cases import Granularity, Notice
from overdeliver.tables.draft import Draft, Options
from overdeliver.tables.fields import Fields
from overdeliver.tables.recognise import listed, speaks_of_cost, unit_in
from overdeliver.vocabulary.errors import InputError, MissingField
from overdeliver.vocabulary.gap import LEVERS, Lever

#: Time units and their length in microseconds.
MICROS: Mapping[str, int] = {
    "days": 86_400_000_000,
    "hours": 3_600_000_000,
    "minutes": 60_000_000,
}


@dataclass(frozen=True)
class Terms:
    """How the fields of one table are to be read."""

    lever: Lever
    unit: str
    granularity: Granularity
    #: The fields that give promise and outcome; None when the source has none.
    promise: str | None
    outcome: str | None
    #: The field that says when the promise was made; None when unknown.
    made: str | None
    #: Moment fields that are whole days: a date column, or midnight in every row.
    dates: frozenset[str]
    notices: tuple[Notice, ...] = ()


def settle(read: Fields, draft: Draft, options: Options) -> Terms:
    """Read the terms from what was asked, what the preset knows and what the data shows."""
    table, fields = read.table, draft.mapping
    lever = _lever(fields, draft, options)
    promise, outcome = _sides(fields, lever)
    if promise is None and outcome is None:
        raise missing(table, fields, lever)
    made = next((name for name in ("made_at", "placed_at") if name in fields), None)
    dates = read.dates
    seen = _look(table, fields, promise, made)
    granularity = _granularity(lever, promise, outcome, dates, draft, options)
    seen["written"] = {
        c for side in (promise, outcome) for c in read.currencies.get(side or "", ())
    }
    unit, notices = _unit(fields, lever, granularity, (promise, outcome), seen, draft, options)
    return Terms(lever, unit, granularity, promise, outcome, made, dates, notices)


def missing(table: ir.Table, fields: Mapping[str, str], lever: Lever) -> MissingField:
    """The one line that says which fields are needed and how to name them."""
    needs = {
        "time": "--map promised_at=COLUMN --map delivered_at=COLUMN (moments),"
        " or promised= and actual= (numbers)",
        "cost": "--map promised=COLUMN --map actual=COLUMN",
        "service": "--map booked_class=COLUMN --map delivered_class=COLUMN",
    }
    columns = [c for c in table.columns if c != "line" and not c.startswith(("f:", "i:"))]
    return MissingField(
        f"no promise and no outcome recognised for the lever {lever}; columns: {listed(columns)};"
        f" name them with {needs[lever]}"
    )


def _lever(fields: Mapping[str, str], draft: Draft, options: Options) -> Lever:
    if options.lever is not None:
        if options.lever not in LEVERS:
            raise InputError(f"lever {options.lever!r}: must be one of {', '.join(LEVERS)}")
        return options.lever
    if draft.lever is not None:
        return draft.lever
    numbers = [fields.get(name) for name in ("promised", "actual")]
    if "promised_at" in fields:
        return "time"
    if any(numbers):
        asked = options.unit or draft.unit
        if asked is not None:
            return "time" if asked in MICROS and not speaks_of_cost(*numbers) else "cost"
        return "cost" if speaks_of_cost(*numbers) else "time"
    return "service" if "booked_class" in fields and "delivered_at" not in fields else "time"


def _sides(fields: Mapping[str, str], lever: Lever) -> tuple[str | None, str | None]:
    wanted = {
        "time": (("promised_at", "promised"), ("delivered_at", "actual")),
        "cost": (("promised",), ("actual",)),
        "service": (("booked_class",), ("delivered_class",)),
    }[lever]
    promise = next((name for name in wanted[0] if name in fields), None)
    order = wanted[1] if promise != "promised" else tuple(reversed(wanted[1]))
    return promise, next((name for name in order if name in fields), None)


def _look(
    table: ir.Table, fields: Mapping[str, str], promise: str | None, made: str | None
) -> dict[str, Any]:
    """One pass over the data for everything the terms depend on."""
    asked: dict[str, ir.Value] = {}
    if promise == "promised_at" and made is not None:
        asked["length"] = (table["i:promised_at"] - table[f"i:{made}"]).approx_median()
    elif made is not None and "delivered_at" in fields:
        asked["length"] = (table["i:delivered_at"] - table[f"i:{made}"]).approx_median()
    if "currency" in fields:
        money = table["f:currency"]
        asked["currency"], asked["currencies"] = money.min(), money.nunique()
    if not asked:
        return {}
    row: dict[str, Any] = table.aggregate(**asked).to_pyarrow().to_pylist()[0]
    return row


def _granularity(
    lever: Lever,
    promise: str | None,
    outcome: str | None,
    dates: frozenset[str],
    draft: Draft,
    options: Options,
) -> Granularity:
    if lever != "time" or ("actual" in (promise, outcome) and promise != "promised_at"):
        return "number"
    if promise == "promised_at":
        return "day" if promise in dates else "moment"
    if promise == "promised":  # "5 days" is five calendar days, "45 minutes" is 45 minutes
        return "day" if (options.unit or draft.unit or "days") == "days" else "moment"
    return "day" if outcome in dates else "moment"


def _unit(
    fields: Mapping[str, str],
    lever: Lever,
    granularity: Granularity,
    sides: tuple[str | None, str | None],
    seen: Mapping[str, Any],
    draft: Draft,
    options: Options,
) -> tuple[str, tuple[Notice, ...]]:
    asked = options.unit or draft.unit
    if lever == "service":
        return "class", ()
    if lever == "time" and asked is not None and asked not in MICROS:
        raise InputError(f"--unit {asked}: a time promise is counted in {', '.join(MICROS)}")
    if granularity == "day":
        note = Notice("calendar_days", "the promise is a date, so it is counted in calendar days")
        return "days", (note,) if asked not in (None, "days") else ()
    named = unit_in(*(fields.get(side) for side in sides if side in ("promised", "actual")))
    if asked or named:
        return asked or named or "", ()
    if lever == "cost":
        written = seen["written"]
        if len(written) == 1:
            return next(iter(written)), ()
        return (seen["currency"], ()) if seen.get("currencies") == 1 else ("units", ())
    if granularity == "moment" and "promised" not in sides:
        return _by_length(seen.get("length")), ()
    told = Notice(
        "unit_assumed", "no unit was given: the numbers were read as days (--unit to say)"
    )
    return "days", (told,)


def _by_length(length: float | None) -> str:
    """Days from two days on, hours from five hours on, else minutes."""
    if length is None or length >= 2 * MICROS["days"]:
        return "days"
    return "hours" if length >= 5 * MICROS["hours"] else "minutes"
