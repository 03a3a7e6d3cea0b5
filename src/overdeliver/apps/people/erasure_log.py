"""Who was erased, in a file beside the database: a backup brought back must not bring them back.

A line holds the reference and the moment; an erased customer's row holds no more. The file lies in
the data folder, or where the knob ``OVERDELIVER_ERASURES`` puts it: on another disk it outlives
the loss of this one. `replay` erases anew whom a backup still knows, before the workers start.
"""

import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from overdeliver.apps.people.erasure import erase_customer
from overdeliver.apps.people.models import Customer

#: Its name in the data folder, and in a backup.
NAME = "erased.jsonl"
_PART = 500


def note(reference: str, at: datetime) -> None:
    """Write an erasure down for good; twice does no harm. OSError: the disk is full."""
    _append([(reference, at)])


def replay() -> int:
    """Erase again whom the database knows although the log says he was erased; returns how many.

    And the other way round: erasures that the log lacks, because they are older than it, are
    written down.
    """
    known = noted()
    again = 0
    for part in _parts(sorted(known)):
        back = Customer.objects.filter(reference__in=part, erased_at=None)
        for reference in list(back.values_list("reference", flat=True)):
            again += erase_customer(reference, because="restored")
    rows: QuerySet[Customer] = Customer.objects.filter(erased_at__isnull=False)
    told = rows.values_list("reference", "erased_at").iterator()
    _append([(name, at) for name, at in told if name not in known and at is not None])
    return again


def noted() -> set[str]:
    """The references in the log. A line that was torn when the power went is passed over."""
    found: set[str] = set()
    for path in {_file(), Path(settings.DATA) / NAME}:  # a restored folder brings its own
        if not path.is_file():
            continue
        for line in path.read_text("utf-8", errors="replace").splitlines():
            try:
                found.add(str(json.loads(line)["customer"]))
            except (ValueError, KeyError, TypeError):
                continue
    return found


def _append(erased: Iterable[tuple[str, datetime]]) -> None:
    lines = [json.dumps({"customer": name, "at": at.isoformat()}) + "\n" for name, at in erased]
    if not lines:
        return
    path = _file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "ab") as file:
        file.write(("\n" + "".join(lines)).encode())  # a torn line before it ends here
        file.flush()
        os.fsync(file.fileno())


def _file() -> Path:
    return Path(settings.KNOBS["erasures"] or Path(settings.DATA) / NAME)


def _parts(names: list[str]) -> list[list[str]]:
    return [names[start : start + _PART] for start in range(0, len(names), _PART)]
