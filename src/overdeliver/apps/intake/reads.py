"""What pages and programs may know of files that came in."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import Q

from overdeliver.apps.intake import uploads
from overdeliver.apps.intake.models import Upload
from overdeliver.apps.intake.rules.steps import WAITING, WORK
from overdeliver.tables.rejects import safe_cell
from overdeliver.vocabulary.errors import NotFound


@dataclass(frozen=True)
class UploadCard:
    """One file on its way into the ledger."""

    reference: str
    name: str
    size: int
    kind: str
    state: str
    settings: Mapping[str, Any]
    preview: Mapping[str, Any]
    report: Mapping[str, Any]
    done: int
    total: int
    error: str
    by: str
    created_at: datetime
    changed_at: datetime
    refused_seen_at: datetime | None = None

    @property
    def unseen(self) -> bool:
        """Whether it is done and left rows out that nobody has looked at."""
        refused = self.state == "done" and bool(self.report.get("rejected"))
        return refused and self.refused_seen_at is None

    @property
    def at_work(self) -> bool:
        """Whether the worker has something to do: the page asks again."""
        return self.state in WORK

    @property
    def rejects(self) -> bool:
        """Whether there is a file of rows that were refused."""
        return bool(self.report.get("rejected")) and uploads.folder_of(self.reference).is_dir()

    @property
    def subject(self) -> str:
        """The journal's name of it."""
        return f"import:{self.reference}"


def files(*, after: str = "", limit: int = 30) -> tuple[list[UploadCard], str]:
    """The latest files, newest first, and where the next ones begin."""
    rows = Upload.objects.exclude(state="dropped").order_by("-pk")
    if after.isdecimal() and len(after) < 18:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows[: limit + 1])
    following = str(found[limit - 1].pk) if len(found) > limit else ""
    return [_card(row) for row in found[:limit]], following


def needs_person(before: datetime, limit: int = 50) -> list[UploadCard]:
    """Files that wait for a person, the longest first.

    Those that failed at once; those that wait for an answer, and those whose refused rows nobody
    has looked at, once they have stood so since ``before``.
    """
    long = Q(changed_at__lt=before)
    waiting = long & Q(state__in=WAITING)
    unseen = long & Q(state="done", refused_seen_at=None, report__rejected__gt=0)
    rows = Upload.objects.filter(Q(state="failed") | waiting | unseen)
    return [_card(row) for row in rows.exclude(files=[]).order_by("changed_at", "pk")[:limit]]


def file(reference: str) -> UploadCard:
    """One file. NotFound: none of that reference."""
    row = Upload.objects.filter(reference=reference).exclude(state="dropped").first()
    if row is None:
        raise NotFound(f"import {reference!r}: there is none of that reference")
    return _card(row)


def reject_files(reference: str) -> list[Path]:
    """The files of refused rows, the reading's own first; empty where every row was taken."""
    file(reference)
    folder = uploads.folder_of(reference)
    found = [path for path in sorted(folder.glob("rejected*.csv")) if path.is_file()]
    return sorted(found, key=lambda path: path.name != "rejected.csv")


def reject_lines(reference: str) -> Iterator[str]:
    """One file of every refused row, line by line; the header alone where none was refused.

    The reading's own come first, as they stood in the file. Of those that the ledger refused later
    the value stands in the first column, then line, column and reason as in the others.
    """
    header: list[str] = []
    for path in reject_files(reference):
        with path.open(encoding="utf-8-sig", newline="") as file:
            if not header:
                header = next(csv.reader(file), [])
                yield "\ufeff" + _line(header)
                yield from file
            elif header:
                empty = [""] * max(len(header) - 4, 0)
                for row in csv.DictReader(file):
                    value, column = safe_cell(row["value"]), safe_cell(row["column"])
                    yield _line([value, *empty, row["line"], column, row["reason"]])


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _card(row: Upload) -> UploadCard:
    return UploadCard(
        row.reference,
        row.name,
        row.size,
        row.kind,
        row.state,
        row.settings,
        row.preview,
        row.report,
        row.done,
        row.total,
        row.error,
        row.by,
        row.created_at,
        row.changed_at,
        row.refused_seen_at,
    )
