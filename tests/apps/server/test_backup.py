"""Everything in one file and back again; what is damaged is restored in no part."""

import json
import sqlite3
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from overdeliver.apps.business.models import Business
from overdeliver.apps.people import actions as people
from overdeliver.server import backup, postgres
from overdeliver.vocabulary.errors import InputError, OverdeliverError

pytestmark = pytest.mark.django_db(transaction=True)
MANIFEST = "manifest.json"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a secret and an upload; the database is the tests' own."""
    folder = tmp_path / "data"
    (folder / "uploads" / "7").mkdir(parents=True)
    (folder / "uploads" / "7" / "orders.csv").write_text("order_id\nA-1\n")
    (folder / "secret-key").write_text("secret")
    monkeypatch.setattr(settings, "DATA", folder)
    return folder


@pytest.fixture
def made(files: Path, shop: Business, tmp_path: Path) -> Path:
    """A backup of a shop with one customer."""
    if connection.vendor != "sqlite":
        pytest.skip("for PostgreSQL: tests/faults/test_brought_back.py")
    people.keep_customer("c-1", name="Әйгерім")
    target = tmp_path / "backups" / "today.tar.gz"
    backup.back_up(target)
    return target


def parts(file: Path) -> dict[str, bytes]:
    """What lies in a backup, by path."""
    with tarfile.open(file) as tar:
        return {
            one.name: tar.extractfile(one).read()  # type: ignore[union-attr]
            for one in tar
            if one.isfile()
        }


def packed(file: Path, content: dict[str, bytes]) -> Path:
    """A backup with this in it."""
    with tarfile.open(file, "w:gz") as tar:
        for name, data in content.items():
            one = tarfile.TarInfo(name)
            one.size = len(data)
            tar.addfile(one, BytesIO(data))
    return file


def test_what_was_acknowledged_comes_back(made: Path, tmp_path: Path) -> None:
    assert made.stat().st_mode & 0o077 == 0  # it holds people's data and the secret
    goal = tmp_path / "new"
    manifest = backup.restore(made, goal)
    assert set(manifest["files"]) == {"database.sqlite3", "secret-key", "uploads/7/orders.csv"}
    assert (goal / "secret-key").read_text() == "secret"
    assert (goal / "uploads" / "7" / "orders.csv").read_text() == "order_id\nA-1\n"
    with sqlite3.connect(goal / "overdeliver.sqlite3") as database:
        assert database.execute("SELECT name FROM people_customer").fetchall() == [("Әйгерім",)]
    assert (goal / "restored-at").read_text().endswith("+00:00")
    assert not (goal / MANIFEST).exists()
    assert goal.stat().st_mode & 0o077 == 0


def test_an_empty_folder_may_be_there_already(made: Path, tmp_path: Path) -> None:
    goal = tmp_path / "new"
    goal.mkdir()
    backup.restore(made, goal)
    assert (goal / "overdeliver.sqlite3").exists()


def test_nothing_is_written_over(made: Path, files: Path) -> None:
    before = made.read_bytes()
    with pytest.raises(InputError, match="choose another name"):
        backup.back_up(made)
    with pytest.raises(InputError, match="not empty"):
        backup.restore(made, files)
    assert made.read_bytes() == before
    assert (files / "secret-key").read_text() == "secret"


def _cut(content: dict[str, bytes]) -> dict[str, bytes]:
    return {**content, "uploads/7/orders.csv": b"order_id\n"}


def _lost(content: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in content.items() if name != "secret-key"}


def _other(content: dict[str, bytes]) -> dict[str, bytes]:
    said = {**json.loads(content[MANIFEST]), "schema": "somebody/9"}
    return {**content, MANIFEST: json.dumps(said).encode()}


