"""How often somebody may call: a bucket that fills by time, one of each web process.

With several processes the whole limit is so many times larger; it holds off loops and guessing, it
does not bill.
"""

import threading
import time
from math import ceil

from overdeliver.vocabulary.errors import TooManyCalls

_LOCK = threading.Lock()
_MOST_NAMES = 20_000
_BUCKETS: dict[str, tuple[float, float]] = {}  # name -> what is left, when that was


def spend(name: str, *, per_second: float, most: int) -> None:
    """Take one drop of a bucket that holds ``most`` and gains ``per_second``.

    TooManyCalls: it is empty.

    >>> for _ in range(3):
    ...     spend("doctest", per_second=0.001, most=3)
    >>> spend("doctest", per_second=0.001, most=3)
    Traceback (most recent call last):
    overdeliver.vocabulary.errors.TooManyCalls: too many calls; try again in 1000 seconds
    """
    now = time.monotonic()
    with _LOCK:
        if len(_BUCKETS) > _MOST_NAMES:
            _forget()
        left, at = _BUCKETS.get(name, (float(most), now))
        left = min(float(most), left + (now - at) * per_second)
        if left < 1:
            _BUCKETS[name] = left, now
            wait = max(1, ceil((1 - left) / per_second))
            raise TooManyCalls(f"too many calls; try again in {wait} seconds", wait)
        _BUCKETS[name] = left - 1, now


def _forget() -> None:
    """The names that called longest ago are let go: half of them."""
    for name in sorted(_BUCKETS, key=lambda one: _BUCKETS[one][1])[: _MOST_NAMES // 2]:
        del _BUCKETS[name]
