"""A promise by rule: so many days per shipping method, where the export itself holds none."""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from overdeliver.tables.terms import MICROS
from overdeliver.vocabulary.errors import InputError, MissingField

Rules = Mapping[str, tuple[float, str]]
_SHOWN = 12


def promised_by_rule(method: ir.StringValue, rules: Rules) -> ir.Value:
    """What the rules promise for each shipping method; ``*`` stands for every other named one.

    A method is matched without regard to case and outer blanks. No method, no promise.
    """
    named = {name.strip().casefold(): length for name, (length, _) in rules.items() if name != "*"}
    given = method.strip().lower().nullif("")
    rest = ibis.null("float64")
    if "*" in rules:
        rest = ibis.ifelse(given.notnull(), ibis.literal(float(rules["*"][0])), rest)
    if not named:
        return rest
    branches = [(name, ibis.literal(float(length))) for name, length in named.items()]
    return given.cases(*branches, else_=rest)


def unit_of(rules: Rules) -> str:
    """The one unit of all rules. InputError: no time unit, or more than one."""
    units = sorted({unit for _, unit in rules.values()})
    if len(units) != 1 or units[0] not in MICROS:
        raise InputError(
            f"promises per shipping method must share one unit of {', '.join(MICROS)};"
            f" given: {', '.join(units)}"
        )
    return units[0]


def ask_for_rules(
    what: str, table: ir.Table, method: str | None, hints: Sequence[str] = ()
) -> MissingField:
    """The question every such import starts with: what did you promise for each shipping method?"""
    found = _methods(table, method) if method is not None else []
    shown = ", ".join(map(repr, found[:_SHOWN])) or "none"
    first = (found[0] if found else "*").replace('"', "'")
    hint = f"; or --map promised_at=COLUMN ({', '.join(hints)})" if hints else ""
    return MissingField(
        f"{what} holds no promise: say what was promised for each shipping method (found: {shown}),"
        f' for example --promise "{first}=5 days", with "*=5 days" for all others{hint}'
    )


def _methods(table: ir.Table, method: str) -> list[str]:
    """Shipping methods by how often they occur, most frequent first."""
    named = table.select(m=table[method].strip().nullif("")).filter(ibis._.m.notnull())
    counted = named.group_by("m").agg(n=named.count()).order_by(ibis.desc("n"), "m").limit(50)
    return [str(name) for name in counted.to_pyarrow()["m"].to_pylist()]
