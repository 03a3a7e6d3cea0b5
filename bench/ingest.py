"""Rows into the database: a checked import against the database's own ways with the same rows.

    python bench/ingest.py [--rows 100000] [--repeat 3] [--postgres]

Ours reads the parts that the reading of a file left behind, checks every row against the ledger's
contract, looks for what is known already and writes orders, customers, promises, outcomes and
standings, each part in a transaction with the place behind it (`intake.ledger_in.store_part`).
The peer is given the finished rows of the same tables and writes them into the same tables with
the same keys and indexes: COPY on PostgreSQL (psycopg, one COPY a table), `executemany` on SQLite.
It checks nothing. Contenders run in turn, each in a process and a database of its own; the share is
the peer's seconds over ours. Numbers are rows of all tables per second of the clock.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TABLES = (
    "people_customer",
    "promises_order",
    "promises_promise",
    "promises_outcome",
    "promises_standing",
    "promises_encounter",
    "listening_feedback",
)


def main() -> None:
    """Run all contenders in turn and print a line of JSON for each database."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--repeat", type=int, default=3)
    asked.add_argument("--postgres", action="store_true")
    asked.add_argument("--run", nargs=2)
    given = asked.parse_args()
    if given.run:
        _contender(*given.run)
        return
    with tempfile.TemporaryDirectory(prefix="overdeliver-ingest-") as name:
        folder = Path(name)
        _write_parts(folder, given.rows)
        with _databases(given.postgres, folder) as fresh:
            _compare(folder, fresh, given.repeat, "postgresql" if given.postgres else "sqlite")


def _compare(folder: Path, fresh: Any, repeat: int, vendor: str) -> None:
    runs: dict[str, list[dict[str, float]]] = {"ours": [], "peer": []}
    _once("ours", folder, fresh(), keep=True)  # its rows are what the peer is given
    for _ in range(repeat):
        for who in runs:
            runs[who].append(_once(who, folder, fresh()))
    found = {
        who: {key: round(statistics.median(one[key] for one in rows), 2) for key in rows[0]}
        for who, rows in runs.items()
    }
    share = {key: found["peer"][key] / found["ours"][key] for key in ("seconds", "cpu")}
    shares = {f"share_of_peer_in_{key}": round(value, 3) for key, value in share.items()}
    print(json.dumps({"database": vendor, **found, **shares, "load": os.getloadavg()[0]}))


def _once(who: str, folder: Path, env: dict[str, str], keep: bool = False) -> dict[str, float]:
    words = [sys.executable, __file__, "--run", who + (":keep" if keep else ""), str(folder)]
    done = subprocess.run(
        words, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _contender(who: str, folder: str) -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "overdeliver.server.settings"
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    place = Path(folder)
    work = _peer if who == "peer" else _ours
    started, cpu = time.perf_counter(), time.process_time()
    rows = work(place)
    seconds = time.perf_counter() - started
    used = time.process_time() - cpu
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if who.endswith(":keep"):
        _keep(place)
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu": used,
                "rows": rows,
                "rows_per_second": rows / seconds,
                "rss_mb": rss,
            }
        )
    )


def _ours(folder: Path) -> int:
    import pyarrow.parquet as pq
    from django.db import transaction

    from overdeliver.apps.intake import checks
    from overdeliver.apps.intake.ledger_in import store_part
    from overdeliver.apps.intake.reading.flat import Terms, tables_of

    terms = Terms(**json.loads((folder / "terms.json").read_text()))
    file = pq.ParquetFile(folder / "rows.parquet")
    for number in range(file.num_row_groups):
        sound, _ = checks.sound(tables_of(file.read_row_group(number), terms))
        with transaction.atomic():
            store_part(sound, "bench", zone="UTC")
    return _count()


def _peer(folder: Path) -> int:
    """The finished rows into the same tables, table by table, in one transaction."""
    import pyarrow.parquet as pq
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for name in TABLES:
            file = pq.ParquetFile(folder / f"{name}.parquet")
            columns = ", ".join(f'"{one}"' for one in file.schema_arrow.names)
            if connection.vendor == "postgresql":
                with cursor.copy(f'COPY "{name}" ({columns}) FROM STDIN (FORMAT csv)') as copy:
                    copy.write((folder / f"{name}.csv").read_bytes())
                continue
            marks = ", ".join(["%s"] * len(file.schema_arrow.names))
            for batch in file.iter_batches(20_000):
                rows = list(zip(*(c.to_pylist() for c in batch.columns), strict=True))
                cursor.executemany(f'INSERT INTO "{name}" ({columns}) VALUES ({marks})', rows)
    return _count()


def _keep(folder: Path) -> None:
    """What stands in the tables, as files for the peer."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from django.db import connection

    for name in TABLES:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with (folder / f"{name}.csv").open("wb") as out:
                    copy = cursor.copy(f'COPY "{name}" TO STDOUT (FORMAT csv)')
                    with copy as lines:
                        for line in lines:
                            out.write(line)
            cursor.execute(
                f'SELECT * FROM "{name}"' + (" LIMIT 0" if connection.vendor != "sqlite" else "")
            )
            names = [one[0] for one in cursor.description]
            raw = (
                connection.connection.cursor().execute(f'SELECT * FROM "{name}"').fetchall()
                if connection.vendor == "sqlite"
                else []
            )
        columns = {n: [row[at] for row in raw] for at, n in enumerate(names)}
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")


def _count() -> int:
    from django.db import connection

    total = 0
    with connection.cursor() as cursor:
        for name in TABLES:
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            total += cursor.fetchone()[0]
    return total


def _write_parts(folder: Path, rows: int) -> None:
    """A simulated web shop as the reading of its export would leave it behind."""
    import pyarrow.csv

    from overdeliver.apps.intake import child_process
    from overdeliver.apps.intake.reading.task import File, Task
    from overdeliver.simulate.business import business
    from overdeliver.simulate.flat import export_of

    path = folder / "orders.csv"
    pyarrow.csv.write_csv(export_of(business("webshop", rows, seed=1)), path)
    task = Task("check", (File(str(path), "orders.csv"),), {}, str(folder), "d" * 64)
    report = child_process.read(task)
    terms = {name: report[name] for name in ("lever", "unit", "whole", "scale")}
    (folder / "terms.json").write_text(json.dumps(terms))


@contextmanager
def _databases(postgres: bool, folder: Path) -> Iterator[Any]:
    """Gives the environment of an empty database, as often as asked."""
    number = iter(range(1_000))
    if not postgres:
        yield lambda: {
            "OVERDELIVER_DATA": str(folder / f"data{next(number)}"),
            "OVERDELIVER_DATABASE_URL": "",
        }
        return
    sys.path.insert(0, str(ROOT))
    import psycopg

    from tools.postgres import server

    with server() as url:

        def fresh() -> dict[str, str]:
            name = f"ingest{next(number)}"
            with psycopg.connect(url, autocommit=True) as there:
                there.execute(f"CREATE DATABASE {name}")
            address = url.rpartition("/")[0] + f"/{name}"
            return {"OVERDELIVER_DATA": str(folder / "data"), "OVERDELIVER_DATABASE_URL": address}

        yield fresh


if __name__ == "__main__":
    main()
