"""Many write at once: nobody is refused, nothing is lost, and a copy made meanwhile is whole."""

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.faults.test_killed import COUNTS, ORDER, PROMISE, SHOP, Senders
from tests.figures import figure
from tests.processes import Installation


def write_at_once(shop: Installation, clients: int, each: int) -> dict[str, Any]:
    """So many clients make promises at the same time, each so many."""
    shop.python(SHOP)
    key = shop.key()
    shop.web()
    shop.call("/orders", ORDER, key=key)
    refused: list[int] = []
    made: list[str] = []
    took: list[float] = []
    gate = threading.Barrier(clients)

    def client() -> None:
        gate.wait()
        for _ in range(each):
            begun = time.monotonic()
            status, answer = shop.call("/promises", PROMISE, key=key)
            took.append(time.monotonic() - begun)
            if status == 201:
                made.append(answer["reference"])
            else:
                refused.append(status)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = shop.python(COUNTS)
    return {
        "clients": clients,
        "calls": clients * each,
        "refused": len(refused),
        "lost": len(set(made)) - found["promises"],
        "without_event_or_standing": 2 * found["promises"] - found["standings"] - found["made"],
        "p99_ms": round(1000 * sorted(took)[int(len(took) * 0.99)]),
    }


def copied(shop: Installation, to: Path, before: set[str]) -> dict[str, Any]:
    """A copy as `backup` makes it; what it holds of what was acknowledged before it began."""
    with (
        closing(sqlite3.connect(shop.folder / "overdeliver.sqlite3", timeout=60)) as source,
        closing(sqlite3.connect(to)) as goal,
    ):
        source.backup(goal, pages=2000, sleep=0.01)
    with closing(sqlite3.connect(to)) as copy:
        integrity = copy.execute("PRAGMA integrity_check").fetchone()[0]
        rows = {row[0] for row in copy.execute("SELECT reference FROM promises_promise")}
    to.unlink()
    return {"integrity": integrity, "promises": len(rows), "lost": len(before - rows)}


def test_sixteen_clients_at_once_are_all_served(shop: Installation) -> None:
    found = write_at_once(shop, clients=16, each=10)
    assert found["refused"] == found["lost"] == found["without_event_or_standing"] == 0, found
    if shop.database_url:
        return  # pg_dump copies PostgreSQL
    senders = Senders(shop, shop.key())
    for number in range(figure(5, 200)):
        time.sleep(0.05)
        before = set(senders.acknowledged.values())
        copy = copied(shop, shop.folder / f"copy-{number}", before)
        assert (copy["integrity"], copy["lost"]) == ("ok", 0), copy
    senders.end()
