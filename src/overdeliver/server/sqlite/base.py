"""SQLite where whoever waits to write gets a turn.

SQLite lets one connection write; the others look again after pauses of up to a tenth of a second
(`sqliteDefaultBusyCallback` in its main.c). A worker that goes from one transaction to the next
leaves gaps much shorter than that, so a web process could look for 20 seconds without finding one.
Here, whoever wants to write waits in front of a file first, and only the one at its head looks for
the end of the running transaction, every millisecond: whoever has just written cannot be the next
while somebody stands there. Who comes to the head next is chance. The system takes the place back
when its process dies.
"""

import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from typing import Any, TypeVar

from django.db.backends.sqlite3 import base

_PAUSE = 0.001  # seconds between two looks
_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
Answer = TypeVar("Answer")


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, but for how a transaction begins, or a statement that is one by itself."""

    def _start_transaction_under_autocommit(self) -> None:
        immediate = self.transaction_mode == "IMMEDIATE"  # type: ignore[attr-defined]
        if not immediate or self.is_in_memory_db():
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
            return
        with self.wrap_database_errors:
            self.in_turn(lambda: self.connection.execute("BEGIN IMMEDIATE"))

    def create_cursor(self, name: str | None = None) -> Any:
        if self.is_in_memory_db():
            return super().create_cursor(name)
        cursor = self.connection.cursor(factory=_Cursor)
        cursor.in_turn = self.in_turn
        return cursor

    def in_turn(self, begin: Callable[[], Answer]) -> Answer:
        """Do what needs the right to write. sqlite3.OperationalError: the turn did not come."""
        seconds = self.settings_dict["OPTIONS"]["timeout"]
        until = time.monotonic() + seconds
        with _head_of_queue(f"{self.settings_dict['NAME']}-queue", until):
            self.connection.execute("PRAGMA busy_timeout = 0")
            try:
                return _patiently(begin, until)
            finally:
                self.connection.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")


class _Cursor(base.SQLiteCursorWrapper):
    in_turn: Callable[[Callable[[], Any]], Any]

    def execute(self, query: str, params: Any = None) -> Any:
        if self.connection.in_transaction or not _WRITES.match(query):
            return super().execute(query, params)
        return self.in_turn(lambda: super(_Cursor, self).execute(query, params))


def _patiently(begin: Callable[[], Answer], until: float) -> Answer:
    while True:
        try:
            return begin()
        except sqlite3.OperationalError as error:
            code = getattr(error, "sqlite_errorcode", 0)  # Python's own errors have none
            busy = code & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > until:
                raise
        time.sleep(_PAUSE)


@contextmanager
def _head_of_queue(file: str, until: float) -> Iterator[None]:
    """Wait until nobody is before us, or the time is over: then the database decides.

    Where no file can be opened or locked there is no queue.
    """
    try:
        place = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        yield
        return
    try:
        while not _is_free(place) and time.monotonic() < until:
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(place)


def _is_free(place: int) -> bool:
    try:
        flock(place, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass  # a file system without locks
    return True
