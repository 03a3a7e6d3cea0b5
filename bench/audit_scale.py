"""Measuring 1,000,000 promises and more: against DuckDB's own query, from Parquet and from CSV.

    python bench/audit_scale.py [--orders 1000000] [--repeat 3] [--grow] [--largest 10000000]

Three questions. *measures*: the audit's aggregates over a table of cases in Parquet, against one
hand-written DuckDB query each for the same numbers, and against the least passes by hand
(GROUPING SETS). *from the shop's file*: Parquet or CSV to the
same aggregates, reading, checking and judging every row included. ``--grow`` repeats that for 1, 2
and 4 times as many orders; ``--largest`` adds one run of that size.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from measure_process import compare, once, report

HERE = Path(__file__).resolve()

ORDERS = """
    SELECT 'o' || i AS order_id, 'c' || (hash(i) % {customers}) AS customer_id,
           ['SP','RJ','MG','RS','PR','SC','BA'][1 + (hash(i + 1) % 7)::INT] AS state,
           TIMESTAMP '2024-01-01' + i * INTERVAL 30 SECONDS AS placed_at,
           placed_at::DATE + 10 + (hash(i + 2) % 15)::INT AS promised_at,
           placed_at + to_seconds(3600 * (24 + (hash(i + 3) % 480)::INT)) AS delivered_at,
           (1 + hash(i + 4) % 5)::DOUBLE AS score
    FROM range({orders}) AS rows(i)
"""
CASES = """
    SELECT order_id, customer_id, state, placed_at AS made_at, promised_at::TIMESTAMP AS due_at,
           (promised_at - placed_at::DATE)::DOUBLE AS promised,
           (delivered_at::DATE - placed_at::DATE)::DOUBLE AS actual, promised - actual AS gap,
           CASE WHEN gap < 0 THEN 'broken' WHEN gap > 0 THEN 'exceeded' ELSE 'met' END AS verdict,
           score
    FROM ({orders})
"""
FIGURES = """
    count_if(verdict = 'broken'), count_if(verdict = 'met'), count_if(verdict = 'exceeded'),
    count_if(verdict = 'open'), count_if(verdict = 'unknown'), count(gap), avg(promised),
    avg(actual), avg(gap), stddev_samp(gap), min(made_at), max(made_at),
    sum(CASE WHEN gap < 0 THEN -gap ELSE 0 END)
"""

CURVE = """
    SELECT gap::INT AS place, count(*), count(score), avg(gap), avg(score), stddev_samp(score),
           count_if(score <= 1)
    FROM '{path}' WHERE gap IS NOT NULL GROUP BY place ORDER BY place
