"""A full disk, a database that is away: a clear answer, nothing half done, and well again."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.faults.test_killed import ORDER, PROMISE, SHOP
from tests.faults.test_serving import STORED
from tests.processes import Installation, await_until, installation

MEGABYTES = 48


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A volume of its own; without the right to mount one the test is skipped."""
    folder = tmp_path / "volume"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small volume cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.one_database
def test_a_full_disk_refuses_writes_keeps_reads_and_recovers(small: Path) -> None:
    with installation(small / "data") as shop:
        shop.python(SHOP)
        key = shop.key()
        shop.web(1)
        assert shop.call("/orders", ORDER, key=key)[0] == 201
        kept = [shop.call("/promises", PROMISE, key=key)[1]["reference"] for _ in range(20)]
        filler = small / "filler"
        _fill(filler)
        refused = 0
        for _ in range(400):  # the write-ahead log may still have room of its own
            status, answer = shop.call("/promises", PROMISE, key=key)
            if status == 201:
                kept.append(answer["reference"])
                continue
            assert (status, answer["type"]) == (503, "urn:overdeliver:unavailable")
            refused += 1
            if refused == 5:
                break
        assert refused == 5
        assert shop.get("/readyz")[0] == 503
        assert shop.call(f"/promises/{kept[0]}", key=key)[0] == 200
        filler.unlink()
        await_until(lambda: shop.call("/promises", PROMISE, key=key)[0] == 201, 10)
        assert shop.get("/readyz")[0] == 200
        assert set(kept) <= set(shop.python(STORED))


def _fill(file: Path) -> None:
    """Leave not a page free."""
    with file.open("wb", buffering=0) as filler:
        for size in (1_000_000, 4096):
            while True:
                try:
                    filler.write(b"\0" * size)
                except OSError:
                    break


def test_a_database_that_goes_and_comes_back(shop: Installation) -> None:
    if not shop.database_url:
        pytest.skip("SQLite has no server that could go")
    shop.python(SHOP)
    key = shop.key()
    shop.web()
    shop.start("worker")
    assert shop.call("/orders", ORDER, key=key)[0] == 201
    kept = [shop.call("/promises", PROMISE, key=key)[1]["reference"]]
    admin = os.environ["OVERDELIVER_DATABASE_URL"]
    name = shop.database_url.rpartition("/")[2]
    statuses = set()
    with psycopg.connect(admin, autocommit=True) as server:
        for _ in range(3):
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            _cut(server, name)
            for _ in range(5):
                status, answer = shop.call("/promises", PROMISE, key=key)
                statuses.add(status)
                assert status == 503, answer
            assert shop.get("/readyz")[0] == 503
            assert shop.get("/healthz")[0] == 200
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            await_until(lambda: shop.get("/readyz")[0] == 200, 5)
            status, answer = shop.call("/promises", PROMISE, key=key)
            assert status == 201
            kept.append(answer["reference"])
        _cut(server, name)  # connections lost, nothing else: nobody should notice for long
        await_until(lambda: shop.call("/promises", PROMISE, key=key)[0] == 201, 5)
    assert statuses == {503}
    found = shop.python(STORED)
    assert set(kept) <= set(found)
    assert len(found) == len(kept) + 1
    assert all(process.poll() is None for process in shop.running)


def _cut(server: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
    )
