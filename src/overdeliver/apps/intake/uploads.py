"""Uploaded files on disk: under names nobody can guess, below the folder of uploads."""

import hashlib
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from django.conf import settings

from overdeliver.apps.intake.reading.task import File
from overdeliver.vocabulary.errors import InputError, LimitExceeded

MOST_FILES = 30
_MB = 1_000_000


class Sent(Protocol):
    """A file as it comes in: Django's upload, or one of the command line."""

    @property
    def name(self) -> str | None:
        """The name it came with."""

    def chunks(self) -> Iterable[bytes]:
        """Its bytes, piece by piece."""


class OnDisk:
    """A file that lies on this machine already."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, piece by piece."""
        with self.path.open("rb") as file:
            while piece := file.read(1 << 20):
                yield piece


def keep(sent: Iterable[Sent]) -> tuple[str, list[dict[str, object]]]:
    """Store files in a new folder; returns its name and each file's name, path, size and sha256.

    InputError: no file, an empty file, too many; LimitExceeded: larger than the knob allows.
    Nothing is left behind then.
    """
    folder = secrets.token_urlsafe(16).replace("-", "x")
    place = root() / folder
    place.mkdir(parents=True, mode=0o700)
    try:
        return folder, list(_kept(sent, place))
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def digest(files: Iterable[dict[str, object]]) -> str:
    """One sum of several files, whatever their order."""
    sums = sorted(str(one["sha256"]) for one in files)
    return sums[0] if len(sums) == 1 else hashlib.sha256("".join(sums).encode()).hexdigest()


def folder_of(reference: str) -> Path:
    """Where an upload's files and results lie."""
    return root() / reference


def files_of(files: Iterable[dict[str, object]]) -> tuple[File, ...]:
    """The files as the reading process wants them."""
    return tuple(File(str(root() / str(one["path"])), str(one["name"])) for one in files)


def forget(reference: str) -> None:
    """Remove an upload's folder; a second time changes nothing."""
    shutil.rmtree(folder_of(reference), ignore_errors=True)


def root() -> Path:
    """The folder of uploads, made if it is missing."""
    place = Path(settings.UPLOADS)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def _kept(sent: Iterable[Sent], place: Path) -> Iterator[dict[str, object]]:
    most = settings.KNOBS["import_size"] * _MB
    number, total = 0, 0
    for number, file in enumerate(sent, start=1):
        if number > MOST_FILES:
            raise LimitExceeded(f"more than {MOST_FILES} files at once; zip them or send fewer")
        name = (file.name or "file")[-200:]
        sum_, size = hashlib.sha256(), 0
        target = place / f"{number}.bin"
        with target.open("xb") as out:
            for piece in file.chunks():
                size += len(piece)
                if total + size > most:
                    raise LimitExceeded(
                        f"{name}: more than {settings.KNOBS['import_size']} MB; split it"
                    )
                sum_.update(piece)
                out.write(piece)
        if not size:
            raise InputError(f"{name}: the file is empty")
        total += size
        path = f"{place.name}/{target.name}"
        yield {"name": name, "path": path, "size": size, "sha256": sum_.hexdigest()}
    if not number:
        raise InputError("choose a file first")