"""


def write(folder: Path, orders: int, start: str = "") -> None:
    """The shop's table as Parquet and (up to 2,000,000) as CSV, and the same as cases."""
    import duckdb

    query = ORDERS.format(orders=orders, customers=orders // 3 + 1)
    shop = f"{folder}/{start}orders"
    duckdb.sql(f"COPY ({query}) TO '{shop}.parquet' (FORMAT parquet)")
    if orders <= 2_000_000:
        duckdb.sql(f"COPY (FROM '{shop}.parquet') TO '{shop}.csv'")
    cases = CASES.format(orders=f"FROM '{shop}.parquet'")
    duckdb.sql(f"COPY ({cases}) TO '{folder}/{start}cases.parquet' (FORMAT parquet)")
    if not start:
        write(folder, 5_000, "few_")


def bare() -> Callable[[Path], int]:
    """The aggregates by hand: all, by state, by whole gap with the scores."""
    import duckdb

    ask = duckdb.connect().sql

    def once(path: Path) -> int:
        total = ask(f"SELECT {FIGURES} FROM '{path}'").fetchall()
        ask(f"SELECT state, {FIGURES} FROM '{path}' GROUP BY state").fetchall()
        ask(CURVE.format(path=path)).fetchall()
        return int(total[0][0])

    return once


def tight() -> Callable[[Path], int]:
    """The same by hand in two passes: all and by state in one."""
    import duckdb

    ask = duckdb.connect().sql
    sets = "GROUP BY GROUPING SETS ((), (state))"

    def once(path: Path) -> int:
        rows = ask(f"SELECT grouping(state), {FIGURES} FROM '{path}' {sets}").fetchall()
        ask(CURVE.format(path=path)).fetchall()
        return next(int(row[1]) for row in rows if row[0] == 1)

    return once


def measured() -> Callable[[Path], int]:
    """The same by the measures: all is put together from the states, which saves a pass."""
    from overdeliver.tables.connect import connect

    backend = connect()
    return lambda path: _measures(backend.read_parquet(path))


def whole() -> Callable[[Path], int]:
    """From the shop's file to the same figures, on a connection of its own each time."""
    from overdeliver.tables.load import load_cases

    return lambda path: _measures(load_cases(path, by=["state"]).table)


def _measures(cases: object) -> int:
    from overdeliver.measure.cliff import cliff
    from overdeliver.measure.distribution import distribution
    from overdeliver.measure.gaps import costs_of
    from overdeliver.measure.profile import profile
    from overdeliver.measure.reliability import outcomes_of, reliability_of
    from overdeliver.measure.tallies import merged, tally

    tallies = tally(cases, ["state"])
    found = outcomes_of(merged(tallies))
    reliability_of(tallies)
    costs_of(tallies)
    gathered = profile(cases)
    cliff(cases, gathered=gathered)
    distribution(cases, gathered=gathered)
    return found.broken


RUNS = {"bare": bare, "tight": tight, "measured": measured, "whole": whole}


def run(name: str, path: Path) -> None:
    """One measured run; ``start``: the imports, the connection and a first run over few orders."""
    contender = RUNS[name]()
    contender(path.with_name(f"few_{path.name}"))
    before = time.process_time()
    broken = contender(path)
    work = time.process_time() - before
    print(json.dumps({"work": work, "start": before, "broken": broken}))


def command(name: str, path: Path) -> list[str | Path]:
    """The words that start one run."""
    return [sys.executable, HERE, "--run", name, "--file", path]


def make(folder: Path, orders: int) -> list[str | Path]:
    """The words that write the data, elsewhere: a child's peak memory counts its parent's too."""
    return [sys.executable, HERE, "--write", str(orders), "--file", folder]


def side_by_side(folder: Path, orders: int, repeat: int) -> None:
    """Measures against the bare query, and the whole way from both files."""
    once(make(folder, orders))
    found = compare(
        {
            "bare DuckDB query": command("bare", folder / "cases.parquet"),
            "the same in two passes by hand": command("tight", folder / "cases.parquet"),
            "measures": command("measured", folder / "cases.parquet"),
            "from the shop's Parquet": command("whole", folder / "orders.parquet"),
            "from the shop's CSV": command("whole", folder / "orders.csv"),
        },
        repeat,
    )
    ours, hand, least = (
        found[name]["work"]
        for name in ("measures", "bare DuckDB query", "the same in two passes by hand")
    )
    more = {
        "measures / bare query, CPU work": round(ours / hand, 2),
        "measures / two passes by hand": round(ours / least, 2),
        "equal counts": len({run["broken"] for run in found.values()}) == 1,
    }
    report(f"audit of {orders:,} orders", found, **more)


def growth(folder: Path, sizes: list[int]) -> None:
    """How CPU and memory grow with the number of orders; the bare query and measures beside it."""
    found, more = {}, {}
    for size in sizes:
        once(make(folder, size))
        run = once(command("whole", folder / "orders.parquet"))
        hand = once(command("bare", folder / "cases.parquet"))["work"]
        ours = once(command("measured", folder / "cases.parquet"))["work"]
        found[f"{size:,} orders"] = {**run, "measures": ours, "bare": hand}
        more[f"measures / bare query at {size:,}"] = round(ours / hand, 2)
    first, last = (found[f"{size:,} orders"]["work"] for size in (sizes[0], sizes[-1]))
    more["CPU per order, last / first"] = round(last / first * sizes[0] / sizes[-1], 2)
    report("audit: growth, from the shop's Parquet", found, **more)


def main() -> None:
    """Make the orders, run all in turn, print medians and ratios."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--orders", type=int, default=1_000_000)
    options.add_argument("--repeat", type=int, default=3)
    options.add_argument("--grow", action="store_true")
    options.add_argument("--largest", type=int, default=0)
    options.add_argument("--write", type=int, help=argparse.SUPPRESS)
    options.add_argument("--run", choices=list(RUNS), help=argparse.SUPPRESS)
    options.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.write:
        return write(asked.file, asked.write)
    if asked.run:
        return run(asked.run, asked.file)
    with tempfile.TemporaryDirectory() as name:
        side_by_side(Path(name), asked.orders, asked.repeat)
        sizes = [asked.orders * times for times in (1, 2, 4)] if asked.grow else []
        sizes += [asked.largest] if asked.largest else []
        if sizes:
            growth(Path(name), sizes)


if __name__ == "__main__":
    main()
