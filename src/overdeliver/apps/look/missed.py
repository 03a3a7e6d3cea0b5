"""Links that lead nowhere, counted where every process sees it.

One statement counts and answers, so that no two processes count two misses for one. Of an address a
keyed hash is kept, for as long as it matters.
"""

import logging
import time
from dataclasses import dataclass

from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.utils.crypto import salted_hmac

from overdeliver.apps.look.models import Missed

_LOG = logging.getLogger("overdeliver.doors")
#: Links that lead nowhere, from one address, until it has been quiet for a minute.
MISSES, QUIET = 30, 60
#: From all addresses within an hour: then somebody should look.
ALARM, _HOUR = 1_000, 3_600
_BLOCK = 600  # seconds that are counted together; seven of them hold every hour
_ALARM = "alarm"
_SHOWN = 24 * _HOUR

_COUNT = """
INSERT INTO look_missed AS here (name, at, n) VALUES (%s, %s, 1), (%s, %s, 1)
ON CONFLICT (name) DO UPDATE SET at = excluded.at,
  n = CASE WHEN here.at > excluded.at - %s OR here.name = %s THEN here.n + 1 ELSE 1 END
RETURNING name, n
"""
_TELL = """
INSERT INTO look_missed AS here (name, at, n) VALUES (%s, %s, %s)
ON CONFLICT (name) DO UPDATE SET at = excluded.at, n = excluded.n
WHERE here.at <= excluded.at - %s RETURNING n
"""


@dataclass(frozen=True)
class Alarm:
    """So many links that lead nowhere were tried within an hour, by then."""

    at: int  # seconds since 1970
    n: int


def waits(address: str, now: float | None = None) -> bool:
    """Whether an address has tried so many that it has to wait."""
    since = int(now or time.time()) - QUIET
    return Missed.objects.filter(name=_of(address), at__gt=since, n__gte=MISSES).exists()


def note(address: str, now: float | None = None) -> int:
    """Count a miss; how many this address has had since it was last quiet for a minute.

    A database that cannot be written to counts nothing: the answer is the same then.
    """
    at = int(now or time.time())
    own, block = _of(address), f"all:{at // _BLOCK}"
    try:
        with transaction.atomic():
            found = dict(_done(_COUNT, [own, at, block, at, QUIET, block]))
            if found[block] == 1:
                _forget(at)
            _tell(within_hour(at), at)
    except DatabaseError:
        _LOG.warning("a link that leads nowhere could not be counted")
        return 0
    return int(found[own])


def within_hour(now: float | None = None) -> int:
    """How many were tried within the last hour, counted in whole ten minutes."""
    last = int(now or time.time()) // _BLOCK
    names = [f"all:{number}" for number in range(last - _HOUR // _BLOCK, last + 1)]
    return Missed.objects.filter(name__in=names).aggregate(n=Sum("n"))["n"] or 0


def alarm(now: float | None = None) -> Alarm | None:
    """The last alarm, for a day."""
    since = int(now or time.time()) - _SHOWN
    row = Missed.objects.filter(name=_ALARM, at__gt=since).first()
    return Alarm(row.at, row.n) if row else None


def _tell(n: int, at: int) -> None:
    """Say it once an hour, whichever process counts: in the log, and on the Today page."""
    if n >= ALARM and _done(_TELL, [_ALARM, at, n, _HOUR]):
        _LOG.warning("%d links that lead nowhere were tried within an hour: somebody guesses", n)


def _forget(at: int) -> None:
    Missed.objects.filter(at__lt=at - 2 * _HOUR).exclude(name=_ALARM).delete()


def _of(address: str) -> str:
    return salted_hmac("overdeliver.look.missed", address, algorithm="sha256").hexdigest()


def _done(statement: str, values: list[str | int]) -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
