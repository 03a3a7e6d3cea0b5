"""What breaks the contract of a case: the first fault of each row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir

from overdeliver.tables.draft import kind_of
from overdeliver.tables.fields import Fields
from overdeliver.tables.terms import Terms

_UNREADABLE = {
    "moment": "not a date or time",
    "number": "not a number",
    "money": "not an amount of money",
}


@dataclass(frozen=True)
class Fault:
    """One rule of the contract as a condition on a row, and how to name the row that breaks it."""

    field: str
    broken: ir.BooleanValue
    reason: str
    #: The source column to name; None for the one the field was read from.
    column: str | None = None


def faults(
    table: ir.Table, mapping: Mapping[str, str], terms: Terms, blame: str | None = None
) -> list[Fault]:
    """Every rule that applies to these fields, in the order in which faults are reported."""
    return [
        *_unreadable(table, mapping),
        *_absent(table, mapping, terms, blame),
        *_negative(table, terms),
        *_out_of_order(table, terms),
    ]


def with_fault(table: ir.Table, rules: list[Fault]) -> ir.Table:
    """Add ``c:fault``: the number of the first rule broken, NULL for a sound row."""
    if not rules:
        return table.mutate(**{"c:fault": ibis.null("int16")})
    branches = [(rule.broken, ibis.literal(at, "int16")) for at, rule in enumerate(rules)]
    return table.mutate(**{"c:fault": ibis.cases(*branches, else_=ibis.null("int16"))})


def explained(rules: list[Fault], read: Fields, table: ir.Table) -> list[Fault]:
    """The rules with the reader's own reason why a text could not be read."""
    seen = (
        table.select(at="c:fault").distinct().limit(len(rules) + 1).to_pyarrow()["at"].to_pylist()
    )
    met = [rules[at].reason for at in seen if at is not None]
    if read.unread is None or not set(met) & set(_UNREADABLE.values()):
        return rules  # asking the reader again costs a second reading
    told = read.unread.select("column", "reason").distinct().limit(1000).to_pyarrow().to_pylist()
    reasons = {row["column"].removeprefix("r:"): row["reason"] for row in told}
    plain = set(_UNREADABLE.values())
    return [
        replace(rule, reason=reasons.get(rule.field, rule.reason)) if rule.reason in plain else rule
        for rule in rules
    ]


def rejected(table: ir.Table, rules: list[Fault], mapping: Mapping[str, str]) -> ir.Table:
    """The faulty rows as ``line``, ``column``, ``value``, ``reason``."""
    bad = table.filter(table["c:fault"].notnull())
    if not rules:
        empty = {name: ibis.null("string") for name in ("column", "value", "reason")}
        return bad.select("line", **empty)
    at, columns, values, reasons = bad["c:fault"], [], [], []
    for number, rule in enumerate(rules):
        column = rule.column or mapping[rule.field]
        columns.append((at == number, ibis.literal(column)))
        values.append((at == number, bad[column].cast("string")))
        reasons.append((at == number, ibis.literal(rule.reason)))
    return bad.select(
        "line",
        column=ibis.cases(*columns),
        value=ibis.cases(*values).fill_null(""),
        reason=ibis.cases(*reasons),
    )


def _unreadable(table: ir.Table, mapping: Mapping[str, str]) -> Iterator[Fault]:
    for name, column in mapping.items():
        kind = kind_of(name)
        source = table[column]
        if kind not in _UNREADABLE or source.type().is_boolean():
            continue
        given = source.notnull()
        if source.type().is_string():
            given &= source.strip() != ""
        elif source.type().is_floating():
            given &= ~source.isnan()  # the way frames say that a number is missing
        elif kind != "money":
            continue  # whole numbers and moments with a type were read before
        yield Fault(name, given & table[f"f:{name}"].isnull(), _UNREADABLE[kind])


def _absent(
    table: ir.Table, mapping: Mapping[str, str], terms: Terms, blame: str | None
) -> Iterator[Fault]:
    if terms.promise is not None:
        reason = "no promise" if blame is None else "no promise was stated for this"
        yield Fault(terms.promise, table[f"f:{terms.promise}"].isnull(), reason, blame)
    if "order_id" in mapping:
        yield Fault("order_id", table["f:order_id"].isnull(), "no order id")


def _negative(table: ir.Table, terms: Terms) -> Iterator[Fault]:
    for side in (terms.promise, terms.outcome):
        if side in ("promised", "actual"):
            yield Fault(side, table[f"f:{side}"] < 0, f"{side} is negative")


def _out_of_order(table: ir.Table, terms: Terms) -> Iterator[Fault]:
    made = terms.made
    if made is None:
        return
    if terms.promise == "promised_at":
        yield Fault(
            "promised_at",
            _before(table, "promised_at", made, terms),
            "promised for a moment before the promise was made",
        )
    if "f:delivered_at" in table.columns:
        for start, said in (
            ("placed_at", "delivered before it was ordered"),
            ("made_at", "delivered before it was promised"),
        ):
            if f"f:{start}" in table.columns:
                yield Fault("delivered_at", _before(table, "delivered_at", start, terms), said)


def _before(table: ir.Table, end: str, start: str, terms: Terms) -> ir.BooleanValue:
    """Whether ``end`` lies before ``start``: by the day when one of the two is only a day."""
    if terms.dates & {end, start}:
        return table[f"f:{end}"].date() < table[f"f:{start}"].date()
    return table[f"i:{end}"] < table[f"i:{start}"]
