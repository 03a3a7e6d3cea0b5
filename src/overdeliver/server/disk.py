"""Room on the disk: a reserve that is given up once, so that a full disk can still be cleared.

A full database cannot even delete. The reserve is a file of nothing in the data folder; when room
runs out it is removed, which is enough for what clearing up needs to write, and it is said.
"""

import logging
import os
import shutil
from pathlib import Path

from django.conf import settings

_LOG = logging.getLogger("overdeliver.disk")
RESERVE = 16_000_000  # bytes
LEAST = 8_000_000  # below it nothing should be promised any more
_PLENTY = 200_000_000  # room that must be there before the reserve is laid (again)


def room() -> int:
    """Bytes free where the data lie."""
    return shutil.disk_usage(settings.DATA).free


def reserve() -> Path:
    """Where the reserve lies."""
    return Path(settings.DATA) / "reserve"


def keep_reserve() -> int:
    """Lay the reserve where there is room, give it up where there is none; 1 if it was given up.

    The worker calls it; safe beside other workers.
    """
    file = reserve()
    free = room()
    if free < LEAST and file.exists():
        file.unlink(missing_ok=True)
        _LOG.error("the disk is full: the reserve is given up; make room")
        return 1
    if free > _PLENTY and not file.exists():
        with file.open("wb") as new:
            os.posix_fallocate(new.fileno(), 0, RESERVE)
    return 0
