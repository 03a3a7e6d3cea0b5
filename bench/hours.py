"""Opening hours over generated weeks: adding in two parts is adding once, and back again.

    python bench/hours.py [--examples 10000]

The rule is the one of tests/vocabulary/test_hours.py, which tries it sixty times.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from hypothesis import given, settings

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.vocabulary import test_hours  # noqa: E402

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--examples", type=int, default=10_000)
    options = parser.parse_args()
    rule = test_hours.test_time_put_in_is_time_passed.hypothesis.inner_test
    work, moments, hours = test_hours.work, test_hours.moments, test_hours.hours
    tried = settings(max_examples=options.examples, deadline=None, database=None)(
        given(hours=hours, moment=moments, first=work, second=work)(rule)
    )
    begun = time.monotonic()
    tried()
    told = {"examples": options.examples, "wrong": 0, "seconds": round(time.monotonic() - begun)}
    print(json.dumps(told))
