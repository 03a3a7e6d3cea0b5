"""Uploaded files made ready to read: under safe names, archives unpacked, event logs as tables."""

import os
import re
import zipfile
from pathlib import Path

from overdeliver.apps.intake.reading.task import File
from overdeliver.tables.limits import Limits, check_unpacked
from overdeliver.tables.packed import is_workbook, opened_zip
from overdeliver.tables.xes import read_xes
from overdeliver.vocabulary.errors import LimitExceeded, UnreadableFile

_UNSAFE = re.compile(r"[^\w.() -]+", re.ASCII)
_ENDINGS = (".csv", ".tsv", ".txt", ".tab", ".parquet", ".xlsx", ".json", ".xes")
_MOST = 100  # files in one archive
_CHUNK = 1 << 20


def safe_name(name: str) -> str:
    """A name that is one file's in one folder, whatever was sent.

    >>> safe_name("../etc/passwd"), safe_name("C:\\\\Temp\\\\orders.csv"), safe_name("\\u202e.csv")
    ('passwd', 'orders.csv', 'file.csv')
    """
    last = re.split(r"[/\\]", name)[-1]
    plain = _UNSAFE.sub("", last).strip().rstrip(" .")
    if not plain or plain.startswith("."):  # in other letters: the ending says what the file is
        plain = f"file.{plain.strip(' .')}"
    stem, dot, ending = plain.rpartition(".")
    if not dot:
        stem, ending = plain, ""
    if stem.upper() in ("CON", "PRN", "AUX", "NUL"):
        stem = f"file-{stem}"
    return f"{stem[:80]}.{ending[:10]}" if ending else stem[:80]


def ready(files: tuple[File, ...], folder: Path, limits: Limits) -> list[Path]:
    """The files to read, in ``folder``; archives give the tables they hold.

    UnreadableFile: nothing to read inside; LimitExceeded: too much of it.
    """
    found: list[Path] = []
    for number, file in enumerate(files):
        place = folder / str(number)
        place.mkdir(parents=True)
        target = place / safe_name(file.name)
        os.symlink(Path(file.path).resolve(), target)
        head = _head(target)
        if head.startswith(b"PK\x03\x04") and not is_workbook(target):
            found += _unzipped(target, place / "inside", limits)
        elif _is_xes(target, head):
            found.append(_event_log(target, place, limits))
        else:
            found.append(target)
    return found


def is_event_log(paths: list[Path]) -> bool:
    """Whether what is to be read came from XES."""
    return any(path.name.endswith(".xes.parquet") for path in paths)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(512)


def _is_xes(path: Path, head: bytes) -> bool:
    if head.startswith(b"\x1f\x8b"):
        return ".xes" in path.name.lower()
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return path.name.lower().endswith((".xes", ".xml")) or start.startswith((b"<?xml", b"<log"))


def _event_log(path: Path, place: Path, limits: Limits) -> Path:
    target = place / f"{path.name.split('.')[0]}.xes.parquet"
    read_xes(path, target, limits=limits)
    return target


def _unzipped(path: Path, place: Path, limits: Limits) -> list[Path]:
    """Every readable file of an archive, under generated names where its own repeat."""
    place.mkdir()
    with opened_zip(path) as archive:
        members = [one for one in archive.infolist() if _readable(one)]
        if not members:
            raise UnreadableFile(f"{path.name}: no table inside ({', '.join(_ENDINGS)})")
        if len(members) > _MOST:
            raise LimitExceeded(f"{path.name}: {len(members)} files inside; the limit is {_MOST}")
        total = 0
        found = []
        for number, member in enumerate(members):
            target = place / safe_name(member.filename)
            if target.exists():
                target = place / f"{number}-{target.name}"
            total = _copied(archive, member, target, total, path, limits)
            found.append(target)
    return sorted(found)


def _readable(member: zipfile.ZipInfo) -> bool:
    link = (member.external_attr >> 16) & 0o170000 == 0o120000
    name = member.filename
    hidden = name.startswith("__MACOSX/") or Path(name).name.startswith(".")
    return not (member.is_dir() or link or hidden) and name.lower().endswith(_ENDINGS)


def _copied(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    target: Path,
    total: int,
    path: Path,
    limits: Limits,
) -> int:
    packed = max(path.stat().st_size, 1)
    with archive.open(member) as source, target.open("wb") as out:
        while chunk := source.read(_CHUNK):
            total += len(chunk)
            check_unpacked(path.name, total, packed, limits)
            out.write(chunk)
    return total
