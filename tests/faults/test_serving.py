"""`serve` watches over its processes; a backup is whole whatever happens beside it."""

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.faults.test_killed import ORDER, PROMISE, SHOP
from tests.processes import Installation, await_until, empty_installation, kill

WORKER = """
import json
from overdeliver.server.models import WorkerBeat
print(json.dumps(sorted(WorkerBeat.objects.values_list("name", flat=True))))
"""
STORED = """
import json
from overdeliver.apps.promises.models import Promise
from django.db import connection
if connection.vendor == "sqlite":
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        assert cursor.fetchone()[0] == "ok"
print(json.dumps(sorted(Promise.objects.values_list("reference", flat=True))))
"""


def served(shop: Installation) -> Any:
    process = shop.start("serve", "--port", str(shop.port))
    await_until(lambda: shop.get("/readyz")[0] == 200, 60)
    return process


@pytest.mark.one_database
def test_a_dead_worker_is_started_again_and_sigterm_ends_all(shop: Installation) -> None:
    process = served(shop)
    await_until(lambda: bool(shop.python(WORKER)), 30, 0.5)
    first = shop.python(WORKER)[0]
    os.kill(int(first.rpartition(":")[2]), signal.SIGKILL)
    await_until(lambda: any(name != first for name in shop.python(WORKER)), 40, 0.5)
    second = next(name for name in shop.python(WORKER) if name != first)
    process.terminate()
    assert process.wait(35) == 0
    assert shop.get("/healthz")[0] == 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(second.rpartition(":")[2]), 0)
    assert second not in shop.python(WORKER)  # it said good-bye


@pytest.mark.one_database
def test_web_and_worker_end_when_serve_is_killed(shop: Installation) -> None:
    process = served(shop)
    os.kill(process.pid, signal.SIGKILL)  # it alone, not its group
    process.wait()
    await_until(lambda: shop.get("/healthz")[0] == 0, 40)


def test_a_backup_among_writers_holds_all_that_was_acknowledged_before(
    shop: Installation, tmp_path: Path
) -> None:
    shop.python(SHOP)
    key = shop.key()
    shop.web()
    assert shop.call("/orders", ORDER, key=key)[0] == 201
    acknowledged: list[str] = []
    stop = threading.Event()

    def send() -> None:
        while not stop.is_set():
            status, answer = shop.call("/promises", PROMISE, key=key)
            if status == 201:
                acknowledged.append(answer["reference"])

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    before = list(acknowledged)
    shop.command("backup", str(tmp_path / "kept.tar.gz"))
    stop.set()
    for thread in threads:
        thread.join()
    assert len(before) > 5 and len(acknowledged) > len(before)
    with empty_installation(tmp_path / "again") as again:
        again.command("restore", str(tmp_path / "kept.tar.gz"), "--data", str(again.folder))
        found = set(again.python(STORED))
    assert set(before) <= found
    assert (again.folder / "restored-at").is_file()
    assert (again.folder / "secret-key").read_text() == (shop.folder / "secret-key").read_text()
    assert (again.folder.stat().st_mode & 0o077) == 0


@pytest.mark.one_database
def test_a_damaged_backup_is_refused_and_lays_nothing(shop: Installation, tmp_path: Path) -> None:
    file = tmp_path / "kept.tar.gz"
    shop.command("backup", str(file))
    assert file.stat().st_mode & 0o077 == 0
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)
    with pytest.raises(AssertionError, match=r"damaged|no backup"):
        shop.command("restore", str(file), "--data", str(tmp_path / "again"))
    assert not (tmp_path / "again").exists()
    with pytest.raises(AssertionError, match="not empty"):
        shop.command("restore", str(file), "--data", str(shop.folder))


def test_a_newer_database_is_refused_with_one_line(shop: Installation) -> None:
    shop.python(
        "from django.db.migrations.recorder import MigrationRecorder as R\n"
        "R.Migration.objects.create(app='promises', name='9999_later')"
    )
    for words in (("migrate",), ("worker", "--once"), ("serve", "--port", str(shop.port))):
        with pytest.raises(AssertionError, match="newer than this program"):
            shop.command(*words)


@pytest.mark.one_database
def test_a_taken_port_is_said_in_one_line(shop: Installation) -> None:
    web = shop.web(1)
    with pytest.raises(AssertionError, match="something listens on"):
        shop.command("serve", "--port", str(shop.port))
    kill(web)
