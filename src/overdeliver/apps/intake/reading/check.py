"""Every row of a file judged: what would be stored, in parts on disk; what is refused, and why."""

import csv
import functools
import operator
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from overdeliver.apps.intake import checks
from overdeliver.apps.intake.reading import extras, flat
from overdeliver.apps.intake.reading.look import engine, kind_of, promised, read_draft
from overdeliver.apps.intake.reading.task import Task, options_of
from overdeliver.apps.intake.reading.unpack import ready
from overdeliver.tables.cases import Cases
from overdeliver.tables.draft import Draft
from overdeliver.tables.normalise import to_cases
from overdeliver.tables.raw import store_arrow
from overdeliver.tables.rejects import safe_cell
from overdeliver.vocabulary.errors import MissingField

ROWS = "rows.parquet"
REJECTS = "rejected.csv"
_CUT = r"^[0-9]([.,][0-9]+)?[eE]\+[0-9]+$"
_SHOWN = 20
_WRITTEN_AT_ONCE = 20_000


def check(task: Task, work: Path) -> dict[str, Any]:
    """Judge every row; leaves `ROWS` and `REJECTS` in the task's folder.

    The books: ``rows`` = ``to_store`` + ``joined`` (further lines of an order) + ``rejected``.
    MissingField: no moment says when the orders were placed.
    """
    paths = ready(task.files, work, task.table_limits())
    backend = engine(task.memory_mb)
    kind = kind_of(paths, task.settings, task, backend)
    read = read_draft(paths, kind, task.settings, task, backend)
    chosen = _chosen(read.draft, task.settings)
    given = work / "refused.csv"
    options = options_of(
        task.settings,
        limits=task.table_limits(),
        by=tuple(dict.fromkeys(chosen.values())),
        reject_file=given,
    )
    cases = to_cases(read.draft, options)
    _require_moments(cases)
    refused = _refused(given)
    stored, contract = _write_rows(cases, chosen, task)
    refused = pa.concat_tables([refused, contract]) if contract.num_rows else refused
    _write_rejects(task.out / REJECTS, read.draft, refused)
    lines = len(set(refused["line"].to_pylist()))
    total = cases.intake.read
    return {
        "kind": kind,
        "rows": total,
        "to_store": stored,
        "rejected": cases.intake.rejected + _lines(contract),
        "joined": total - cases.intake.rejected - _lines(contract) - stored,
        "cut_ids": _cut_ids(cases),
        "told": lines,
        "sample": refused.slice(0, _SHOWN).to_pylist(),
        "lever": cases.lever,
        "unit": cases.unit,
        "whole": cases.lever == "time" and cases.granularity == "day",
        "scale": list(cases.score_scale) if cases.score_scale else None,
        "zone": cases.zone,
        "promised": promised(cases),
        "stages": list(cases.stages),
        "features": sorted(flat.feature_names(cases, chosen.values()).values()),
        "services": _services(task.out / ROWS, chosen),
        "notices": [[n.code, n.message] for n in cases.notices],
    }


def _chosen(draft: Draft, settings: Mapping[str, Any]) -> dict[str, str]:
    asked = settings.get("extras") or {}
    return {f: c for f, c in asked.items() if f in extras.FIELDS and c in draft.table.columns}


def _require_moments(cases: Cases) -> None:
    if not {"made_at", "placed_at"} & set(cases.table.columns):
        raise MissingField(
            "no column says when the orders were placed: name it with --map placed_at=COLUMN"
        )


def _cut_ids(cases: Cases) -> int:
    """Rows whose order or customer a spreadsheet has shortened to 1.0E+12: several look like one.

    They are kept as they stand; nobody can know what they were.
    """
    table = cases.table
    told = [table[name] for name in ("order_id", "customer_id") if name in table.columns]
    if not told:
        return 0
    cut = functools.reduce(operator.or_, (column.re_search(_CUT) for column in told))
    return int(table.filter(cut).count().to_pyarrow().as_py())


def _refused(path: Path) -> pa.Table:
    """The library's rejects as a table; what a spreadsheet would run stays guarded."""
    kinds = {"line": pa.int64(), **{n: pa.string() for n in ("column", "value", "reason")}}
    options = pa.csv.ConvertOptions(column_types=kinds, strings_can_be_null=False)
    parse = pa.csv.ParseOptions(newlines_in_values=True)
    return pa.csv.read_csv(path, convert_options=options, parse_options=parse)


