"""The report as files: whole or not at all, never half."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from overdeliver.vocabulary.errors import InputError


def json_text(report: Mapping[str, Any]) -> str:
    """The report as JSON text, one key a line; ValueError for a number that JSON does not know."""
    return json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def write_json(report: Mapping[str, Any], path: str | Path) -> None:
    """Write the report as JSON; InputError where it cannot be written."""
    _write(Path(path), json_text(report))


def write_html(report: Mapping[str, Any], path: str | Path, language: str = "en") -> None:
    """Write the report as a page; InputError where it cannot be written or for another language."""
    from overdeliver.audit.page.render import render  # templates are loaded for a page alone

    _write(Path(path), render(report, language))


def check_writable(path: str | Path) -> None:
    """Raise InputError before the work begins when the file could not be written at its end."""
    target = Path(path)
    folder = target.parent
    if target.is_dir():
        raise InputError(f"{path}: is a folder; name the file to write")
    if not folder.is_dir():
        raise InputError(f"{path}: the folder {folder} does not exist")
    if not os.access(folder, os.W_OK) or (target.exists() and not os.access(target, os.W_OK)):
        raise InputError(f"{path}: cannot be written (permission denied)")


def _write(target: Path, text: str) -> None:
    """Write beside the target and rename, so that a reader sees the old file or the new one."""
    check_writable(target)
    if target.exists() and not target.is_file():  # a pipe or a device has no old state to keep
        target.write_text(text, encoding="utf-8")
        return
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=target.parent, prefix=f".{target.name}.", delete=False
        ) as file:
            temporary = Path(file.name)
            file.write(text)
        temporary.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        temporary.replace(target)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise InputError(f"{target}: cannot be written ({error.strerror})") from error


def _umask() -> int:
    """The permissions new files are made without; it can only be read by setting it."""
    now = os.umask(0)
    os.umask(now)
    return now
