"""Addresses of style sheets, scripts and pictures that change when the file does."""

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class Assets(StaticFilesStorage):
    """Files are served from where the chapters have them; the address holds what is in them.

    Browsers may keep a file for long: after an upgrade the page asks for another address.
    """

    def url(self, name: str | None) -> str:
        """The address of a file, with the first figures of its hash; without for a missing one."""
        address = super().url(name)
        mark = _mark(name or "")
        return f"{address}?v={mark}" if mark else address


@cache
def _mark(name: str) -> str:
    """What tells one content of a file from another; the file is read once in a process."""
    found = finders.find(name)
    if not isinstance(found, str):
        return ""
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:10]
