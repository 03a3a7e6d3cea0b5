"""How often somebody may call: buckets that fill by time, in memory that all web processes share.

The memory is made before the processes are: `server.web` asks for this module in the process that
makes the others. So a limit is one limit, however many processes a machine has. Nothing of it is
written down: a restart fills every bucket, and several machines count each for itself. It holds
off loops and guessing; it does not bill.
"""

import hashlib
import mmap
import os
import struct
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_UN, lockf
from math import ceil

from overdeliver.vocabulary.errors import TooManyCalls

_PLACE = struct.Struct("=Qdd")  # whose (0: nobody's), what is left, when that was
_SHELVES, _PLACES = 4096, 8


class Shared:
    """So many buckets as `size` says; where all places for a name are taken, whoever called there
    longest ago is let go.
    """

    size = _SHELVES * _PLACES

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, self.size * _PLACE.size)
        self.key = os.urandom(16)  # nobody can choose names that push another out
        self.threads = threading.Lock()
        # Open as long as the memory is; a lock on it ends with the process that holds it.
        self.processes = tempfile.TemporaryFile()  # noqa: SIM115

    def take(self, name: str, per_second: float, most: int) -> float:
        """Take one drop; 0, or the seconds until there is one."""
        whose = self._mark(name)
        with self._held():
            now = time.monotonic()  # one clock for all processes of a machine
            place, left, at = self._find(whose, float(most), now)
            left = min(float(most), left + max(0.0, now - at) * per_second)
            wait = 0.0 if left >= 1 else (1 - left) / per_second
            _PLACE.pack_into(self.memory, place, whose, left if wait else left - 1, now)
        return wait

    def clear(self) -> None:
        """Every bucket is full again."""
        with self._held():
            self.memory[:] = bytes(len(self.memory))

    def _find(self, whose: int, most: float, now: float) -> tuple[int, float, float]:
        """Where the bucket is, what is left in it, and since when; a full one where it is not."""
        shelf = whose % _SHELVES * _PLACES * _PLACE.size
        there = self.memory[shelf : shelf + _PLACES * _PLACE.size]
        oldest, since = shelf, float("inf")
        for number, (who, left, at) in enumerate(_PLACE.iter_unpack(there)):
            place = shelf + number * _PLACE.size
            if who == whose:
                return place, left, at
            if at < since:
                oldest, since = place, at
        return oldest, most, now

    def _mark(self, name: str) -> int:
        made = hashlib.blake2b(name.encode(), digest_size=8, key=self.key).digest()
        return int.from_bytes(made, "big") or 1

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Alone, among the threads of this process and among the processes."""
        with self.threads:
            lockf(self.processes, LOCK_EX)
            try:
                yield
            finally:
                lockf(self.processes, LOCK_UN)


_BUCKETS = Shared()


def spend(name: str, *, per_second: float, most: int) -> None:
    """Take one drop of a bucket that holds ``most`` and gains ``per_second``.

    TooManyCalls: it is empty.

    >>> for _ in range(3):
    ...     spend("doctest", per_second=0.001, most=3)
    >>> spend("doctest", per_second=0.001, most=3)
    Traceback (most recent call last):
    overdeliver.vocabulary.errors.TooManyCalls: too many calls; try again in 1000 seconds
    """
    if left := _BUCKETS.take(name, per_second, most):
        wait = max(1, ceil(left))
        raise TooManyCalls(f"too many calls; try again in {wait} seconds", wait)
