"""What to promise: kept at each level, how long, how sharp; against a table and plain quantiles.

    python bench/promise.py [SET ...]     olist estimates flights flights-undated delivery receipt

The rows "promise" of the design's table of figures. Dated sets go through `backtest`: at the start
of every month each contender learns what was known then and promises the month. Undated ones
learn 30,000 random rows and promise the rest. Run it with OMP_NUM_THREADS=1; CPU seconds count all
threads. The data: ../shared/data or the folder named by OVERDELIVER_DATA.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from measure_process import DATA, ROOT, machine
from numpy.typing import NDArray

sys.path.insert(0, str(ROOT / "src"))

import pyarrow as pa
from promise_peers import Spans, clerk, clerk_chosen, trees

from overdeliver.data.sample import sample_path
from overdeliver.learn import backtest as replay
from overdeliver.learn.columns import Columns, read_columns
from overdeliver.learn.promise import PromiseTimeRegressor
from overdeliver.learn.readings import read_cases
from overdeliver.learn.results import Backtest
from overdeliver.measure.calibration import pinball
from overdeliver.tables.cases import Cases
from overdeliver.tables.load import load_cases

Floats = NDArray[np.float64]
LEVELS = np.array(replay.LEVELS)
_TRAIN = 30_000


@dataclass(frozen=True)
class Task:
    """What is promised to whom: columns, moments, outcomes, and who knew what when."""

    columns: Columns
    made: Floats | None
    actual: Floats
    spans: Spans
    whole: bool = False

    @property
    def judged(self) -> NDArray[np.int64]:
        return np.concatenate([rows for _, rows in self.spans])


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What it answers, and the CPU seconds it took."""
    before = time.process_time()
    return work(), round(time.process_time() - before, 2)


def figures(actual: Floats, promise: Floats) -> dict[str, dict[str, float]]:
    """Kept share, mean promise and pinball loss by level."""
    return {
        str(level): {
            "kept": round(float((actual <= promise[:, i]).mean()), 4),
            "mean": round(float(promise[:, i].mean()), 3),
            "pinball": round(float(pinball(actual, promise[:, i], level) or 0.0), 4),
        }
        for i, level in enumerate(LEVELS.tolist())
    }


def dated(cases: Cases, *, level: float, by: str | None = None, start: date | None = None) -> dict:
    """Quotes in time order, and the peers at the same moments on the same rows."""
    groups = [by] if by else []
    run = partial(replay.backtest, cases, level=level, start=start, by=groups)
    ours, cpu = timed(run)
    if not isinstance(ours, Backtest):
        raise SystemExit(f"no backtest: {ours.reason}")
    task = task_of(cases, ours, groups)
    if len(task.judged) != ours.n + ours.refused:
        raise SystemExit(f"{len(task.judged)} rows for the peers, {ours.n} for us: not the same")
    found = {
        str(one.level): {
            "kept": round(one.kept, 4),
            "mean": round(one.promised_mean, 3),
            "pinball": round(one.pinball, 4),
            "worst": worst(one.worst_group),
        }
        for one in ours.levels
    }
    return {
        "n": ours.n,
        "refused": ours.refused,
        "from": str(ours.start),
        "own": vars(ours.own) if ours.own else None,
        "at_same_kept": vars(ours.at_same_kept) if ours.at_same_kept else None,
        "months": {one.month: [one.n, round(one.kept, 3)] for one in ours.months},
        "level": level,
        "chosen": ours.because,
        "refits": ours.refits,
        "left_out": [one.column for one in ours.left_out],
        **against(task, {"levels": found, "cpu": cpu}),
    }


def worst(group: Any) -> list[Any] | None:
    """The group that was kept least: its name, share and count."""
    return None if group is None else [*group.by.values(), round(group.kept, 3), group.n]


def task_of(cases: Cases, ours: Backtest, groups: list[str]) -> Task:
    """The rows and moments of the backtest, for others to try."""
    reading = read_cases(cases, groups)
    facts = reading.facts
    cut = (ours.start - date(1970, 1, 1)).total_seconds()
    judged = ~np.isnan(facts.actual) & (facts.made >= cut)
    if (~np.isnan(reading.promised)).any():
        judged &= ~np.isnan(reading.promised)
    edges = replay._edges(cut, float(facts.made[judged].max()))
    spans = [
        (
            np.flatnonzero(facts.observed < first),
            np.flatnonzero(judged & (facts.made >= first) & (facts.made < last)),
        )
        for first, last in pairwise(edges)
    ]
    spans = [(known, rows) for known, rows in spans if len(rows)]
    return Task(reading.columns, facts.made, facts.actual, spans, facts.whole)


