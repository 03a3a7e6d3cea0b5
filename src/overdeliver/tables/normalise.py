"""From a draft to cases: typed, judged, counted; every row used or rejected with a reason."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from overdeliver.tables.cases import CASE_COLUMNS, Cases, Intake, Notice
from overdeliver.tables.classes import rank_classes
from overdeliver.tables.draft import Draft, Options
from overdeliver.tables.faults import Fault, explained, faults, rejected, with_fault
from overdeliver.tables.features import Split, split
from overdeliver.tables.fields import WALL, Fields, read_fields
from overdeliver.tables.reckon import judge, reckon
from overdeliver.tables.recognise import find_column, likeness, listed
from overdeliver.tables.rejects import first_rejects, write_rejects
from overdeliver.tables.terms import Terms, settle
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.scales import scale_of

_SHOWN = 20  # rejects kept for the page
_COPIED = ("order_id", "customer_id", "segment", "channel", "amount", "currency", "placed_at")
_COPIED_LAST = ("cancelled_at", "score", "text")


@dataclass(frozen=True)
class Books:
    """What the rows came to: how many there were, how many are bad, and the last moment seen."""

    rows: int
    bad: int
    as_of: datetime | None
    score: tuple[float, float] | None
    currencies: tuple[str, ...]


def to_cases(draft: Draft, options: Options) -> Cases:
    """The cases of a draft. MissingField when it holds neither promise nor outcome."""
    zone = draft.zone or options.zone
    read = read_fields(draft, options, zone, draft.holds)
    table = rank_classes(read.table, draft, options)
    terms = settle(read, draft, options)
    rules = faults(table, draft.mapping, terms, draft.blame)
    table = with_fault(reckon(table, terms, zone), rules)
    table, rules = _doubled(table, rules, draft)
    sound = table.filter(table["c:fault"].isnull())
    books = _books(table, sound, draft)
    if books.bad == 0:
        sound = table
    as_of = options.as_of.replace(tzinfo=None) if options.as_of else books.as_of
    late = _cancelled_late(sound, draft)
    judged = judge(sound, as_of, _lost(sound, draft, terms) & ~late, options.tolerance, late=late)
    parts = _columns(judged, draft, read)
    shown, by, features, stages = _choose(judged, draft, options, parts, read)
    rejects = rejected(table, explained(rules, read, table) if books.bad else rules, draft.mapping)
    return Cases(
        table=judged.select(**shown),
        lever=terms.lever,
        unit=terms.unit,
        granularity=terms.granularity,
        intake=_intake(draft, books, rejects, options),
        as_of=as_of,
        zone=zone,
        tolerance=options.tolerance,
        by=by,
        features=features,
        stages=stages,
        score_scale=draft.score_scale or _scale(books.score),
        mapping=dict(draft.mapping),
        notices=(
            *draft.notices,
            *read.notices,
            *terms.notices,
            *_notices(terms, books, stages, parts, draft),
        ),
    )


def _doubled(table: ir.Table, rules: list[Fault], draft: Draft) -> tuple[ir.Table, list[Fault]]:
    """Mark every later row of an order that an earlier sound row already tells of."""
    if "order_id" not in draft.mapping or not _repeats(table):
        return table, rules
    key, line, sound = table["f:order_id"], table["line"], table["c:fault"].isnull()
    first = line.min(where=sound).over(group_by=key)
    again = sound & key.notnull() & (line > first)
    rule = Fault("order_id", again, "this order was told of in an earlier row")
    number = ibis.literal(len(rules), "int16")
    marked = table.mutate(**{"c:fault": ibis.ifelse(again, number, table["c:fault"])})
    name = ibis.util.gen_name("cases")
    return draft.backend.create_table(name, marked, temp=True), [*rules, rule]


def _repeats(table: ir.Table) -> bool:
    # Equal counts of hashes prove that no id repeats; only otherwise are the ids compared.
    key = table["f:order_id"]
    different = key.hash().nunique(where=key.notnull())  # NULL has a hash too
    row = table.aggregate(n=key.count(), d=different).to_pyarrow().to_pylist()[0]
    return bool(row["n"] != row["d"])


def _books(table: ir.Table, sound: ir.Table, draft: Draft) -> Books:
    fault = table["c:fault"]
    asked: dict[str, ir.Value] = {"rows": table.count(), "bad": fault.count()}
    ok = fault.isnull()
    moments = [c for c in ("c:made_at", "c:observed_at") if c in table.columns]
    for column in moments:
        asked[column] = table[column].max(where=ok)
    if "score" in draft.mapping:
        score = table["f:score"]
        asked["low"], asked["high"] = score.min(where=ok), score.max(where=ok)
    row: dict[str, Any] = table.aggregate(**asked).to_pyarrow().to_pylist()[0]
    seen = [row[c] for c in moments if row[c] is not None]
    money = _currencies(sound)
    scale = (row["low"], row["high"]) if row.get("low") is not None else None
    return Books(row["rows"], row["bad"], max(seen, default=None), scale, money)


def _currencies(sound: ir.Table) -> tuple[str, ...]:
    source = _case_column(sound, "currency")
    if source is None:
        return ()
    found = sound.select(c=source).distinct().order_by("c").limit(20).to_pyarrow()
    return tuple(c for c in found["c"].to_pylist() if c is not None)


def _lost(table: ir.Table, draft: Draft, terms: Terms) -> Any:
    if terms.promise is None:
        return ibis.literal(True)  # nothing was promised: whether it was kept cannot be known
    lost: Any = ibis.literal(False)
    if "cancelled_at" in draft.mapping:
        when = table["f:cancelled_at"]
        lost = when.fill_null(False) if when.type().is_boolean() else when.notnull()
    if draft.lost is not None:
        lost = lost | table[draft.lost].fill_null(False)
    return lost


def _cancelled_late(table: ir.Table, draft: Draft) -> Any:
    """Cancelled when the promise was overdue: it was broken by then, and stays so."""
    if "cancelled_at" not in draft.mapping or "c:due_at" not in table.columns:
        return ibis.literal(False)
    when = table["f:cancelled_at"]
    if when.type().is_boolean():  # cancelled, but not when
        return ibis.literal(False)
    return (table["c:due_at"] < when).fill_null(False)


def _columns(table: ir.Table, draft: Draft, read: Fields) -> Split:
    """The columns that are no field, sorted by use."""
    if draft.features is not None:
        return Split(tuple(draft.features), (), {})
    used = set(draft.mapping.values()) | {"line", draft.lost}
    others = [c for c in draft.table.columns if c not in used]
    if not others:
        return Split((), (), {})
    return split(table.select(**{c: table[read.place(c)] for c in others}), others)


def _choose(
    table: ir.Table, draft: Draft, options: Options, parts: Split, read: Fields
) -> tuple[dict[str, ir.Value], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The columns of the case table, and the names of grouping columns, features and stages."""
    shown: dict[str, ir.Value] = {}
    for name in CASE_COLUMNS:
        source = _case_column(table, name)
        if source is not None:
            shown[name] = source.cast(CASE_COLUMNS[name])
    stages = _stages(table, draft, parts, shown, read)
    features = tuple(_add(shown, column, table[read.place(column)]) for column in parts.features)
    by = tuple(_group(table, draft, options, shown, wanted) for wanted in options.by)
    return shown, by, features, stages


