"""What the caller names as source (path, folder, several paths, frame) as a list of items."""

from pathlib import Path
from typing import Any

from overdeliver.vocabulary.errors import InputError

_ENDINGS = (
    ".parquet",
    ".csv",
    ".tsv",
    ".txt",
    ".xlsx",
    ".json",
    ".ndjson",
    ".jsonl",
    ".gz",
    ".zip",
)


def files_of(source: Any) -> list[Any]:
    """The files or frames a source names, in order: a folder's readable files, a list's items.

    InputError: a path that is not there, a folder without a readable file, an empty list.
    """
    if isinstance(source, list | tuple):
        if not source:
            raise InputError("no file was given")
        return [item for part in source for item in files_of(part)]
    if not isinstance(source, str | Path):
        return [source]
    path = Path(source)
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder")
    if not path.is_dir():
        return [path]
    found = sorted(p for p in path.iterdir() if p.suffix.lower() in _ENDINGS and p.is_file())
    if not found:
        raise InputError(f"{path}: the folder holds no readable file ({', '.join(_ENDINGS)})")
    return list(found)
