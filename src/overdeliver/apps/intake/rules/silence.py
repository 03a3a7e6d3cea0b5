"""Has a system that used to call stopped?"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

LOOKED_AT = 100  # the latest calls
_NEEDED = 20  # calls before anything is said
_TIMES = 3  # so many times the longest silence there was
_LEAST = timedelta(days=1)


def is_quiet(calls: Sequence[datetime], now: datetime) -> bool:
    """Whether the silence since the last call is far longer than any between the calls.

    ``calls``: moments, the latest first. A shop that closes for the night or the weekend has such
    silences among its calls and is not quiet then.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 5, 12, tzinfo=UTC)
    >>> hourly = [noon - timedelta(hours=n) for n in range(40)]
    >>> is_quiet(hourly, noon + timedelta(hours=20)), is_quiet(hourly, noon + timedelta(hours=25))
    (False, True)
    """
    if len(calls) < _NEEDED:
        return False
    longest = max(later - earlier for later, earlier in pairwise(calls))
    return now - calls[0] > max(_LEAST, _TIMES * longest)
