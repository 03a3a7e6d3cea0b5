"""Why young promises are not learned from: the marketplace in the autumn its parcels slowed down.

    python bench/promise_cut.py

Promises made from September 2017 to January 2018 at a nominal 90 %, month by month, refitted at the
start of each: as overdeliver learns, and the same with every outcome known by then, however young.
The data: ../shared/data or the folder named by OVERDELIVER_DATA. Run it with OMP_NUM_THREADS=1.
"""

import json
import sys
from dataclasses import replace
from datetime import date, datetime
from unittest.mock import patch

from measure_process import DATA, ROOT, machine

sys.path.insert(0, str(ROOT / "src"))

from overdeliver.learn import book
from overdeliver.learn.backtest import backtest
from overdeliver.learn.results import Backtest
from overdeliver.tables.load import load_cases

_MULTIPLES = {"as it learns": book._MATURE, "every known outcome": 0.0}


def main() -> None:
    """Both ways on the same promises; two lines a month and one of JSON."""
    cases = load_cases(DATA / "olist", preset="olist")
    cases = replace(cases, table=cases.table.filter(cases.table.made_at < datetime(2018, 2, 1)))
    found: dict[str, dict[str, float]] = {}
    for name, multiple in _MULTIPLES.items():
        with patch.object(book, "_MATURE", multiple):
            run = backtest(cases, level=0.9, start=date(2017, 9, 1))
        if not isinstance(run, Backtest):
            raise SystemExit(f"no backtest: {run.reason}")
        months = {one.month: round(one.kept, 3) for one in run.months}
        nine = next(one for one in run.levels if one.level == 0.9)
        found[name] = {**months, "all": round(nine.kept, 3), "mean": round(nine.promised_mean, 2)}
        print(f"{name}: {found[name]}", flush=True)
    print(json.dumps({"bench": "promise_cut", "results": found, "machine": machine()}))


if __name__ == "__main__":
    main()
