"""A PostgreSQL of its own for tests and benchmarks: made in a folder, gone afterwards.

    python tools/postgres.py COMMAND ...    run a command with OVERDELIVER_DATABASE_URL set

Debian's binaries are looked for under /usr/lib/postgresql, others on the PATH. The server refuses
to run as root, so root starts it as the user `postgres`.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl; None where there is no server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def usable() -> bool:
    """Whether a server can be started here."""
    if binaries() is None:
        return False
    return os.geteuid() != 0 or _user() is not None


@contextmanager
def server(*settings: str) -> Iterator[str]:
    """Start a server; gives the address of an empty database, ends with the block."""
    folder = binaries()
    if folder is None:
        raise RuntimeError("no PostgreSQL server was found: apt install postgresql")
    home = Path(tempfile.mkdtemp(prefix="overdeliver-pg-"))
    if (user := _user()) and os.geteuid() == 0:
        os.chown(home, user.pw_uid, user.pw_gid)
    data, port = home / "data", _free_port()
    options = " ".join(f"-c {one}" for one in (*FAST, *settings))
    try:
        _run(folder / "initdb", "-D", data, "-U", "overdeliver", "-A", "trust", "-E", "UTF8")
        where = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home}"
        log = home / "log"
        _run(folder / "pg_ctl", "-D", data, "-l", log, "-w", "-o", f"{where} {options}", "start")
        _run(folder / "createdb", "-h", "127.0.0.1", "-p", port, "-U", "overdeliver", "overdeliver")
        yield f"postgresql://overdeliver@127.0.0.1:{port}/overdeliver"
    finally:
        if (data / "postmaster.pid").exists():
            _run(folder / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(home, ignore_errors=True)


def _user() -> "pwd.struct_passwd | None":
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return None


def _run(*command: object) -> None:
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        words = ["runuser", "-u", "postgres", "--", *words]
    # To a file, not a pipe: the server inherits it and would keep a pipe open.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(words, stdout=said, stderr=said, cwd="/", check=False)
        if done.returncode:
            said.seek(0)
            raise RuntimeError(f"{words}: {said.read().decode(errors='replace')[-800:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    with server() as url:
        env = {**os.environ, "OVERDELIVER_DATABASE_URL": url}
        sys.exit(subprocess.run(sys.argv[1:], env=env, check=False).returncode)
