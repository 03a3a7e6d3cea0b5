"""Everything of an installation in one file, and back again."""

import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from overdeliver.server import knobs, postgres
from overdeliver.server.release import VERSION
from overdeliver.vocabulary.errors import InputError

SCHEMA = "overdeliver.backup/1"
_SQLITE = "database.sqlite3"
_DUMP = "database.dump"
_ERASED = "erased.jsonl"


def back_up(target: Path) -> dict[str, Any]:
    """Write database, uploads and secret into one .tar.gz, while the server runs.

    What was acknowledged before it began is in it. Returns the manifest. InputError: the file is
    there already; OverdeliverError: pg_dump is missing or failed.
    """
    if target.exists():
        raise InputError(f"{target}: there is such a file already; choose another name")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        folder = Path(name)
        database = _copy_database(folder)
        for part in ("uploads", "secret-key"):
            _copy(settings.DATA / part, folder / part)
        _copy(Path(settings.KNOBS["erasures"] or settings.DATA / _ERASED), folder / _ERASED)
        manifest = {**_manifest(folder), "database": database}
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))
        unready = target.with_name(f".{target.name}.unready")
        with tarfile.open(unready, "w:gz", compresslevel=3) as tar:
            for path in sorted(folder.iterdir()):
                tar.add(path, arcname=path.name)
        os.chmod(unready, 0o600)
        unready.replace(target)
    return manifest


def restore(
    source: Path, data: Path, database_url: str = "", erased: Path | None = None
) -> dict[str, Any]:
    """Lay a backup into an empty data folder, one of PostgreSQL into an empty database too.

    Every file is checked against its hash first. Messages that were due before the restoring are
    held for a person: ``restored-at`` in the folder says when that was. ``erased``: the log of
    erasures of the installation that is replaced; whoever stands in it is erased again when the
    worker starts. Returns the manifest. InputError: the folder or the database is not empty, the
    file is damaged or no backup, or it is of the other kind of database; there is no such log.
    OverdeliverError: pg_restore is missing or failed.
    """
    if erased is not None and not erased.is_file():
        raise InputError(f"{erased}: there is no such file of erasures")
    if data.exists() and any(data.iterdir()):
        raise InputError(f"{data}: this folder is not empty; restore into a new one")
    data.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data.parent) as name:
        folder = Path(name) / "restored"
        folder.mkdir()
        manifest = _unpack(source, folder)
        _lay_database(source, folder, database_url, manifest)
        (folder / "manifest.json").unlink()
        if erased is not None:
            with (folder / _ERASED).open("ab") as log:
                log.write(b"\n" + erased.read_bytes())
        (folder / "restored-at").write_text(datetime.now(UTC).isoformat())
        if data.exists():
            data.rmdir()
        shutil.move(folder, data)
    os.chmod(data, 0o700)
    return manifest


def _copy_database(folder: Path) -> dict[str, Any]:
    """Copies it as it is at one moment; returns which database it was."""
    if connection.vendor != "sqlite":
        version = postgres.dump(settings.DATABASES["default"], folder / _DUMP)
        return {"kind": "postgresql", "version": version}
    source = sqlite3.connect(settings.DATABASES["default"]["NAME"], timeout=60)
    goal = sqlite3.connect(folder / _SQLITE)
    try:
        source.backup(goal, pages=2000, sleep=0.01)
    finally:
        goal.close()
        source.close()
    return {"kind": "sqlite"}


def _lay_database(source: Path, folder: Path, url: str, manifest: dict[str, Any]) -> None:
    dumped = folder / _DUMP
    if dumped.exists() and not url:
        raise InputError(
            f"{source}: a backup of PostgreSQL; name an empty database in OVERDELIVER_DATABASE_URL"
            " and restore again"
        )
    if url and not dumped.exists():
        raise InputError(
            f"{source}: a backup of SQLite, and OVERDELIVER_DATABASE_URL names a PostgreSQL; unset"
            " it and restore again"
        )
    if dumped.exists():
        version = manifest.get("database", {}).get("version", 0)
        postgres.load(knobs.database(url, folder), dumped, version)
        dumped.unlink()
    else:
        (folder / _SQLITE).rename(folder / "overdeliver.sqlite3")


def _copy(source: Path, goal: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, goal)
    elif source.is_file():
        shutil.copy2(source, goal)


def _manifest(folder: Path) -> dict[str, Any]:
    files = {
        str(path.relative_to(folder)): {"sha256": _hash(path), "bytes": path.stat().st_size}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "at": datetime.now(UTC).isoformat(),
        "files": files,
    }


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source, "r:gz") as tar:
            tar.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    except (OSError, tarfile.TarError, ValueError, EOFError) as error:
        raise InputError(f"{source}: this is no backup, or it is damaged ({error})") from None
    if manifest.get("schema") != SCHEMA:
        raise InputError(f"{source}: a backup of another kind ({manifest.get('schema')})")
    for name, said in manifest["files"].items():
        path = folder / name
        if not path.is_file() or _hash(path) != said["sha256"]:
            raise InputError(f"{source}: {name} is missing or damaged in it; nothing was restored")
    return manifest


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