def _write_rows(cases: Cases, chosen: Mapping[str, str], task: Task) -> tuple[int, pa.Table]:
    """The flat rows in parts; those that break the ledger's contract come back as rejects."""
    numbered = "order_id" not in cases.mapping
    query = flat.flat_query(cases, chosen, task.digest, numbered)
    backend: Any = cases.table.get_backend()
    terms = flat.terms_of(cases)
    writer: pq.ParquetWriter | None = None
    stored, refused = 0, [_none()]
    sound = _sound_rows(backend.con.query(query).to_arrow_reader(flat.PART), terms, refused)
    with open(task.out / ROWS, "wb") as file:
        for part in _parts(sound):
            writer = writer or pq.ParquetWriter(file, part.schema, compression="zstd")
            writer.write_table(part, row_group_size=flat.PART)
            stored += part.num_rows
        if writer is not None:
            writer.close()
    return stored, pa.concat_tables(refused)


def _sound_rows(reader: Any, terms: flat.Terms, refused: list[pa.Table]) -> Iterator[pa.Table]:
    seen: set[str] = set()
    for batch in reader:
        rows = pa.Table.from_batches([batch])
        _, rejects = checks.sound(flat.tables_of(rows, terms))
        again = pa.array([key in seen for key in rows["reference"].to_pylist()], pa.bool_())
        seen.update(key for key in rows["reference"].to_pylist() if key)
        bad = pc.is_in(rows["line"], rejects["line"].combine_chunks())
        refused.append(rejects.drop_columns(["table"]))
        if pc.any(pc.and_kleene(again, pc.invert(bad))).as_py():
            doubled = rows.filter(pc.and_kleene(again, pc.invert(bad)))
            reason = pa.repeat("this order was told of in an earlier row", doubled.num_rows)
            column = pa.repeat("order_id", doubled.num_rows)
            refused.append(
                pa.table([doubled["line"], column, doubled["reference"], reason], schema=_SCHEMA)
            )
        yield rows.filter(pc.invert(pc.or_kleene(bad, again)))


_SCHEMA = pa.schema(checks.REJECTS.remove(0))


def _none() -> pa.Table:
    return _SCHEMA.empty_table()


def _parts(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The rows anew in parts of exactly `flat.PART`, the last one apart."""
    held: list[pa.Table] = []
    count = 0
    for table in tables:
        held.append(table)
        count += table.num_rows
        while count >= flat.PART:
            whole = pa.concat_tables(held)
            yield whole.slice(0, flat.PART)
            held, count = [whole.slice(flat.PART)], count - flat.PART
    if count:
        yield pa.concat_tables(held)


def _lines(rejects: pa.Table) -> int:
    return len(set(rejects["line"].to_pylist()))


def _write_rejects(path: Path, draft: Draft, refused: pa.Table) -> None:
    """The rows refused as they stood in the file, with the reason: to correct and send again."""
    columns = [c for c in draft.table.columns if _is_source(c)]
    rows = _first_reasons(refused)
    lines = pa.table({"l": pa.array(sorted(rows), pa.int64())})
    wanted, table = store_arrow(draft.backend, lines, "refused"), draft.table
    chosen = table.semi_join(wanted, table["line"] == wanted["l"]).select("line", *columns)
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([safe_cell(name) for name in (*columns, *extras.MARKS)])
        if not rows:
            return
        backend: Any = draft.backend
        query = ibis.to_sql(chosen.order_by("line"), dialect="duckdb")
        found = backend.raw_sql(query)
        while block := found.fetchmany(_WRITTEN_AT_ONCE):
            for line, *values in block:
                column, _, reason = rows.pop(line)
                cells = [_cell(value) for value in values]
                writer.writerow([*cells, line, safe_cell(column), safe_cell(reason)])
        for line, (column, value, reason) in sorted(rows.items()):  # could not be split into fields
            empty = [""] * (len(columns) - 1)
            # the library's own reject file, from which this comes, has guarded the value
            writer.writerow([value, *empty, line, safe_cell(column), safe_cell(reason)])


def _first_reasons(refused: pa.Table) -> dict[int, tuple[str, str, str]]:
    found: dict[int, tuple[str, str, str]] = {}
    for row in refused.to_pylist():
        found.setdefault(
            row["line"], (row["column"] or "", row["value"] or "", row["reason"] or "")
        )
    return found


def _is_source(column: str) -> bool:
    return column not in ("line", "lost", "promised by rule") and not column.startswith(
        ("s:", "j:", "f:", "i:", "r:", "c:", "x:")
    )


def _cell(value: Any) -> str:
    return "" if value is None else safe_cell(str(value))


def _services(path: Path, chosen: Mapping[str, str]) -> list[str]:
    if "service" not in chosen or not path.stat().st_size:
        return []
    column = pq.read_table(path, columns=["service"])["service"]
    return sorted(name for name in column.unique().to_pylist() if name)[:50]
