"""The audit: a file of promises in, the report object out (schema overdeliver.audit/1)."""

import difflib
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from overdeliver.audit import compose, remarks, replay
from overdeliver.audit.choose import Choice, chosen
from overdeliver.audit.groups import CALENDAR, calendar_of, groups_part
from overdeliver.audit.hold import held, moved
from overdeliver.audit.journey import steps_part
from overdeliver.audit.plain import plain
from overdeliver.audit.schema import NAME
from overdeliver.learn.results import Backtest
from overdeliver.measure.answers import NotEnough
from overdeliver.measure.profile import profile
from overdeliver.measure.reliability import Outcomes, outcomes_of
from overdeliver.measure.tallies import tally
from overdeliver.tables.cases import Cases
from overdeliver.tables.engines import Engine
from overdeliver.tables.engines import chosen as engine_named
from overdeliver.tables.load import load_cases
from overdeliver.vocabulary.errors import InputError

#: Called with what is being done and the share of the whole work that is behind (0 to 1).
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class _Asked:
    """What the caller wants of the audit."""

    level: float
    by: tuple[str, ...]
    start: date | None
    with_backtest: bool
    known: tuple[str, ...]
    tell: Progress


def audit(
    source: Any,
    *,
    level: float = 0.9,
    by: Sequence[str] = (),
    backtest_from: date | None = None,
    with_backtest: bool = True,
    known: Sequence[str] = (),
    engine: str = "duckdb",
    name: str | None = None,
    progress: Progress | None = None,
    **load_options: Any,
) -> dict[str, Any]:
    """Audit promises; the report is ready for JSON: finite numbers, ISO dates, null for unknown.

    ``source`` is what ``load_cases`` reads (``load_options`` are handed on to it) or ``Cases``.
    ``by`` names columns to group by, each by itself, ``month`` and ``weekday`` of the promise
    included; without it up to four are chosen and the calendar's two come on top. ``known``
    columns are exempt from the leakage guard. Measures run on ``engine``; the rest on DuckDB.

    Raises InputError (a level outside 0 to 1, a column that is not there, anything ``load_cases``
    refuses).

    >>> import pyarrow as pa
    >>> table = pa.table({"promised": [3.0, 3.0, 5.0], "actual": [2.0, 4.0, 5.0]})
    >>> report = audit(table, unit="days", with_backtest=False)
    >>> report["outcomes"]["broken"], round(report["kept"]["rate"], 3)
    (1, 0.667)
    """
    started = time.perf_counter()
    if not 0 < level < 1:
        raise InputError(f"--level {level:g}: a level lies between 0 and 1, such as 0.9")
    where = engine_named(engine)
    tell: Progress = progress or (lambda what, share: None)
    tell("reading", 0.0)
    cases = _cases(source, by, load_options)
    asked = _Asked(level, tuple(by), backtest_from, with_backtest, tuple(known), tell)
    with ExitStack() as stack:
        here = held(cases)
        measured = here if where is Engine.DUCKDB else stack.enter_context(moved(here, where))
        report = _report(here, measured, asked)
    report["source"] |= {"name": name or name_of(source), "preset": _preset(cases, load_options)}
    seconds = round(time.perf_counter() - started, 3)
    report["computed"] = {"seconds": seconds, "engine": where.value}
    tell("done", 1.0)
    whole: dict[str, Any] = plain(report)
    return whole


def name_of(source: Any) -> str:
    """The name of what was read, without the folders it lies in.

    >>> name_of("2026/orders.csv"), name_of(["a.csv", "b.csv"]), name_of(object())
    ('orders.csv', 'a.csv, b.csv', 'data frame')
    """
    if isinstance(source, list | tuple):
        return ", ".join(name_of(part) for part in source)
    return Path(source).resolve().name if isinstance(source, str | Path) else "data frame"


def program_version() -> str:
    """The version of the program that runs."""
    # The root package is loaded whenever this module is, and says it whether installed or not.
    return str(sys.modules[__name__.partition(".")[0]].__version__)


