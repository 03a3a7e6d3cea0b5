"""Files that come with a complaint: a few, small, of known kinds, under names of ours.

The kind is what the bytes say, not the name or what the browser claims. Nothing is opened here;
files are handed out as downloads in a sandbox (`pages.attachment`).
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from overdeliver.apps.recovery.models import Attachment, Case
from overdeliver.vocabulary.errors import InputError, LimitExceeded, NotFound

MOST, LARGEST = 4, 5_000_000
#: What a file of a kind begins with, and the media type it is handed out as.
_KINDS = (
    ("png", b"\x89PNG\r\n\x1a\n", "image/png"),
    ("jpg", b"\xff\xd8\xff", "image/jpeg"),
    ("pdf", b"%PDF-", "application/pdf"),
)


@dataclass(frozen=True)
class Kept:
    """A file on disk that belongs to nobody yet."""

    path: str
    kind: str
    size: int
    sha256: str


def kind_of(start: bytes) -> str:
    """What the first bytes say: png, jpg, pdf, webp or heic; empty: nothing that is taken.

    >>> kind_of(b"%PDF-1.7"), kind_of(b"<svg onload=alert(1)>")
    ('pdf', '')
    """
    for name, mark, _ in _KINDS:
        if start.startswith(mark):
            return name
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "webp"
    return "heic" if start[4:12] in (b"ftypheic", b"ftypmif1") else ""


def media_type(kind: str) -> str:
    """The media type of a kind."""
    return next((media for name, _, media in _KINDS if name == kind), f"image/{kind}")


def keep_files(sent: Iterable[bytes]) -> list[Kept]:
    """Store files; nothing is left behind on a refusal, nor where there is no room for all.

    InputError: a kind that is not taken; LimitExceeded: too many, or one that is too large.
    OSError: they cannot be written.
    """
    whole = [data for data in sent if data]
    if len(whole) > MOST:
        raise LimitExceeded(f"files: {MOST} at most")
    for data in whole:
        if len(data) > LARGEST:
            raise LimitExceeded(f"files: {LARGEST // 1_000_000} MB at most for each")
        if not kind_of(data[:16]):
            raise InputError("files: pictures (PNG, JPEG, WebP, HEIC) and PDF only")
    kept: list[Kept] = []
    try:
        for data in whole:
            kept.append(_stored(data))
    except OSError:
        drop_files(kept)
        raise
    return kept


@contextmanager
def handed_over(kept: Sequence[Kept]) -> Iterator[None]:
    """Remove the files that belong to no complaint when the block ends, however it ends.

    Where the database cannot say so they stay: a file too many is better than one too few.
    """
    try:
        yield
    finally:
        with suppress(DatabaseError):
            names = [one.path for one in kept]
            known = Attachment.objects.filter(path__in=names).values_list("path", flat=True)
            owned = set(known) if names else set()
            drop_files(one for one in kept if one.path not in owned)


def drop_files(kept: Iterable[Kept | Attachment]) -> None:
    """Remove files from the disk; a second time changes nothing."""
    for one in kept:
        (root() / one.path).unlink(missing_ok=True)


def note_files(case: Case, kept: Sequence[Kept]) -> None:
    """Write down that files belong to a complaint, in the caller's transaction."""
    Attachment.objects.bulk_create(
        Attachment(
            case=case,
            path=one.path,
            kind=one.kind,
            size=one.size,
            sha256=one.sha256,
            at=timezone.now(),
        )
        for one in kept
    )


def content(number: int, case: int) -> tuple[Attachment, bytes]:
    """A file of a complaint with its bytes. NotFound: it has none of that number, or no longer."""
    row = Attachment.objects.filter(pk=number, case_id=case).first()
    if row is None or not (root() / row.path).is_file():
        raise NotFound(f"attachment {number}: this complaint has none of that number")
    return row, (root() / row.path).read_bytes()


def root() -> Path:
    """The folder of attachments, made if it is missing."""
    place = Path(settings.UPLOADS) / "complaints"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def _stored(data: bytes) -> Kept:
    name = f"{secrets.token_hex(16)}.bin"
    place = root() / name
    try:
        with place.open("xb") as file:
            file.write(data)
    except OSError:
        place.unlink(missing_ok=True)
        raise
    return Kept(name, kind_of(data[:16]), len(data), hashlib.sha256(data).hexdigest())
