"""Paths of 1,000,000 journeys against pm4py: directly-follows, durations, variants.

    python bench/paths_peer.py [--cases 1000000] [--repeat 3] [--sorted]

pm4py is AGPL and no part of this project: name a Python that has it (and pyarrow) in the
environment variable OVERDELIVER_PM4PY_PYTHON and it runs there, as a process of its own.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from measure_process import DATA, compare, once, report

HERE = Path(__file__).resolve()


def write_events(path: Path, cases: int, *, in_order_of_cases: bool) -> None:
    """Order events of the marketplace data, repeated under new names until there are enough."""
    import duckdb

    orders = DATA / "olist" / "orders.parquet"
    reviews = DATA / "olist" / "order_reviews.parquet"
    if not orders.exists():
        raise SystemExit(f"{orders} is not there; set OVERDELIVER_DATA to the folder of data sets")
    order = 'case_id, "at"' if in_order_of_cases else '"at"'
    stages = {
        "purchase": "order_purchase_timestamp",
        "approved": "order_approved_at",
        "handed to carrier": "order_delivered_carrier_date",
        "delivered": "order_delivered_customer_date",
    }
    parts = " UNION ALL ".join(
        f"SELECT order_id, '{name}' AS activity, {column} AS moment FROM orders"
        for name, column in stages.items()
    )
    duckdb.sql(f"""
        COPY (
            WITH orders AS (FROM '{orders}'), events AS (
                {parts}
                UNION ALL SELECT order_id, 'review', min(review_creation_date)
                FROM '{reviews}' GROUP BY 1
                UNION ALL SELECT order_id, 'cancelled', order_purchase_timestamp + INTERVAL 1 DAY
                FROM orders WHERE order_status = 'canceled'
            )
            SELECT order_id || '-' || copy AS case_id, activity,
                   moment + copy * INTERVAL 37 MINUTES AS "at"
            FROM events, range({cases // 19_757 + 1}) AS copies(copy)
            WHERE moment IS NOT NULL ORDER BY {order}
        ) TO '{path}' (FORMAT parquet)
    """)


def ours(path: Path) -> None:
    """One measured run: the file in, the figures counted."""
    from overdeliver.measure.paths.discover import paths_of_parquet

    before = time.process_time()
    found = paths_of_parquet(path, case="case_id", activity="activity", at="at")
    work = time.process_time() - before
    total = sum(edge.seconds.n for edge in found.edges)
    print(json.dumps({"work": work, "cases": found.cases, "edges": len(found.edges),
                      "variants": found.variant_count, "steps": total}))  # fmt: skip


def theirs(path: Path) -> None:
    """The same by pm4py: load, directly-follows graph, its durations, variants."""
    import pandas
    import pm4py

    before = time.process_time()
    log = pandas.read_parquet(path)
    log = pm4py.format_dataframe(
        log, case_id="case_id", activity_key="activity", timestamp_key="at"
    )
    graph, _, _ = pm4py.discover_dfg(log)
    pm4py.discover_performance_dfg(log)
    variants = pm4py.get_variants(log)
    work = time.process_time() - before
    print(json.dumps({"work": work, "cases": int(log["case:concept:name"].nunique()),
                      "edges": len(graph), "variants": len(variants),
                      "steps": int(sum(graph.values()))}))  # fmt: skip


def main() -> None:
    """Make the events, run both in turn, print medians and ratios."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=1_000_000)
    options.add_argument("--repeat", type=int, default=3)
    options.add_argument("--sorted", action="store_true", help="events in the order of their cases")
    options.add_argument("--write", action="store_true", help=argparse.SUPPRESS)
    options.add_argument("--run", choices=["ours", "theirs"], help=argparse.SUPPRESS)
    options.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.write:
        return write_events(asked.file, asked.cases, in_order_of_cases=asked.sorted)
    if asked.run:
        return {"ours": ours, "theirs": theirs}[asked.run](asked.file)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "events.parquet"
        make = [sys.executable, HERE, "--write", "--cases", str(asked.cases), "--file", file]
        # Elsewhere: the peak memory of a child counts that of the process which started it.
        once([*make, "--sorted"] if asked.sorted else make)
        contenders = {"overdeliver": [sys.executable, HERE, "--run", "ours", "--file", file]}
        peer = os.environ.get("OVERDELIVER_PM4PY_PYTHON")
        if peer:
            contenders["pm4py"] = [peer, HERE, "--run", "theirs", "--file", file]
        else:
            print("pm4py: absent (set OVERDELIVER_PM4PY_PYTHON to a Python that has it)")
        found = compare(contenders, asked.repeat)
    more = {}
    if peer:
        us, them = found["overdeliver"], found["pm4py"]
        more = {
            f"times less {key}": round(them[key] / us[key], 1) for key in ("work", "cpu", "rss")
        }
        more["equal counts"] = all(
            us[k] == them[k] for k in ("cases", "edges", "variants", "steps")
        )
    order = "of their cases" if asked.sorted else "of time"
    report(
        f"paths of {asked.cases:,} cases from Parquet, events in the order {order}", found, **more
    )


if __name__ == "__main__":
    main()