def undated(columns: Columns, actual: Floats, unit: str) -> dict:
    """Random rows to learn from, the others to promise."""
    order = np.random.default_rng(0).permutation(columns.rows)
    known, rows = order[:_TRAIN], order[_TRAIN:]
    task = Task(columns, None, actual, [(known, rows)])
    table = pa.table({**columns.numbers, **columns.texts})
    model = PromiseTimeRegressor(unit=unit)
    _, cpu = timed(lambda: model.fit(table.take(known), actual[known]))
    promise, more = timed(lambda: model.predict(table.take(rows), LEVELS.tolist()))
    found = {"levels": figures(actual[rows], promise), "cpu": round(cpu + more, 2)}
    return {"n": len(rows), "chosen": model.choice_.because, **against(task, found)}


def against(task: Task, ours: Mapping[str, Any]) -> dict:
    """Ours beside both peers, and the ratios of pinball losses at 0.9."""
    actual = task.actual[task.judged]
    group = clerk_chosen(task.columns, task.made, task.actual, task.spans[0][0], LEVELS)
    found, table_cpu = timed(lambda: clerk(task.columns, task.actual, task.spans, LEVELS))
    best = min(found, key=lambda name: figures(actual, found[name])["0.9"]["pinball"])
    boosted, trees_cpu = timed(
        lambda: trees(task.columns, task.made, task.actual, task.spans, LEVELS)
    )
    if task.whole:
        boosted = np.maximum(np.round(boosted), 0.0)
    contenders = {
        "ours": ours,
        f"table by {group}": {"levels": figures(actual, found[group]), "cpu": table_cpu},
        f"table by {best} (in hindsight)": {
            "levels": figures(actual, found[best]),
            "cpu": table_cpu,
        },
        "scikit-learn": {"levels": figures(actual, boosted), "cpu": trees_cpu},
    }
    mine = ours["levels"]["0.9"]["pinball"]
    ratios = {
        name: round(mine / one["levels"]["0.9"]["pinball"], 3)
        for name, one in contenders.items()
        if name != "ours"
    }
    return {"contenders": contenders, "pinball_ratio_0.9": ratios}


def olist() -> dict:
    cases = load_cases(DATA / "olist", preset="olist", by=["customer_state"])
    return dated(cases, level=0.95, by="customer_state", start=date(2018, 4, 1))


def estimates() -> dict:
    """DeveloperPerformance and StatusCode are known only afterwards; the guard does not see it."""
    cases = load_cases(DATA / "estimates", lever="cost", unit="hours", by=["Category"])
    late = {"DeveloperPerformance", "StatusCode"}
    fair = tuple(name for name in cases.features if name not in late)
    return dated(replace(cases, features=fair), level=0.9, by="Category")


def flights() -> dict:
    return dated(load_cases(sample_path(), preset="flights"), level=0.9, by="carrier")


def flights_undated() -> dict:
    reading = read_cases(load_cases(sample_path(), preset="flights"))
    return undated(reading.columns, reading.facts.actual, "minutes")


def delivery() -> dict:
    cases = load_cases(DATA / "delivery" / "deliverytime.parquet")
    frame = cases.table.select(*cases.features, "actual").to_pyarrow()
    actual = np.asarray(frame["actual"].to_numpy(), dtype=np.float64)
    return undated(read_columns(frame.drop_columns(["actual"])), actual, cases.unit)


def receipt() -> dict:
    return dated(load_cases(DATA / "eventlog" / "receipt.parquet"), level=0.9)


SETS: dict[str, Callable[[], dict]] = {
    "olist": olist,
    "estimates": estimates,
    "flights": flights,
    "flights-undated": flights_undated,
    "delivery": delivery,
    "receipt": receipt,
}


def show(name: str, found: Mapping[str, Any]) -> None:
    """One set as a table of lines."""
    print(f"\n{name}: {found['n']:,} promises; {found['chosen']}")
    for key in ("own", "at_same_kept", "months", "refused", "left_out"):
        if found.get(key):
            print(f"  {key}: {found[key]}")
    for contender, one in found["contenders"].items():
        print(f"  {contender}, {one['cpu']} CPU s")
        for level, line in one["levels"].items():
            print(f"    {level:>5} " + "  ".join(f"{key} {line[key]}" for key in line))
    print(f"  pinball .9, ours / theirs: {found['pinball_ratio_0.9']}", flush=True)


def main() -> None:
    """Run the sets asked for, all by default; a table of each, then one line of JSON."""
    asked = sys.argv[1:] or list(SETS)
    unknown = [name for name in asked if name not in SETS]
    if unknown:
        raise SystemExit(f"no set {unknown[0]!r}; there are {', '.join(SETS)}")
    results = {}
    for name in asked:
        results[name] = SETS[name]()
        show(name, results[name])
    print(json.dumps({"bench": "promise", "results": results, "machine": machine()}, default=str))


if __name__ == "__main__":
    main()
