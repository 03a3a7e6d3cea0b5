"""Cases as one flat table of rows to store, and a flat part as the ledger's tables.

The flat table is what the child process leaves behind: one row a promise, in parts of equal size,
so that the import can go on where it was interrupted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from overdeliver.apps.intake.reading import extras
from overdeliver.tables.cases import Cases
from overdeliver.tables.fields import instant_in
from overdeliver.tables.raw import quoted
from overdeliver.tables.schemas import SCHEMAS

PART = 5_000
STAGE = "stage:"
_MOMENTS = ("placed_at", "made_at", "observed_at", "cancelled_at")
#: Names the ledger gives a meaning of its own.
_TAKEN = frozenset(
    {*SCHEMAS["orders"].columns, *SCHEMAS["promises"].columns, *SCHEMAS["outcomes"].columns}
    | {"line", "service", "team", "verdict", "gap", "score", "text"}
)


@dataclass(frozen=True)
class Terms:
    """What holds for every promise of a file."""

    lever: str
    unit: str
    whole: bool
    scale: tuple[float, float] | None
    source: str = "standard"
    service: str = ""
    level: float | None = None


def terms_of(cases: Cases, service: str = "", level: float | None = None) -> Terms:
    """The terms of cases."""
    whole = cases.lever == "time" and cases.granularity == "day"
    return Terms(cases.lever, cases.unit, whole, cases.score_scale, "standard", service, level)


def flat_query(cases: Cases, chosen: Mapping[str, str], digest: str, numbered: bool) -> str:
    """The SQL of the flat table, in the order of the lines.

    ``chosen``: extra field -> column; ``numbered``: rows have no order of their own and are named
    after the file. Moments become instants of UTC; a wall clock that comes twice is the first.
    """
    table = cases.table
    zone = cases.zone

    def moment(name: str) -> ir.Value:
        if name not in table.columns:
            return ibis.null("timestamp('UTC', 6)")
        return instant_in(ibis.literal(zone), table[name].cast("timestamp(6)"))

    def text(name: str) -> ir.Value:
        value = table[name].cast("string") if name in table.columns else ibis.null("string")
        return value.replace("\x00", "")

    order = ibis.literal(f"{digest[:10]}-").concat(table["line"].cast("string"))
    columns: dict[str, ir.Value] = {
        "line": table["line"],
        "reference": order if numbered else text("order_id").strip(),
        "customer": text("customer_id").strip(),
        **{name: text(name) for name in ("segment", "channel", "currency", "text", "verdict")},
        **{name: moment(name) for name in _MOMENTS},
        "amount": table["amount"] if "amount" in table.columns else ibis.null("decimal(18, 4)"),
        **{name: _number(table, name) for name in ("promised", "actual", "score")},
        **{name: text(column).strip() for name, column in chosen.items()},
        **{f"{STAGE}{name}": moment(name) for name in cases.stages if _is_wall(table, name)},
    }
    shown = table.mutate(**{f"o:{name}": value for name, value in columns.items()})
    features = feature_names(cases, chosen.values())
    inner = ibis.to_sql(shown, dialect="duckdb")
    selected = ", ".join(f"{quoted(f'o:{name}')} AS {quoted(name)}" for name in columns)
    json = _json(shown, features)
    return f"SELECT {selected}, {json} AS features FROM ({inner}) ORDER BY {quoted('o:line')}"


def feature_names(cases: Cases, used: Iterable[str]) -> dict[str, str]:
    """Column -> name of the candidate features, without what is used otherwise or personal."""
    taken = set(used)
    found: dict[str, str] = {}
    for column in cases.features:
        if column in taken or extras.is_personal(column):
            continue
        name = column.replace(":", " ").strip()[:80]
        found[column] = f"{name} (file)"[:80] if name in _TAKEN else name
    return found


def tables_of(flat: pa.Table, terms: Terms) -> dict[str, pa.Table]:
    """A part of the flat table as the tables `promises.bulk` writes."""
    flat = _with_starts(flat)
    orders = {
        "line": flat["line"],
        "reference": flat["reference"],
        "customer": flat["customer"],
        "segment": flat["segment"],
        "channel": flat["channel"],
        "placed_at": flat["placed_at"],
        "completed_at": _completed(flat),
        "cancelled_at": _cancelled(flat),
        "amount": flat["amount"],
        "currency": flat["currency"],
        "features": flat["features"],
        "service": _or(flat, "service", terms.service),
        **{name: flat[name] for name in extras.FIELDS[1:] if name in flat.column_names},
    }
    promises = _promises(flat, terms)
    return {
        "orders": pa.table(orders),
        "promises": promises,
        "outcomes": _outcomes(flat, terms),
        "encounters": _encounters(flat),
        "feedback": _feedback(flat, terms),
    }


def promise_references(orders: pa.ChunkedArray, lever: str) -> pa.ChunkedArray:
    """The reference of the one promise of a lever that a file or a call makes about an order."""
    return pc.binary_join_element_wise(orders, lever, ".")


def _promises(flat: pa.Table, terms: Terms) -> pa.Table:
    rows = flat.filter(pc.and_kleene(pc.is_valid(flat["promised"]), pc.is_valid(flat["made_at"])))
    count = rows.num_rows
    return pa.table(
        {
            "line": rows["line"],
            "reference": promise_references(rows["reference"], terms.lever),
            "order": rows["reference"],
            "lever": pa.repeat(terms.lever, count),
            "promised": rows["promised"],
            "unit": pa.repeat(terms.unit, count),
            "made_at": rows["made_at"],
            "whole": pa.repeat(terms.whole, count),
            "level": pa.repeat(pa.scalar(terms.level, pa.float64()), count),
            "source": pa.repeat(terms.source, count),
        }
    )


def _outcomes(flat: pa.Table, terms: Terms) -> pa.Table:
    seen = pc.and_kleene(pc.is_valid(flat["promised"]), pc.is_valid(flat["actual"]))
    rows = flat.filter(pc.and_kleene(seen, pc.is_valid(flat["made_at"])))
    known = _later(pc.coalesce(rows["observed_at"], rows["made_at"]), rows["made_at"])
    happened = rows["observed_at"] if terms.lever == "time" else pa.nulls(len(rows), known.type)
    return pa.table(
        {
            "line": rows["line"],
            "promise": promise_references(rows["reference"], terms.lever),
            "actual": rows["actual"],
            "observed_at": known,
            "happened_at": happened,
        }
    )


def _encounters(flat: pa.Table) -> pa.Table:
    met = []
    for column in flat.column_names:
        if not column.startswith(STAGE):
            continue
        rows = flat.filter(pc.is_valid(flat[column]))
        name = column.removeprefix(STAGE)
        met.append(
            pa.table(
                {
                    "line": rows["line"],
                    "order": rows["reference"],
                    "touchpoint": pa.repeat(name, rows.num_rows),
                    "at": rows[column],
                }
            )
        )
    if met:
        return pa.concat_tables(met)
    return pa.table({name: pa.array([], pa.string()) for name in ("order", "touchpoint", "at")})


def _feedback(flat: pa.Table, terms: Terms) -> pa.Table:
    wordy = pc.greater(pc.utf8_length(pc.fill_null(flat["text"], "")), 0)
    rows = flat.filter(pc.or_kleene(pc.is_valid(flat["score"]), wordy))
    count = rows.num_rows
    low, high = terms.scale or (None, None)
    kind = pc.if_else(pc.equal(pc.fill_null(rows["text"], ""), ""), "survey", "review")
    return pa.table(
        {
            "line": rows["line"],
            "reference": pc.binary_join_element_wise(rows["reference"], "said", "."),
            "order": rows["reference"],
            "customer": rows["customer"],
            "at": pc.coalesce(rows["observed_at"], rows["placed_at"]),
            "kind": kind,
            "score": rows["score"],
            "scale_min": pa.repeat(pa.scalar(low, pa.float64()), count),
            "scale_max": pa.repeat(pa.scalar(high, pa.float64()), count),
            "text": rows["text"],
        }
    )


def _with_starts(flat: pa.Table) -> pa.Table:
    """With both the order's and the promise's start, each from the other where one is missing."""
    placed = pc.coalesce(flat["placed_at"], flat["made_at"])
    made = pc.coalesce(flat["made_at"], flat["placed_at"])
    for name, column in (("placed_at", placed), ("made_at", made)):
        flat = flat.set_column(flat.column_names.index(name), name, column)
    return flat


def _completed(flat: pa.Table) -> pa.ChunkedArray:
    done = pc.if_else(pc.is_valid(flat["actual"]), flat["observed_at"], None)
    return pc.if_else(pc.is_valid(done), _later(done, flat["placed_at"]), None)


def _cancelled(flat: pa.Table) -> pa.ChunkedArray:
    """When an order was lost; where the file says only that it was, from the start on."""
    told = pc.if_else(
        pc.is_valid(flat["cancelled_at"]),
        _later(flat["cancelled_at"], flat["placed_at"]),
        None,
    )
    lost = pc.and_kleene(pc.equal(flat["verdict"], "unknown"), pc.is_valid(flat["promised"]))
    return pc.coalesce(told, pc.if_else(pc.fill_null(lost, False), flat["placed_at"], None))


def _later(one: pa.ChunkedArray, other: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.greater(one, other), one, other)


def _or(flat: pa.Table, name: str, default: str) -> pa.ChunkedArray:
    if name not in flat.column_names:
        return pa.chunked_array([pa.repeat(default, flat.num_rows)])
    given = flat[name]
    return pc.if_else(pc.equal(pc.fill_null(given, ""), ""), default, given)


def _number(table: ir.Table, name: str) -> ir.Value:
    if name not in table.columns:
        return ibis.null("float64")
    value = table[name].cast("float64")
    return ibis.ifelse(value.isnan() | value.isinf(), ibis.null("float64"), value)


def _is_wall(table: ir.Table, name: str) -> bool:
    kind = table[name].type()
    return bool(kind.is_timestamp() or kind.is_date())


def _json(table: ir.Table, features: Mapping[str, str]) -> str:
    """A JSON object of what is known of each row."""
    if not features:
        return "'{}'"
    parts = []
    for column, name in features.items():
        value = quoted(column)
        kind = table[column].type()
        if kind.is_floating():
            value = f"CASE WHEN isfinite({value}) THEN {value} END"
        elif kind.is_decimal():
            value = f"{value}::DOUBLE"
        elif kind.is_string():
            value = f"left(replace(nullif(trim({value}), ''), chr(0), ''), 1000)"
        elif not (kind.is_numeric() or kind.is_boolean()):
            value = f"{value}::VARCHAR"
        parts.append(f"{quoted(name)} := {value}")
    packed = f"to_json(struct_pack({', '.join(parts)}))"
    return f"json_merge_patch('{{}}', {packed})::VARCHAR"  # a patch leaves out what is unknown
