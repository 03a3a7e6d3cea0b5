"""A first look at a file: its kind, its columns with samples, which field is which, what lacks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ibis
from ibis.backends.duckdb import Backend

from overdeliver.apps.intake.reading import extras
from overdeliver.apps.intake.reading.task import Task, options_of
from overdeliver.apps.intake.reading.unpack import is_event_log, ready
from overdeliver.tables.cases import Cases
from overdeliver.tables.connect import connect
from overdeliver.tables.draft import Draft
from overdeliver.tables.load import draft_of
from overdeliver.tables.normalise import to_cases
from overdeliver.tables.presets.registry import PRESETS, guess_preset
from overdeliver.tables.sources import open_source
from overdeliver.vocabulary.errors import InputError

_RULED = "promised by rule"
_METHODS = {"shopify": "Shipping Method", "woocommerce": "shipping_method"}
_SAMPLE = 400
_SHOWN = 3
_LONGEST = 60


@dataclass(frozen=True)
class Read:
    """A file with its fields named."""

    kind: str
    draft: Draft


def engine(memory_mb: int) -> Backend:
    """A DuckDB that keeps below the memory of its process and reaches for nothing outside."""
    backend = connect()
    for setting, value in (
        ("memory_limit", f"'{max(memory_mb // 3, 100)}MB'"),
        ("threads", "2"),
        ("autoinstall_known_extensions", "false"),
        ("autoload_known_extensions", "false"),
    ):
        backend.raw_sql(f"SET {setting} = {value}")
    return backend


def look(task: Task, work: Path) -> dict[str, Any]:
    """What the upload page shows: see `overdeliver.apps.intake.rules` for how it is used."""
    paths = ready(task.files, work, task.table_limits())
    backend = engine(task.memory_mb)
    kind = kind_of(paths, task.settings, task, backend)
    rules = task.settings.get("rules") or {"*": [1, "days"]}  # to get past what is asked later
    read = read_draft(paths, kind, {**task.settings, "rules": rules}, task, backend)
    columns = _columns(read.draft)
    mapping = {f: c for f, c in read.draft.mapping.items() if c != _RULED}
    found: dict[str, Any] = {
        "kind": kind,
        "files": [path.name for path in paths],
        "rows": read.draft.read,
        "columns": columns,
        "mapping": mapping,
        "extras": extras.recognised(columns, mapping, kind),
        "methods": _methods(read.draft, kind),
        "notices": [[n.code, n.message] for n in read.draft.notices],
    }
    return found | _judged(read.draft, task, mapping)


def kind_of(paths: list[Path], settings: Mapping[str, Any], task: Task, backend: Backend) -> str:
    """The kind said, else the one the files plainly are, else a table."""
    if settings.get("kind"):
        return str(settings["kind"])
    if is_event_log(paths):
        return "xes"
    limits = task.table_limits()
    guessed = guess_preset(
        list(paths),
        lambda item: open_source(
            item,
            encoding=settings.get("encoding") or None,
            delimiter=settings.get("delimiter") or None,
            limits=limits,
            connection=backend,
        ),
    )
    return guessed or "table"


def read_draft(
    paths: list[Path], kind: str, settings: Mapping[str, Any], task: Task, backend: Backend
) -> Read:
    """The files as a draft, mapped as the settings say."""
    options = options_of(settings, limits=task.table_limits())
    stated = dict(settings.get("mapping") or {})
    if kind not in PRESETS and not stated:
        # Only a stated mapping keeps the library from guessing a preset of its own.
        options = replace(options, mapping={})
    draft = draft_of(list(paths), kind if kind in PRESETS else None, options, backend)
    draft = _without_marks(draft)
    if settings.get("exact"):
        chosen = {f: c for f, c in stated.items() if c in draft.table.columns}
        if draft.mapping.get("promised") == _RULED and not {"promised_at", "promised"} & set(
            chosen
        ):
            chosen["promised"] = _RULED
        draft = replace(draft, mapping=chosen)
    return Read(kind, draft)


def _without_marks(draft: Draft) -> Draft:
    """Without the columns of a reject file of ours that was corrected and comes again."""
    marks = [column for column in draft.table.columns if column in extras.MARKS]
    if not marks:
        return draft
    holds = {name: held for name, held in draft.holds.items() if name not in marks}
    mapping = {f: c for f, c in draft.mapping.items() if c not in marks}
    return replace(draft, table=draft.table.drop(*marks), holds=holds, mapping=mapping)


def _columns(draft: Draft) -> list[dict[str, Any]]:
    hidden = {"line", "lost", _RULED}
    names = [c for c in draft.table.columns if c not in hidden and not c.startswith(("s:", "j:"))]
    rows = draft.table.select(*names).limit(_SAMPLE).to_pyarrow() if names else None
    shown = []
    for name in names:
        values = rows[name].to_pylist() if rows is not None else []
        samples = list(dict.fromkeys(str(v)[:_LONGEST] for v in values if v not in (None, "")))
        held = str(draft.holds.get(name, "")) or _held(draft, name)
        shown.append({"name": name, "holds": held, "samples": samples[:_SHOWN]})
    return shown


def _held(draft: Draft, name: str) -> str:
    kind = draft.table[name].type()
    if kind.is_timestamp() or kind.is_date():
        return "moment"
    return "number" if kind.is_numeric() else "text"


def _methods(draft: Draft, kind: str) -> list[list[Any]]:
    """Shipping methods with how often they occur, most frequent first."""
    column = _METHODS.get(kind)
    if column is None or column not in draft.table.columns:
        return []
    named = draft.table.select(m=draft.table[column].cast("string").strip().nullif(""))
    counted = named.filter(ibis._.m.notnull()).group_by("m").agg(n=ibis._.count())
    rows = counted.order_by(ibis.desc("n"), "m").limit(50).to_pyarrow().to_pylist()
    return [[row["m"], row["n"]] for row in rows]


def _judged(draft: Draft, task: Task, mapping: Mapping[str, str]) -> dict[str, Any]:
    """How the rows would be read, or why they cannot be yet."""
    try:
        cases = to_cases(draft, options_of(task.settings, limits=task.table_limits()))
    except InputError as error:
        return {"problem": problem_of(str(error)), "told": str(error)}
    return {
        "problem": "",
        "lever": cases.lever,
        "unit": cases.unit,
        "granularity": cases.granularity,
        "zone": cases.zone,
        "zoneless": zoneless(draft, mapping),
        "used": cases.intake.used,
        "rejected": cases.intake.rejected,
        "dated": "made_at" in cases.table.columns or "placed_at" in cases.table.columns,
        "promised": promised(cases),
        "notices": [[n.code, n.message] for n in cases.notices],
    }


def promised(cases: Cases) -> bool:
    """Whether the data hold a promise at all."""
    return not any(notice.code == "no_promise" for notice in cases.notices)


def problem_of(text: str) -> str:
    """Which question an error of reading comes to; ``other`` where no answer would help.

    >>> problem_of("column 'd' can be day/month or month/day (e.g. 03.04): say --date-order dmy")
    'date_order'
    """
    for sign, code in (
        ("--date-order", "date_order"),
        ("order of the classes", "classes"),
        ("are not in the order given", "classes"),
        ("say what was promised for each shipping method", "rules"),
        ("no promise and no outcome recognised", "fields"),
        ("cannot be joined", "fields"),
        ("--map", "fields"),
        ("--unit", "unit"),
        ("promises per shipping method must share", "rules"),
    ):
        if sign in text:
            return code
    return "other"


def zoneless(draft: Draft, mapping: Mapping[str, str]) -> bool:
    """Whether moments come as wall clocks that do not say their zone."""
    columns = [c for f, c in mapping.items() if f.endswith("_at") and c in draft.table.columns]
    if not columns:
        return False
    sample = draft.table.select(*columns).limit(_SAMPLE).to_pyarrow()
    for column in columns:
        kind = draft.table[column].type()
        if kind.is_timestamp():
            if not kind.timezone:
                return True
            continue
        for value in sample[column].to_pylist():
            text = str(value or "")
            if ":" in text and not extras.OFFSET.search(text):
                return True
    return False
