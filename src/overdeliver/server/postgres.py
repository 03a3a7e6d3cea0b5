"""PostgreSQL's own programs: a whole database into one file, and into an empty one again."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg.conninfo import make_conninfo

from overdeliver.vocabulary.errors import InputError, OverdeliverError

#: A database as Django's settings spell it.
Settings = Mapping[str, Any]

_DEBIAN = Path("/usr/lib/postgresql")  # every version beside the others
_NAMES = {"NAME": "dbname", "HOST": "host", "PORT": "port", "USER": "user"}
_FILLED = (
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')"
    " AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
)


def dump(one: Settings, file: Path) -> int:
    """Write a database into a file, as it is at one moment; returns its server's version.

    OverdeliverError: no server, no fitting ``pg_dump``, or it failed.
    """
    version = int(_asked(one, "SHOW server_version_num")) // 10_000
    _run(program("pg_dump", version), one, f"--file={file}", "--format=custom")
    return version


def load(one: Settings, file: Path, since: int) -> None:
    """Bring a file that ``dump`` wrote into an empty database, whole or not at all.

    ``since``: the version it was written on. InputError: the database is not empty, or its server
    is older. OverdeliverError: no server, no fitting ``pg_restore``, or it failed.
    """
    version = int(_asked(one, "SHOW server_version_num")) // 10_000
    if version < since:
        raise InputError(
            f"the backup is of PostgreSQL {since}, this server is {version}: bring it back on"
            f" {since} or newer"
        )
    if int(_asked(one, _FILLED)):
        raise InputError(
            f"the database {one['NAME']} is not empty: make a new one (createdb NAME) and name it"
            " in OVERDELIVER_DATABASE_URL"
        )
    whole = ("--single-transaction", "--exit-on-error")
    _run(program("pg_restore", version), one, *whole, str(file))


def program(name: str, version: int) -> str:
    """The path of a client program that fits a server: of its version, else the next newer.

    OverdeliverError: there is none; an older one cannot read a newer server.
    """
    known = {found: path for path in _paths(name) if (found := _version(path))}
    fitting = [found for found in known if found >= version]
    if not fitting:
        seen = f"only {max(known)} is here" if known else "there is none here"
        raise OverdeliverError(
            f"{name} for PostgreSQL {version} was not found ({seen}): apt install"
            f" postgresql-client-{version}, or put a newer one on the PATH"
        )
    return known[min(fitting)]


def _paths(name: str) -> Iterator[str]:
    if first := shutil.which(name):
        yield first
    yield from map(str, sorted(_DEBIAN.glob(f"*/bin/{name}")))


def _version(path: str) -> int:
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    found = re.search(r"\) (\d+)", done.stdout)
    return int(found[1]) if found else 0


def _run(path: str, one: Settings, *words: str) -> None:
    """The password goes by the environment: a command line can be read by others."""
    plain = ("--no-owner", "--no-privileges", "--no-password")
    done = subprocess.run(
        [path, *plain, f"--dbname={_where(one)}", *words],
        env={**os.environ, "PGPASSWORD": one.get("PASSWORD") or os.environ.get("PGPASSWORD", "")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[0]
        raise OverdeliverError(f"{Path(path).name} failed: {said}")


def _where(one: Settings) -> str:
    """Its address without the password."""
    return make_conninfo(**{word: str(one[name]) for name, word in _NAMES.items() if one.get(name)})


def _asked(one: Settings, question: LiteralString) -> Any:
    where = make_conninfo(_where(one), password=one.get("PASSWORD") or None)
    try:
        with psycopg.connect(where, connect_timeout=20) as line:
            row = line.execute(question).fetchone()
    except psycopg.Error as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise OverdeliverError(f"the database cannot be used: {said}") from None
    return row[0] if row else 0