def _cases(source: Any, by: Sequence[str], load_options: dict[str, Any]) -> Cases:
    if isinstance(source, Cases):
        if load_options:
            raise InputError(f"{', '.join(load_options)}: these cases are read already")
        return source
    # The calendar's groups are no columns of the file, unless it has such columns: then they win.
    return load_cases(source, by=[c for c in by if c not in CALENDAR], **load_options)


def _preset(cases: Cases, load_options: dict[str, Any]) -> str | None:
    found = (n.values.get("preset") for n in cases.notices if n.code == "preset_found")
    return load_options.get("preset") or next(found, None)


def _report(here: Cases, cases: Cases, asked: _Asked) -> dict[str, Any]:
    """The report but for name and seconds; ``cases`` are measured, ``here`` is learned from."""
    asked.tell("counting", 0.1)
    total = outcomes_of(tally(cases.table)[0])
    choice = _choice(here, total, asked)
    gathered = profile(cases.table, score_scale=cases.score_scale)
    weight = compose.asymmetry_of(cases.table, gathered)
    by = choice.columns if asked.by else (*choice.columns, *calendar_of(cases))
    asked.tell("grouping", 0.15)
    groups, cut = groups_part(cases, by, weight.weight)
    asked.tell("measuring", 0.2)
    early = compose.ratchet_of(cases)
    measured = {
        "distribution": compose.distribution_part(cases.table, gathered),
        "groups": groups,
        "asymmetry": compose.asymmetry_part(weight),
        "curve": compose.curve_part(cases, gathered),
        "cliff": compose.cliff_part(cases.table, gathered),
        "levers": compose.levers_part(cases),
        "ratchet": compose.ratchet_part(early),
        "steps": steps_part(cases),
        "amounts": compose.amounts_part(cases.table),
    }
    found = _backtest(here, choice.columns, asked)
    left_out = remarks.left_out_at_reading(cases)
    left_out |= {one.column: one.reason for one in choice.left_out}
    return {
        **_head(cases, total),
        **measured,
        "backtest": replay.backtest_part(found, asked.level),
        "instead": replay.instead_part(found),
        "features": replay.features_part(found, left_out),
        "warnings": remarks.warnings_part(cases, total, early, cut),
    }


def _head(cases: Cases, total: Outcomes) -> dict[str, Any]:
    return {
        "schema": NAME,
        "program": program_version(),
        "source": compose.source_part(cases, total),
        "rows": compose.rows_part(cases),
        "lever": cases.lever,
        "unit": cases.unit,
        "granularity": cases.granularity,
        "tolerance": cases.tolerance,
        "outcomes": compose.outcomes_part(total),
        "kept": compose.rate_part(total.kept),
        "promised_mean": total.promised_mean,
        "actual_mean": total.actual_mean,
    }


def _choice(cases: Cases, total: Outcomes, asked: _Asked) -> Choice:
    """The columns asked for, else those worth looking at."""
    if not asked.by:
        return chosen(cases, total.n + total.open + total.unknown, known=asked.known)
    return Choice(tuple(dict.fromkeys(_column(cases, name) for name in asked.by)))


def _column(cases: Cases, name: str) -> str:
    """The grouping column of that name as the cases spell it."""
    offered: list[str] = [*cases.table.columns, *calendar_of(cases)]
    same = [c for c in offered if c == name] or [
        c for c in offered if c.casefold() == name.strip().casefold()
    ]
    if same:
        return same[0]
    near = difflib.get_close_matches(name, offered, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise InputError(f"--by {name}: no such column; {hint}the columns are {', '.join(offered)}")


def _backtest(cases: Cases, by: Sequence[str], asked: _Asked) -> Backtest | NotEnough | None:
    if not asked.with_backtest:
        return None
    # Loaded here: measures alone need no learning machinery.
    from overdeliver.learn.backtest import backtest

    asked.tell("testing on the past", 0.3)
    return backtest(
        cases,
        level=asked.level,
        start=asked.start,
        by=[column for column in by if column in cases.table.columns],
        known=asked.known,
        progress=lambda share: asked.tell("testing on the past", 0.3 + 0.7 * share),
    )
