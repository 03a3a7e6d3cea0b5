"""Real processes for stories and faults: web, worker, a receiver of mail; on either database.

A test asks for the fixture ``installation`` and gets a data folder, a migrated database of its own,
and the means to start, kill and await processes.
"""

import atexit
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import urlsplit, urlunsplit

import psycopg


@dataclass
class Installation:
    """One installation of overdeliver in a folder, with processes of its own."""

    folder: Path
    database_url: str = ""
    port: int = 0
    knobs: dict[str, str] = field(default_factory=dict)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the web process listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """The environment of every process."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OVERDELIVER_", "COV_"))}
        return {
            **kept,
            "OVERDELIVER_DATA": str(self.folder),
            "OVERDELIVER_DATABASE_URL": self.database_url,
            "OVERDELIVER_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "overdeliver.server.settings",
            **self.knobs,
        }

    def command(self, *words: str, given: str = "") -> str:
        """Run `overdeliver ...` to its end; its output. AssertionError: it failed."""
        done = subprocess.run(
            [sys.executable, "-m", "overdeliver", *words],
            env=self.env,
            input=given,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{words}: {done.stderr[-2000:]}"
        return done.stdout

    def python(self, code: str) -> Any:
        """Run code with Django set up; what it prints last, read as JSON."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{code}"],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else None

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start `overdeliver ...` in a process group of its own."""
        log = (self.folder / f"{words[0]}.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", "overdeliver", *words],
            env=self.env,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.running.append(process)
        return process

    def web(self, processes: int = 2) -> subprocess.Popen[bytes]:
        """Start the web process alone and wait until it answers."""
        self.knobs["OVERDELIVER_PROCESSES"] = str(processes)
        log = (self.folder / "web.log").open("ab")
        code = (
            "import os, sys, django; django.setup()\n"
            "from django.conf import settings\n"
            "from overdeliver.server.running import web_command\n"
            f"words = web_command({self.port}, '127.0.0.1', {processes}, 4)\n"
            "os.execv(sys.executable, words)"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            env=self.env,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.running.append(process)
        await_until(lambda: self.get("/healthz")[0] == 200, 120)
        return process

    def number(self, query: LiteralString) -> int:
        """A number, asked of the database itself: a Python would start too late."""
        if self.database_url:
            with psycopg.connect(self.database_url) as there:
                found = there.execute(query).fetchone()
                return int(found[0]) if found else 0
        with closing(sqlite3.connect(self.folder / "overdeliver.sqlite3", timeout=60)) as here:
            return int(here.execute(query).fetchone()[0])

    def call(
        self, path: str, body: Any = None, *, key: str = "", method: str = "", **headers: str
    ) -> tuple[int, Any]:
        """One call of the API; status 0 where nobody answered."""
        asked = urllib.request.Request(
            f"{self.url}/api/v1{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method or ("GET" if body is None else "POST"),
            headers={
                "Content-Type": "application/json",
                **({"Authorization": f"Bearer {key}"} if key else {}),
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
        )
        return _answered(asked)

    def get(self, path: str) -> tuple[int, Any]:
        """One page, as text."""
        return _answered(urllib.request.Request(self.url + path))

    def key(self, *rights: str) -> str:
        """A key for programs, with all rights unless some are named."""
        chosen = "KEY_RIGHTS" if not rights else repr(rights)
        found: str = self.python(
            "import json\n"
            "from overdeliver.apps.people.actions import make_key\n"
            "from overdeliver.apps.people.rules import KEY_RIGHTS\n"
            f"print(json.dumps(make_key('test', {chosen})))"
        )
        return found

    def end(self) -> None:
        """Kill whatever still runs."""
        for process in self.running:
            kill(process)
            process.wait()


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9, the whole group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def await_until(holds: Callable[[], bool], seconds: float = 30.0, pause: float = 0.1) -> None:
    """Wait until something holds; AssertionError when it does not in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return
        time.sleep(pause)
    raise AssertionError(f"it did not come about in {seconds:g} seconds")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def installation(folder: Path) -> Iterator[Installation]:
    """A migrated installation on the database of this run (SQLite, or the PostgreSQL named)."""
    server = os.environ.get("OVERDELIVER_DATABASE_URL", "")
    with _on_postgres(folder, server) if server else _on_sqlite(folder) as found:
        try:
            yield found
        finally:
            found.end()


@contextmanager
def empty_installation(folder: Path) -> Iterator[Installation]:
    """An installation whose database holds nothing yet."""
    folder.mkdir(parents=True, exist_ok=True)
    server, name = os.environ.get("OVERDELIVER_DATABASE_URL", ""), f"od_empty_{os.getpid()}"
    if server:
        _administer(server, f"CREATE DATABASE {name}")
    found = Installation(folder, _named(server, name) if server else "", free_port())
    try:
        yield found
    finally:
        found.end()
        if server:
            _drop(server, name)


@contextmanager
def _on_sqlite(folder: Path) -> Iterator[Installation]:
    """A copy of a database that was migrated once for all tests of this process."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(_migrated_file(), folder / "overdeliver.sqlite3")
    yield Installation(folder, "", free_port())


@lru_cache
def _migrated_file() -> Path:
    home = Path(tempfile.mkdtemp(prefix="overdeliver-migrated-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    Installation(home).command("migrate")
    return home / "overdeliver.sqlite3"


@contextmanager
def _on_postgres(folder: Path, server: str) -> Iterator[Installation]:
    """A copy of a database that was migrated once for all tests of this process."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"od_{os.getpid()}_{time.monotonic_ns()}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {_migrated_database(server)}")
    try:
        yield Installation(folder, _named(server, name), free_port())
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@lru_cache
def _migrated_database(server: str) -> str:
    name = f"od_template_{os.getpid()}"
    _administer(server, f"CREATE DATABASE {name}")
    atexit.register(_drop, server, name)
    with tempfile.TemporaryDirectory() as folder:
        Installation(Path(folder), _named(server, name)).command("migrate")
    return name


def _drop(server: str, name: str) -> None:
    with suppress(psycopg.OperationalError):  # the server may have gone before us
        _administer(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _administer(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def _named(server: str, name: str) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def _answered(asked: urllib.request.Request) -> tuple[int, Any]:
    try:
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return answer.status, _read(answer)
        except urllib.error.HTTPError as error:
            return error.code, _read(error)
    except (OSError, http.client.HTTPException):  # cut off in the middle of an answer
        return 0, None


def _read(answer: Any) -> Any:
    text = answer.read().decode()
    return json.loads(text) if "json" in answer.headers.get("Content-Type", "") else text
