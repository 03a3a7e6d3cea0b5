"""A full disk, a database that is away: a clear answer, nothing half done, and well again."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.faults.forms import KEY_AND_SESSION, send
from tests.faults.test_killed import ORDER, PROMISE, SHOP
from tests.faults.test_letters import WRITE as LETTERS
from tests.faults.test_serving import STORED
from tests.processes import Installation, await_until, installation

MEGABYTES = 48
PNG = b"\x89PNG\r\n\x1a\n" + bytes(500_000)
CSV = b"order_id,promised,actual\n" + b"".join(b"%d,3,2\n" % n for n in range(200_000))
FILES = """
import json
from overdeliver.apps.intake.models import Upload
from overdeliver.apps.recovery.models import Attachment
print(json.dumps([Upload.objects.count(), Attachment.objects.count()]))
"""


@contextmanager
def _volume(folder: Path, megabytes: int, user: int = 0) -> Iterator[Path]:
    """A volume of its own; without the right to mount one the test is skipped."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,uid={user}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small volume cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """The volume of data, database and all."""
    with _volume(tmp_path / "volume", MEGABYTES) as folder:
        yield folder


@pytest.mark.one_database
def test_a_full_disk_refuses_writes_keeps_reads_and_recovers(small: Path) -> None:
    with installation(small / "data") as shop:
        shop.knobs["TMPDIR"] = str(small)  # large uploads pass through it
        key, session = shop.python(LETTERS.format(n=4) + KEY_AND_SESSION)
        shop.web(1)
        kept = _promised(shop, key)
        assert send(shop, "/letters/print/", {"letter": "2"}, session=session)[0] == 302
        filler = small / "filler"
        _fill(filler)
        kept += _until_refused(shop, key)
        assert shop.get("/readyz")[0] == 503
        assert shop.call(f"/promises/{kept[0]}", key=key)[0] == 200
        _nothing_is_half_made(shop, key, session)
        filler.unlink()
        await_until(lambda: shop.call("/promises", PROMISE, key=key)[0] == 201, 10)
        assert shop.get("/readyz")[0] == 200
        assert set(kept) <= set(shop.python(STORED))
        _made_now(shop, key, session)


def _promised(shop: Installation, key: str) -> list[str]:
    """Some promises while there is room."""
    assert shop.call("/orders", ORDER, key=key)[0] == 201
    return [shop.call("/promises", PROMISE, key=key)[1]["reference"] for _ in range(20)]


def _until_refused(shop: Installation, key: str, tries: int = 400) -> list[str]:
    """What was promised until there was no room left: a log or a page may still have some."""
    kept: list[str] = []
    refused = 0
    for _ in range(tries):
        status, answer = shop.call("/promises", PROMISE, key=key)
        if status == 201:
            kept.append(answer["reference"])
            continue
        assert (status, answer["type"]) == (503, "urn:overdeliver:unavailable")
        refused += 1
        if refused == 5:
            return kept
    raise AssertionError("there was room for all of them")


def _nothing_is_half_made(shop: Installation, key: str, session: str) -> None:
    """Files and letters on a full disk: a clear answer, no rest of a file, letters can be read."""
    for sent in _files(shop, key):
        status, headers, _ = sent
        assert (status, headers["Retry-After"]) == (503, "10")
    assert not [one for one in (shop.folder / "uploads").rglob("*") if one.is_file()]
    assert send(shop, "/letters/print/", {"letter": "3"}, session=session)[0] == 503
    status, _, page = send(shop, "/letters/runs/1.pdf", session=session)
    assert (status, page[:5]) == (200, b"%PDF-")


def _files(shop: Installation, key: str) -> list[tuple[int, Any, bytes]]:
    """An import by a program, and a complaint with two pictures by a customer."""
    told = {"text": "The lid came broken"}
    return [
        send(shop, "/api/v1/imports", {"service": ""}, {"a.csv": CSV}, key=key),
        send(shop, "/c/", told, {"a.png": PNG, "b.png": PNG}),
    ]


def _made_now(shop: Installation, key: str, session: str) -> None:
    """With room again the same goes through, once."""
    assert [sent[0] for sent in _files(shop, key)] == [202, 302]
    assert shop.python(FILES) == [1, 2]
    assert send(shop, "/letters/print/", {"letter": "3"}, session=session)[0] == 302


@pytest.fixture
def small_server() -> Iterator[str]:
    """A tablespace on a volume of its own, for a server on this machine."""
    if not (url := os.environ.get("OVERDELIVER_DATABASE_URL", "")):
        pytest.skip("SQLite has no server with a disk of its own")
    home = Path(tempfile.mkdtemp(prefix="overdeliver-small-"))
    home.chmod(0o755)  # the server's user looks for it from outside
    try:
        user = pwd.getpwnam("postgres").pw_uid
    except KeyError:
        pytest.skip("the server is none of this machine")
    with (
        _volume(home / "volume", 64, user) as folder,
        psycopg.connect(url, autocommit=True) as server,
    ):
        server.execute(f"CREATE TABLESPACE small LOCATION '{folder}'")
        try:
            yield str(folder)
        finally:
            server.execute("DROP TABLESPACE small")
    shutil.rmtree(home)


def test_a_full_disk_of_the_server_refuses_writes_keeps_reads_and_recovers(
    small_server: str, tmp_path: Path
) -> None:
    with installation(tmp_path / "data") as shop:
        name = shop.database_url.rpartition("/")[2]
        with psycopg.connect(os.environ["OVERDELIVER_DATABASE_URL"], autocommit=True) as server:
            server.execute(f"ALTER DATABASE {name} SET TABLESPACE small")
        key, session = shop.python(LETTERS.format(n=4) + KEY_AND_SESSION)
        shop.web(1)
        kept = _promised(shop, key)
        assert send(shop, "/letters/print/", {"letter": "2"}, session=session)[0] == 302
        assert shop.get("/readyz")[0] == 200
        filler = Path(small_server) / "filler"
        _fill(filler)
        kept += _until_refused(shop, key, 2000)
        assert shop.get("/readyz")[0] == 503
        assert shop.call(f"/promises/{kept[0]}", key=key)[0] == 200
        status, _, page = send(shop, "/letters/runs/1.pdf", session=session)
        assert (status, page[:5]) == (200, b"%PDF-")
        filler.unlink()
        await_until(lambda: shop.call("/promises", PROMISE, key=key)[0] == 201, 10)
        await_until(lambda: shop.get("/readyz")[0] == 200, 10)
        assert set(kept) <= set(shop.python(STORED))
        _made_now(shop, key, session)


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
