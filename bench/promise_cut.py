"""Why young promises are not learned from: the marketplace in the autumn its parcels slowed down.

    python bench/promise_cut.py

Promises made from September 2017 to January 2018 at a nominal 90 %, refitted at the start of each
month: as overdeliver learns; the same with every outcome known by then, however young; and with
these and a decayed mean of known outcomes in place of the period table. The data: ../shared/data
or the folder named by OVERDELIVER_DATA. Run it with OMP_NUM_THREADS=1.
"""

import json
import sys
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from unittest.mock import patch

import numpy as np
from measure_process import DATA, ROOT, machine
from numpy.typing import NDArray

sys.path.insert(0, str(ROOT / "src"))

from overdeliver.learn import book
from overdeliver.learn.asof import stage_level
from overdeliver.learn.backtest import backtest
from overdeliver.learn.results import Backtest
from overdeliver.tables.load import load_cases

Floats = NDArray[np.float64]


def mean_of_known(
    made: Floats, observed: Floats, actual: Floats, *, offset: float, **_: Any
) -> tuple[Floats, None]:
    """The level of late as a decayed mean of what was known: no open order speaks."""
    value = np.log(actual + offset)
    return stage_level(~(np.isnan(observed) | np.isnan(value)), observed, value, made), None


_ALL: dict[str, Any] = {"_MATURE": 0.0, "_PATIENT": 0.0}
_WAYS: dict[str, dict[str, Any]] = {
    "as it learns": {},
    "every known outcome": _ALL,
    "and no period table": {**_ALL, "period_levels": mean_of_known},
}


def main() -> None:
    """Each way on the same promises; one line of each, then one of JSON."""
    cases = load_cases(DATA / "olist", preset="olist")
    cases = replace(cases, table=cases.table.filter(cases.table.made_at < datetime(2018, 2, 1)))
    found: dict[str, dict[str, float]] = {}
    for name, changed in _WAYS.items():
        with patch.multiple(book, **(changed or {"_MATURE": book._MATURE})):
            run = backtest(cases, level=0.9, start=date(2017, 9, 1))
        if not isinstance(run, Backtest):
            raise SystemExit(f"no backtest: {run.reason}")
        months = {one.month: round(one.kept, 3) for one in run.months}
        nine = next(one for one in run.levels if one.level == 0.9)
        found[name] = {
            **months,
            "all": round(nine.kept, 3),
            "mean": round(nine.promised_mean, 2),
            "pinball": round(nine.pinball, 3),
        }
        print(f"{name}: {found[name]}", flush=True)
    print(json.dumps({"bench": "promise_cut", "results": found, "machine": machine()}))


if __name__ == "__main__":
    main()
