"""The price of a quote: one case at five levels, and many at once; against scikit-learn's own door.

    python bench/quotes.py [--quotes 2000] [--repeat 5]

Deliveries from ../shared/data (or the folder named by OVERDELIVER_DATA), without them a simulated
pizzeria. The peer is the same kind of model as scikit-learn serves it: five
HistGradientBoostingRegressor, one per level, each asked for the same single row. Both are warm; CPU
seconds count all threads, so run it with OMP_NUM_THREADS=1.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from measure_process import DATA, ROOT, machine
from numpy.typing import NDArray

sys.path.insert(0, str(ROOT / "src"))

import pyarrow as pa
from promise_peers import coded
from sklearn.ensemble import HistGradientBoostingRegressor

from overdeliver.learn.columns import read_columns
from overdeliver.learn.promise import PromiseTimeRegressor
from overdeliver.simulate.business import business
from overdeliver.simulate.flat import export_of
from overdeliver.tables.load import load_cases

Floats = NDArray[np.float64]
LEVELS = [0.5, 0.8, 0.9, 0.95, 0.99]


def data() -> tuple[str, pa.Table, Floats]:
    """What it is, features and minutes taken."""
    file = DATA / "delivery" / "deliverytime.parquet"
    real = file.exists()
    cases = load_cases(file if real else export_of(business("pizza", 40_000, seed=1)))
    frame = cases.table.filter(cases.table.actual.notnull())
    frame = frame.select(*cases.features, "actual").to_pyarrow()
    actual = np.asarray(frame["actual"].to_numpy(), dtype=np.float64)
    return "deliveries" if real else "simulated", frame.drop_columns(["actual"]), actual


def ours(frame: pa.Table, actual: Floats) -> tuple[Callable[[int], Any], Callable[[], Any], str]:
    """One quote, and all rows at once."""
    model = PromiseTimeRegressor(unit="minutes").fit(frame, actual)
    rows = frame.slice(0, 1000).to_pylist()
    return (
        lambda i: model.quote(rows[i % len(rows)], LEVELS),
        lambda: model.predict(frame, LEVELS),
        model.choice_.because,
    )


def theirs(frame: pa.Table, actual: Floats) -> tuple[Callable[[int], Any], Callable[[], Any]]:
    """The same through scikit-learn; categories coded beforehand: only predicting is counted."""
    columns = read_columns(frame)
    every = np.arange(columns.rows)
    names = [coded(values, every) for values in columns.texts.values()]
    matrix = np.column_stack([*columns.numbers.values(), *names])
    named = [False] * len(columns.numbers) + [True] * len(names)
    models = [
        HistGradientBoostingRegressor(
            loss="quantile", quantile=level, categorical_features=named, random_state=0
        ).fit(matrix, actual)
        for level in LEVELS
    ]
    return (
        lambda i: [model.predict(matrix[i % 1000 : i % 1000 + 1]) for model in models],
        lambda: [model.predict(matrix) for model in models],
    )


def cpu(work: Callable[[], Any]) -> float:
    """CPU seconds of one call."""
    before = time.process_time()
    work()
    return time.process_time() - before


def main() -> None:
    """Both contenders in turn, medians; a few lines and one of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quotes", type=int, default=2000)
    parser.add_argument("--repeat", type=int, default=5)
    asked = parser.parse_args()
    what, frame, actual = data()
    one, many, because = ours(frame, actual)
    peer_one, peer_many = theirs(frame, actual)
    some = max(asked.quotes // 10, 1)  # theirs are slow
    for i in range(50):
        one(i), peer_one(i)
    runs: dict[str, list[float]] = {"one": [], "peer_one": [], "many": [], "peer_many": []}
    for _ in range(asked.repeat):
        runs["one"].append(cpu(lambda: [one(i) for i in range(asked.quotes)]) / asked.quotes)
        runs["peer_one"].append(cpu(lambda: [peer_one(i) for i in range(some)]) / some)
        runs["many"].append(len(actual) / cpu(many))
        runs["peer_many"].append(len(actual) / cpu(peer_many))
    found = {name: statistics.median(values) for name, values in runs.items()}
    print(f"{len(actual):,} {what}; {because}")
    print(f"one case, 5 levels: {found['one'] * 1e3:.3f} ms CPU (goal 0.2)")
    print(f"    scikit-learn:   {found['peer_one'] * 1e3:.3f} ms CPU")
    print(f"    theirs / ours:  {found['peer_one'] / found['one']:.1f}")
    print(f"batch, 5 levels:    {found['many']:,.0f} rows per CPU s (goal 100,000)")
    print(f"    scikit-learn:   {found['peer_many']:,.0f} rows per CPU s")
    print(json.dumps({"bench": "quotes", "data": what, "results": found, "machine": machine()}))


if __name__ == "__main__":
    main()
