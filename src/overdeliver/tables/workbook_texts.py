"""How much text a workbook's cells hold once its shared texts are repeated in each of them."""

import re
import zipfile
from collections.abc import Iterator

from overdeliver.tables.limits import Limits, check_size, refuse, size

_CHUNK = 1 << 20
_USE = re.compile(rb't="s"[^>]*>\s*<v>(\d{1,9})</v>')


def check_shared_texts(archive: zipfile.ZipFile, name: str, limits: Limits) -> None:
    """Raise LimitExceeded when the cells' texts are larger than an archive may unpack to.

    A workbook keeps each text once and points to it from the cells, but a reader copies it into
    every cell: a short file can so fill the memory.
    """
    parts = archive.namelist()
    shared = [part for part in parts if part.casefold().endswith("sharedstrings.xml")]
    lengths = [length for part in shared for length in _lengths(archive, part, name, limits)]
    total = 0
    for part in parts:
        if lengths and "worksheets/" in part.casefold():
            for piece in _pieces(archive, part, b"</c>", name, limits):
                for use in _USE.findall(piece):
                    total += lengths[int(use)] if int(use) < len(lengths) else 0
                check_size(f"{name} (its texts repeated)", total, limits.unpacked_bytes)


def _lengths(archive: zipfile.ZipFile, part: str, name: str, limits: Limits) -> Iterator[int]:
    for piece in _pieces(archive, part, b"</si>", name, limits):
        yield from (len(text) for text in piece.split(b"</si>")[:-1])


def _pieces(
    archive: zipfile.ZipFile, part: str, end: bytes, name: str, limits: Limits
) -> Iterator[bytes]:
    """A part in pieces that end after a closing tag."""
    rest = b""
    with archive.open(part) as member:
        while chunk := member.read(_CHUNK):
            rest += chunk
            cut = rest.rfind(end) + len(end)
            if cut >= len(end):
                yield rest[:cut]
                rest = rest[cut:]
            if len(rest) > 8 * limits.field_bytes + _CHUNK:
                refuse(name, "a cell is too long", f"{size(limits.field_bytes)} per field")
