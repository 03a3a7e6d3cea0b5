"""How often somebody may call: a bucket that fills by time, one of each web process.

With several processes the whole limit is so many times larger; it holds off loops and guessing, it
does not bill.
"""

import threading
import time

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
            _BUCKETS.clear()
        left, at = _BUCKETS.get(name, (float(most), now))
        left = min(float(most), left + (now - at) * per_second)
        if left < 1:
            _BUCKETS[name] = left, now
            wait = (1 - left) / per_second
            raise TooManyCalls(f"too many calls; try again in {max(1, round(wait))} seconds")
        _BUCKETS[name] = left - 1, now