def _nameless(content: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in content.items() if name != MANIFEST}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_cut, "orders.csv is missing or damaged"),
        (_lost, "secret-key is missing or damaged"),
        (_other, "of another kind"),
        (_nameless, "no backup, or it is damaged"),
    ],
)
def test_what_is_damaged_is_restored_in_no_part(
    made: Path,
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], dict[str, bytes]],
    said: str,
) -> None:
    wrong = packed(tmp_path / "wrong.tar.gz", change(parts(made)))
    with pytest.raises(InputError, match=said):
        backup.restore(wrong, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_half_a_file_is_no_backup(made: Path, tmp_path: Path) -> None:
    made.write_bytes(made.read_bytes()[:2000])
    with pytest.raises(InputError, match="no backup, or it is damaged"):
        backup.restore(made, tmp_path / "new")


def test_a_path_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    wrong = packed(tmp_path / "wrong.tar.gz", {"../escaped": b"x", MANIFEST: b"{}"})
    with pytest.raises(InputError, match="no backup"):
        backup.restore(wrong, tmp_path / "into" / "new")
    assert not list(tmp_path.rglob("escaped"))


@pytest.fixture
def on_postgres(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database on another machine, as far as the backup can see; its tools in this folder."""
    if connection.vendor != "sqlite":
        pytest.skip("here the vendor is what it says")
    monkeypatch.setattr(connection, "vendor", "postgresql")
    one = {"NAME": "shop", "HOST": "db", "PORT": "5432", "USER": "od", "PASSWORD": "pw"}
    monkeypatch.setitem(settings.DATABASES, "default", {**settings.DATABASES["default"], **one})
    answers = {"SHOW server_version_num": "150018", postgres._FILLED: 0}
    monkeypatch.setattr(postgres, "_asked", lambda one, question: answers[question])
    monkeypatch.setattr(postgres, "_DEBIAN", tmp_path / "nowhere")
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    return tools


def _tool(folder: Path, script: str, *, name: str = "pg_dump", version: str = "15.18") -> None:
    said = f"case $1 in --version) echo '{name} (PostgreSQL) {version} (Debian)'; exit;; esac"
    (folder / name).write_text(f"#!/bin/sh\n{said}\n{script}\n")
    (folder / name).chmod(0o755)


_SAYS = 'for w in "$@"; do case $w in --file=*) echo "$@ $PGPASSWORD" > "${w#*=}";; esac; done'


def test_postgres_is_dumped_by_its_own_tool(on_postgres: Path, tmp_path: Path) -> None:
    """The password goes by the environment: a command line can be read by others."""
    _tool(on_postgres, _SAYS)
    manifest = backup.back_up(tmp_path / "b.tar.gz")
    assert manifest["database"] == {"kind": "postgresql", "version": 15}
    said = parts(tmp_path / "b.tar.gz")["database.dump"].decode()
    for word in ("dbname=shop", "host=db", "port=5432", "user=od", "--format=custom"):
        assert word in said
    assert said.endswith("pw\n") and said.count("pw") == 1
    with pytest.raises(InputError, match="empty database in OVERDELIVER_DATABASE_URL"):
        backup.restore(tmp_path / "b.tar.gz", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_dump_that_failed_is_no_backup(
    on_postgres: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tool(on_postgres, "echo 'no such database' >&2; exit 1")
    with pytest.raises(OverdeliverError, match="no such database"):
        backup.back_up(tmp_path / "b.tar.gz")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(OverdeliverError, match=r"none here\): apt install postgresql-client-15"):
        backup.back_up(tmp_path / "b.tar.gz")
    assert not (tmp_path / "b.tar.gz").exists()


def test_a_client_older_than_the_server_is_not_used(
    on_postgres: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tool(on_postgres, "exit 0", version="13.9")
    with pytest.raises(OverdeliverError, match=r"PostgreSQL 15 was not found \(only 13 is here\)"):
        backup.back_up(tmp_path / "b.tar.gz")
    monkeypatch.setattr(postgres, "_DEBIAN", tmp_path / "debian")
    for version in ("16", "17"):
        (tmp_path / "debian" / version / "bin").mkdir(parents=True)
        _tool(tmp_path / "debian" / version / "bin", _SAYS, version=f"{version}.2")
    assert postgres.program("pg_dump", 15).endswith("debian/16/bin/pg_dump")
    assert postgres.program("pg_dump", 17).endswith("debian/17/bin/pg_dump")


def test_a_restore_that_failed_lays_no_folder(on_postgres: Path, tmp_path: Path) -> None:
    _tool(on_postgres, _SAYS)
    backup.back_up(tmp_path / "b.tar.gz")
    _tool(on_postgres, "echo 'permission denied' >&2; exit 1", name="pg_restore")
    with pytest.raises(OverdeliverError, match="pg_restore failed: permission denied"):
        backup.restore(tmp_path / "b.tar.gz", tmp_path / "new", "postgresql://od:pw@db/again")
    assert not (tmp_path / "new").exists()


def test_a_backup_of_a_newer_server_is_refused(
    on_postgres: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tool(on_postgres, _SAYS)
    backup.back_up(tmp_path / "b.tar.gz")
    monkeypatch.setattr(postgres, "_asked", lambda one, question: "140005")
    with pytest.raises(InputError, match="of PostgreSQL 15, this server is 14"):
        backup.restore(tmp_path / "b.tar.gz", tmp_path / "new", "postgresql://od:pw@db/again")


def test_a_backup_of_sqlite_does_not_go_beside_a_postgres(made: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="OVERDELIVER_DATABASE_URL names a PostgreSQL"):
        backup.restore(made, tmp_path / "new", "postgresql://od:pw@db/again")
    assert not (tmp_path / "new").exists()
