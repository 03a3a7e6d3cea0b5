"""A learned model as one file: numbers and words only, with a manifest that vouches for them.

The file is a zip archive of ``manifest.json`` (format, program, moment, kind, schema, metrics, the
SHA-256 of each member), ``state.json`` and one ``.npy`` per array. Loading reads JSON and plain
arrays, never objects, so it cannot run code; the training data is not in it.
"""

import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from overdeliver.learn.artefact_parts import (
    LIMITS,
    Limits,
    digest,
    join,
    overall,
    parse,
    read_parts,
    split,
    text_of,
)
from overdeliver.vocabulary.errors import InputError

FORMAT = 1
_FIELDS = {"format", "program", "created", "kind", "schema", "metrics", "members"}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # no clock inside the members: equal state, equal bytes


@dataclass(frozen=True)
class Artefact:
    """What was saved. ``hash`` is a SHA-256 over the members: equal contents, equal hash."""

    kind: str
    state: Mapping[str, Any]
    schema: Mapping[str, Any]
    metrics: Mapping[str, Any]
    created: datetime
    program: str
    hash: str


def save(
    path: str | os.PathLike[str],
    state: Mapping[str, Any],
    *,
    kind: str,
    schema: Mapping[str, Any],
    metrics: Mapping[str, Any],
) -> None:
    """Write an artefact, whole or not at all.

    ``state`` nests dicts (text keys), lists, JSON values and numpy arrays of numbers, booleans,
    moments or fixed-width texts; ``schema`` (feature names and kinds) and ``metrics`` hold JSON
    values only. Raises InputError for anything else, and where the file cannot be written.

    >>> import tempfile, numpy as np
    >>> file = Path(tempfile.mkdtemp()) / "promise.od"
    >>> save(file, {"edges": np.array([1.0, 2.5]), "level": 0.9}, kind="promise",
    ...     schema={"weight": "number"}, metrics={"kept": 0.91})
    >>> found = load(file)
    >>> found.kind, found.state["edges"].tolist(), found.metrics["kept"]
    ('promise', [1.0, 2.5], 0.91)
    """
    target = Path(path)
    members = split(state)
    manifest = {
        "format": FORMAT,
        "program": _program(),
        "created": datetime.now(UTC).isoformat(),
        "kind": kind,
        "schema": schema,
        "metrics": metrics,
        "members": {name: digest(content) for name, content in members.items()},
    }
    try:
        _write(target, {"manifest.json": text_of(manifest, "the manifest"), **members})
    except OSError as error:
        raise InputError(f"{target}: the artefact cannot be written ({error.strerror})") from None


def load(path: str | os.PathLike[str], *, limits: Limits = LIMITS) -> Artefact:
    """Read an artefact that ``save`` wrote and check every byte of it.

    Raises InputError in one line where the file is missing, cut short, changed, written by a later
    version, too large, or no artefact at all. A hash guards against accidents and careless
    changes; who may publish an artefact is for the caller to decide.
    """
    where = Path(path)
    members = read_parts(where, limits)
    manifest = _manifest(where, members)
    for name, said in manifest["members"].items():
        if name not in members or digest(members[name]) != said:
            raise InputError(f"{where}: the artefact was changed or damaged ({name})")
    state = join(where, {name: members[name] for name in manifest["members"]})
    return Artefact(
        kind=manifest["kind"],
        state=state,
        schema=manifest["schema"],
        metrics=manifest["metrics"],
        created=_moment(where, manifest["created"]),
        program=manifest["program"],
        hash=overall(manifest),
    )


def _manifest(where: Path, members: Mapping[str, bytes]) -> dict[str, Any]:
    found = parse(where, "manifest.json", members["manifest.json"])
    if not isinstance(found, dict) or "format" not in found:
        raise InputError(f"{where}: this is no artefact of overdeliver (its manifest says nothing)")
    if found["format"] != FORMAT:
        raise InputError(
            f"{where}: the artefact has format {found['format']!r:.20}, this program reads"
            f" {FORMAT}; update overdeliver or learn again"
        )
    words = ("program", "created", "kind")
    tables = ("schema", "metrics", "members")
    whole = (
        set(found) == _FIELDS
        and all(isinstance(found[name], str) for name in words)
        and all(isinstance(found[name], dict) for name in tables)
    )
    if not whole or {*found["members"], "manifest.json"} != set(members):
        raise InputError(f"{where}: the artefact was changed or damaged (manifest.json)")
    return found


def _moment(where: Path, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InputError(f"{where}: the artefact was changed or damaged (its moment of creation)")
    return found


def _write(target: Path, members: Mapping[str, bytes]) -> None:
    """Into a file beside the target, flushed to the disk, then renamed over it."""
    with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        beside = Path(file.name)
        try:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, content in members.items():
                    archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
            file.flush()
            os.fsync(file.fileno())
            os.chmod(beside, 0o644)
            os.replace(beside, target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    _settle(target.parent)


def _settle(folder: Path) -> None:
    """Flush the folder's entry too, where the system allows it."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def _program() -> str:
    try:
        return f"overdeliver {version('overdeliver')}"
    except PackageNotFoundError:
        return "overdeliver (not installed)"
