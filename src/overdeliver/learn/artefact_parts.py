"""The inside of an artefact: state taken apart into members, and members trusted with nothing."""

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from overdeliver.vocabulary.errors import InputError, LimitExceeded

ARRAY = "__array__"
_PLAIN = "biufcmMUS"  # kinds of arrays that hold no objects
_MEMBER = re.compile(r"manifest\.json|state\.json|arrays/\d{1,6}\.npy")
DEPTH = 60


@dataclass(frozen=True)
class Limits:
    """The most an artefact may hold; sizes are bytes, unpacked."""

    unpacked: int = 2_000_000_000
    members: int = 10_000
    text: int = 64_000_000


LIMITS = Limits()


def split(state: Mapping[str, Any]) -> dict[str, bytes]:
    """``state.json`` and the arrays it points to. Raises InputError for what cannot be kept."""
    arrays: list[bytes] = []
    plain = _taken_apart(state, "state", arrays, 0)
    named = {f"arrays/{i}.npy": content for i, content in enumerate(arrays)}
    return {"state.json": text_of(plain, "the state"), **named}


def join(where: Path, members: Mapping[str, bytes]) -> dict[str, Any]:
    """The state of its members."""
    arrays = {
        name: _array(where, name, content)
        for name, content in members.items()
        if name.endswith(".npy")
    }
    if "state.json" not in members:
        raise InputError(f"{where}: the artefact was changed or damaged (state.json)")
    found = _put_together(where, parse(where, "state.json", members["state.json"]), arrays)
    if not isinstance(found, dict):
        raise InputError(f"{where}: the artefact was changed or damaged (state.json)")
    return found


def text_of(value: Any, what: str) -> bytes:
    """Canonical JSON in UTF-8. Infinite and missing numbers are kept as Python writes them."""
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"artefact: {what} holds what cannot be kept ({error})") from None


def parse(where: Path, name: str, content: bytes) -> Any:
    """JSON, or InputError."""
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise InputError(f"{where}: the artefact was changed or damaged ({name})") from None


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def overall(manifest: Mapping[str, Any]) -> str:
    """One hash for what was learned (kind, schema, metrics, members), whenever it was saved."""
    said = {name: manifest[name] for name in ("format", "kind", "schema", "metrics", "members")}
    return digest(text_of(said, "the manifest"))


def read_parts(where: Path, limits: Limits) -> dict[str, bytes]:
    """The members of an archive, each with an expected name and within the limits."""
    try:
        with zipfile.ZipFile(where) as archive:
            _check_listing(where, archive, limits)
            return {info.filename: _read(where, archive, info) for info in archive.infolist()}
    except FileNotFoundError:
        raise InputError(f"{where}: there is no such file") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise InputError(f"{where}: this is no artefact, or it was cut short or damaged") from None
    except OSError as error:
        raise InputError(f"{where}: the artefact cannot be read ({error.strerror})") from None


def _check_listing(where: Path, archive: zipfile.ZipFile, limits: Limits) -> None:
    listed = archive.infolist()
    names = [info.filename for info in listed]
    if len(listed) > limits.members:
        raise LimitExceeded(f"{where}: {len(listed):,} members; the limit is {limits.members:,}")
    strange = [name for name in names if not _MEMBER.fullmatch(name)]
    if strange or len(set(names)) != len(names) or "manifest.json" not in names:
        raise InputError(f"{where}: this is no artefact of overdeliver (its members are not ours)")
    total = sum(info.file_size for info in listed)
    texts = max(info.file_size for info in listed if info.filename.endswith(".json"))
    if total > limits.unpacked or texts > limits.text:
        raise LimitExceeded(
            f"{where}: {total:,} bytes unpacked; the limit is {limits.unpacked:,}"
            f" ({limits.text:,} for a text)"
        )


def _read(where: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """No more bytes than the listing said: a member that goes on is a bomb."""
    with archive.open(info) as member:
        content = member.read(info.file_size + 1)
    if len(content) != info.file_size:
        raise InputError(f"{where}: the artefact was changed or damaged ({info.filename})")
    return content


def _taken_apart(value: Any, at: str, arrays: list[bytes], depth: int) -> Any:
    if depth > DEPTH:
        raise InputError(f"artefact: {at} is nested deeper than {DEPTH}")
    if isinstance(value, np.ndarray):
        arrays.append(_bytes_of(value, at))
        return {ARRAY: len(arrays) - 1}
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str) or name == ARRAY:
                raise InputError(f"artefact: {at} has the key {name!r}; keys are other texts")
        return {k: _taken_apart(v, f"{at}.{k}", arrays, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_taken_apart(v, f"{at}[{i}]", arrays, depth + 1) for i, v in enumerate(value)]
    if value is None or type(value) in (bool, int, float, str):
        return value
    raise InputError(f"artefact: {at} is a {type(value).__name__}, which cannot be kept")


def _bytes_of(array: NDArray[Any], at: str) -> bytes:
    if array.dtype.kind not in _PLAIN:
        raise InputError(f"artefact: {at} is an array of {array.dtype}, which cannot be kept")
    buffer = io.BytesIO()
    npy.write_array(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _array(where: Path, name: str, content: bytes) -> NDArray[Any]:
    """A plain array that fills its member exactly: no objects, no promised gigabytes."""
    buffer = io.BytesIO(content)
    try:
        major, _ = npy.read_magic(buffer)
        header = npy.read_array_header_1_0 if major == 1 else npy.read_array_header_2_0
        shape, _, dtype = header(buffer)
        size = dtype.itemsize
        for length in shape:
            size *= length
        whole = min(shape, default=0) >= 0 and size == len(content) - buffer.tell()
        if dtype.kind in _PLAIN and whole:
            buffer.seek(0)
            found: NDArray[Any] = npy.read_array(buffer, allow_pickle=False)
            return found
    except (ValueError, TypeError, SyntaxError, EOFError, MemoryError):
        pass
    raise InputError(f"{where}: the artefact was changed or damaged ({name})")


def _put_together(where: Path, value: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    if isinstance(value, list):
        return [_put_together(where, one, arrays) for one in value]
    if not isinstance(value, dict):
        return value
    if ARRAY not in value:
        return {name: _put_together(where, one, arrays) for name, one in value.items()}
    name = f"arrays/{value[ARRAY]}.npy"
    if name not in arrays:
        raise InputError(f"{where}: the artefact was changed or damaged ({name:.40})")
    return arrays[name]