def _case_column(table: ir.Table, name: str) -> ir.Value | None:
    if name == "order_id" and "f:order_id" not in table.columns:
        return table["line"].cast("string")
    if name == "line":
        return table["line"]
    if name == "currency" and "f:currency" not in table.columns:
        written = "f:amount_currency"  # the sign beside the number
        return table[written] if written in table.columns else None
    for prefix in ("c:", "f:"):
        if prefix + name in table.columns and not table[prefix + name].type().is_boolean():
            return table[prefix + name]
    return None


def _stages(
    table: ir.Table, draft: Draft, parts: Split, shown: dict[str, ir.Value], read: Fields
) -> tuple[str, ...]:
    stated = [name for name in draft.mapping if name.startswith("stage:")]
    names = [_add(shown, name.removeprefix("stage:"), table[f"f:{name}"]) for name in stated]
    if "c:made_at" in table.columns:
        made = table["c:made_at"]
        found = {c: table[read.place(c)] for c in parts.moments if not _is_promise(c)}
        typed = {c: value.cast(WALL) for c, value in found.items() if not _zoned(value)}
        for column in _after_made(table, made, typed):
            names.append(_add(shown, column, typed[column]))
    return tuple(names)


def _is_promise(column: str) -> bool:
    """A planned end beside the promised one is no step of the journey."""
    return likeness("promised_at", column) > 0


