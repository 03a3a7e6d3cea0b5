"""Unpacking .gz and .zip to a temporary file, counting every byte on the way."""

import gzip
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from overdeliver.tables.limits import Limits, check_unpacked
from overdeliver.tables.raw import one_line
from overdeliver.tables.workbook_texts import check_shared_texts
from overdeliver.vocabulary.errors import UnreadableFile

_CHUNK = 1 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)
_TEXT_ENDINGS = (".csv", ".tsv", ".txt", ".tab")


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is gone afterwards, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="overdeliver-") as folder:
        yield Path(folder)


def is_workbook(path: Path) -> bool:
    """Whether a zip archive is an Excel workbook."""
    with opened_zip(path) as archive:
        return "[Content_Types].xml" in archive.namelist()


@contextmanager
def opened_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip archive; what zipfile raises about it becomes UnreadableFile."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _BROKEN as error:
        raise UnreadableFile(f"{path.name}: broken archive ({one_line(error)})") from error


def unpack_gzip(path: Path, target: Path, limits: Limits) -> None:
    """Unpack a .gz file, stopping as soon as it grows beyond the limits."""
    try:
        with gzip.open(path) as packed:
            _copy(packed, target, path.name, path.stat().st_size, limits)
    except _BROKEN as error:
        raise UnreadableFile(f"{path.name}: broken .gz file ({one_line(error)})") from error


def unpack_zip(path: Path, target: Path, limits: Limits) -> str:
    """Unpack the one text file of a zip archive; returns its name inside.

    Raises UnreadableFile when there is not exactly one, LimitExceeded when it grows too large.
    """
    with opened_zip(path) as archive:
        member = _only_text(archive, path.name)
        check_unpacked(path.name, member.file_size, max(member.compress_size, 1), limits)
        with archive.open(member) as packed:
            _copy(packed, target, path.name, max(member.compress_size, 1), limits)
        return member.filename


def _only_text(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    files = [
        info
        for info in archive.infolist()
        if not info.is_dir() and not info.filename.startswith("__MACOSX/")
    ]
    texts = [info for info in files if info.filename.lower().endswith(_TEXT_ENDINGS)]
    if len(texts) == 1:
        return texts[0]
    held = ", ".join(info.filename[:40] for info in files[:3]) or "nothing"
    raise UnreadableFile(
        f"{name}: one .csv, .tsv or .txt file expected inside, found {len(texts)} ({held}); "
        "unpack it and give the file"
    )


def _copy(
    packed: IO[bytes] | gzip.GzipFile, target: Path, name: str, size: int, limits: Limits
) -> None:
    written = 0
    with target.open("wb") as out:
        while chunk := packed.read(_CHUNK):
            written += len(chunk)
            check_unpacked(name, written, size, limits)
            out.write(chunk)


def check_workbook(path: Path, limits: Limits) -> None:
    """Raise LimitExceeded when a workbook unpacks beyond the limits; headers are not believed."""
    packed = max(path.stat().st_size, 1)
    with opened_zip(path) as archive:
        declared = sum(info.file_size for info in archive.infolist())
        check_unpacked(path.name, declared, packed, limits)
        seen = 0
        for info in archive.infolist():
            with archive.open(info) as member:
                while chunk := member.read(_CHUNK):
                    seen += len(chunk)
                    check_unpacked(path.name, seen, packed, limits)
        check_shared_texts(archive, path.name, limits)
