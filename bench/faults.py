"""kill -9, again and again: what is lost, what is doubled, how long until all is well.

    python bench/faults.py [--kills 40] [--events 2000] [--workers 4] [--postgres]

Web: four clients make promises with an Idempotency-Key and repeat a call until it is answered,
while the web processes are killed. Worker: events wait for a listener that writes a row, while
random sweepers of several are killed. On SQLite, with --postgres on a PostgreSQL of its own. The
short forms are tests (tests/faults).
"""

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.faults.test_killed import (  # noqa: E402
    COUNTS,
    HEARD,
    ORDER,
    PLANT,
    SHOP,
    WRITE,
    Senders,
    _sweeper,
)
from tests.processes import Installation, await_until, installation, kill  # noqa: E402


def web(shop: Installation, kills: int) -> dict[str, Any]:
    """Kill the web processes while promises are made."""
    shop.python(SHOP)
    key = shop.key()
    process = shop.web()
    shop.call("/orders", ORDER, key=key)
    senders = Senders(shop, key)
    for _ in range(kills):
        time.sleep(random.uniform(0.1, 1.0))
        kill(process)
        process.wait()
        process = shop.web()
    senders.end()
    acknowledged = senders.acknowledged
    found = shop.python(COUNTS)
    stored = set(
        shop.python(
            "import json\nfrom overdeliver.apps.promises.models import Promise\n"
            "print(json.dumps(list(Promise.objects.values_list('reference', flat=True))))"
        )
    )
    return {
        "kills": kills,
        "acknowledged": len(acknowledged),
        "lost": len(set(acknowledged.values()) - stored),
        "doubled": len(acknowledged) - len(set(acknowledged.values())),
        "unheard": len(stored - set(acknowledged.values())),  # stored, the answer was cut off
        "without_event_or_standing": 2 * found["promises"] - found["standings"] - found["made"],
    }


def worker(shop: Installation, kills: int, events: int, workers: int) -> dict[str, Any]:
    """Kill sweepers while they deliver."""
    shop.python(SHOP)
    (shop.folder / "plant.py").write_text(PLANT.format(folder=shop.folder))
    shop.python(f"import sys; sys.path.insert(0, '{shop.folder}')\n{WRITE.format(n=events)}")
    sweepers = [_sweeper(shop) for _ in range(workers)]
    begun = time.monotonic()
    for _ in range(kills):
        time.sleep(random.uniform(0.1, 0.8))
        victim = sweepers.pop(random.randrange(len(sweepers)))
        kill(victim)
        victim.wait()
        sweepers.append(_sweeper(shop))
    await_until(lambda: shop.python(COUNTS)["open"] == 0, 600, 1.0)
    heard, once = shop.python(HEARD)
    return {
        "kills": kills,
        "events": events,
        "lost": events - once,
        "doubled": heard - once,
        "seconds": round(time.monotonic() - begun, 1),
    }


def main() -> None:
    """Run both, print the figures as lines of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    random.seed(options.seed)
    if options.postgres:
        import os

        from tools.postgres import server

        with server() as url:
            os.environ["OVERDELIVER_DATABASE_URL"] = url
            run(options, "postgresql")
    else:
        run(options, "sqlite")


def run(options: argparse.Namespace, database: str) -> None:
    """Both faults, each on an installation of its own."""
    for name in ("web", "worker"):
        with tempfile.TemporaryDirectory() as folder, installation(Path(folder) / "data") as shop:
            found = (
                web(shop, options.kills)
                if name == "web"
                else worker(shop, options.kills, options.events, options.workers)
            )
        head = {"fault": name, "database": database, "seed": options.seed}
        print(json.dumps({**head, **found}), flush=True)


if __name__ == "__main__":
    main()