def _zoned(column: ir.Value) -> bool:
    kind = column.type()
    return bool(kind.is_timestamp() and kind.timezone)


def _after_made(table: ir.Table, made: ir.Value, typed: dict[str, ir.Value]) -> list[str]:
    """The moments that lie after the promise in 19 of 20 rows, in the order they usually come."""
    if not typed:
        return []
    asked: dict[str, ir.Value] = {}
    for at, value in enumerate(typed.values()):
        asked[f"s{at}"] = (value.date() >= made.date()).mean()
        asked[f"m{at}"] = value.delta(made, unit="second").approx_median()
    row: dict[str, Any] = table.aggregate(**asked).to_pyarrow().to_pylist()[0]
    found = [(row[f"m{at}"], c) for at, c in enumerate(typed) if (row[f"s{at}"] or 0) >= 0.95]
    return [column for _, column in sorted(found)]


def _add(shown: dict[str, ir.Value], name: str, value: ir.Value) -> str:
    """Add a column under its name, or a near one where the database would confuse the two."""
    taken = {column.casefold() for column in shown}
    free = name
    while free.casefold() in taken:
        free += " (source)"
    shown[free] = value
    return free


def _group(
    table: ir.Table, draft: Draft, options: Options, shown: dict[str, ir.Value], wanted: str
) -> str:
    if wanted in shown:
        return wanted
    column = find_column(draft.table.columns, wanted)
    if column is None:
        raise InputError(f"--by {wanted}: no such column; columns: {listed(draft.table.columns)}")
    return column if column in shown else _add(shown, column, table[column])


def _scale(seen: tuple[float, float] | None) -> tuple[float, float] | None:
    """The usual scale that the scores seen fit into."""
    if seen is None:
        return None
    usual = scale_of(*seen)
    return seen if usual is None else (usual.low, usual.high)


def _intake(draft: Draft, books: Books, rejects: ir.Table, options: Options) -> Intake:
    """The books of the reading; the reject file is written when one was asked for."""
    tables = [rejects] if books.bad else []
    if draft.bad and draft.bad_rows is not None:
        tables.append(draft.bad_rows)
    if options.reject_file is not None:
        write_rejects(options.reject_file, *tables)
    bad = books.bad + draft.bad
    read = draft.read if draft.read is not None else books.rows
    written = str(options.reject_file) if options.reject_file is not None else None
    return Intake(read, read - bad, bad, written, first_rejects(*tables, count=_SHOWN))


def _notices(
    terms: Terms, books: Books, stages: tuple[str, ...], parts: Split, draft: Draft
) -> list[Notice]:
    found = []
    if terms.promise is None:
        found.append(
            Notice(
                "no_promise",
                "the data holds no promise: it can teach what to promise, not how well it was kept",
            )
        )
    if terms.made is None:
        found.append(
            Notice(
                "no_made_at",
                "the data does not say when the promise was made: no durations, no backtest",
            )
        )
    if len(books.currencies) > 1:
        values = {"currencies": list(books.currencies)}
        found.append(
            Notice(
                "mixed_currencies",
                f"amounts are in {', '.join(books.currencies)}; they are never added up",
                values,
            )
        )
    offered = [s for s in stages if s in parts.moments]
    if offered:
        found.append(
            Notice(
                "stages_found",
                f"read as stages of the journey: {', '.join(offered)}",
                {"columns": offered},
            )
        )
    if parts.left_out:
        said = "; ".join(f"{c} ({why})" for c, why in parts.left_out.items())
        found.append(
            Notice(
                "columns_left_out",
                f"not used as features: {said}",
                {"columns": dict(parts.left_out)},
            )
        )
    return found
