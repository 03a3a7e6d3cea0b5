"""Which letters the bytes of a text file stand for: certain, or a question; never a guess.

A byte-order mark or strictly valid UTF-8 settles it. Otherwise the single-byte encodings of the
languages served are tried; those that would give text no language writes are dropped (undefined
bytes, control characters, drawing signs inside words, scripts mixed inside words, capitals after
small letters, words of accented letters only). When all that remain read the same text, it is
taken; when they differ, UnreadableFile shows each reading and asks for ``--encoding``.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from overdeliver.vocabulary.errors import InputError, UnreadableFile

#: The single-byte encodings tried when a file is not UTF-8.
CANDIDATES = (
    "cp1251",
    "kz1048",
    "cp1252",
    "cp1250",
    "iso8859_16",
    "koi8_r",
    "cp866",
    "ptcp154",
)

#: What a NUL byte says about a file.
NUL = "a NUL byte; this is not a text file (or is damaged)"

_CHUNK = 1 << 22
_SAMPLE_LINES = 5_000
_SAMPLE_BYTES = 2_000_000
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORD = re.compile(r"[^\s\d!-/:-@\[-`{-~]+")


@dataclass(frozen=True)
class _Reading:
    encoding: str
    letters: dict[int, str]  # each high byte used, as this encoding reads it


def find_encoding(path: Path, asked: str | None = None) -> str:
    """The encoding of a text file, as a Python codec name.

    Raises InputError for an ``asked`` encoding Python does not know, UnreadableFile when the bytes
    allow several readings that differ, or none.
    """
    if asked is not None:
        return _known(asked)
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    wide = _wide_without_mark(head)
    if wide is None and head.count(0):
        raise UnreadableFile(f"{path.name} line {head[: head.index(0)].count(10) + 1}: {NUL}")
    return wide or _utf8_or_single_byte(path)


def _known(asked: str) -> str:
    try:
        return codecs.lookup(asked).name
    except LookupError:
        raise InputError(
            f"encoding {asked!r} is not known; try utf-8, cp1251, kz1048 or cp1252"
        ) from None


def _wide_without_mark(head: bytes) -> str | None:
    """UTF-16 without a mark shows as NUL in every second byte of plain letters."""
    half = len(head) // 2
    for encoding, blanks in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if half > 4 and blanks.count(0) > 0.4 * half and head.count(0) == blanks.count(0):
            return encoding
    return None


def _utf8_or_single_byte(path: Path) -> str:
    first_bad = _first_undecodable(path, "utf-8")
    if first_bad is None:
        return "utf-8"
    used, sample = _high_bytes(path)
    _refuse_broken_utf8(path, sample, first_bad)
    readings = _plausible(used, sample)
    if not readings:
        line, byte = first_bad
        raise UnreadableFile(
            f"{path.name} line {line}: byte 0x{byte:02X} is not UTF-8 and no known encoding gives "
            "readable text; save the file as UTF-8 or name its encoding with --encoding"
        )
    if all(reading.letters == readings[0].letters for reading in readings):
        return readings[0].encoding
    raise UnreadableFile(_question(path.name, sample, readings))


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _first_undecodable(path: Path, encoding: str) -> tuple[int, int] | None:
    """Line (from 1) and value of the first byte ``encoding`` cannot read; None when it can all."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines = 1
    for chunk in _chunks(path):
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as error:
            # error.object holds the bytes kept from the last chunk, then this one.
            bad = error.object[error.start]
            return lines + _line_ends(error.object[: error.start], encoding), bad
        lines += _text_line_ends(text)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return lines, error.object[error.start]
    return None


def _line_ends(data: bytes, encoding: str) -> int:
    return _text_line_ends(data.decode(encoding, errors="replace"))


def _text_line_ends(text: str) -> int:
    return text.count("\n") or text.count("\r")


def _high_bytes(path: Path) -> tuple[frozenset[int], list[tuple[int, bytes]]]:
    """The bytes above 127 the file uses, and the first lines that have some, numbered from 1."""
    used: set[int] = set()
    high = bytes(range(128, 256))
    low = bytes(range(128))
    for chunk in _chunks(path):
        used.update(set(chunk.translate(None, low)))
    sample: list[tuple[int, bytes]] = []
    size = 0
    for number, line in enumerate(_byte_lines(path), start=1):
        if line.translate(None, high) != line:
            sample.append((number, line))
            size += len(line)
        if len(sample) >= _SAMPLE_LINES or size > _SAMPLE_BYTES:
            break
    return frozenset(used), sample


def _byte_lines(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while line := file.readline(1_000_000):
            yield from line.rstrip(b"\r\n").split(b"\r")


def _refuse_broken_utf8(path: Path, sample: list[tuple[int, bytes]], bad: tuple[int, int]) -> None:
    """A file that is UTF-8 but for a few bytes is damaged or glued together: none fits it."""
    text = b"\n".join(line for _, line in sample).decode("utf-8", errors="replace")
    foreign = sum(1 for c in text if ord(c) > 127)
    broken = text.count("\ufffd")
    if foreign >= 2 and broken <= foreign * 0.34:
        raise UnreadableFile(
            f"{path.name} line {bad[0]}: byte 0x{bad[1]:02X} is not UTF-8 although other lines "
            "are; the file mixes encodings: repair that line, or name one for all with --encoding"
        )


def _plausible(used: frozenset[int], sample: list[tuple[int, bytes]]) -> list[_Reading]:
    found = []
    for encoding in CANDIDATES:
        letters = _letters(used, encoding)
        if letters is None:
            continue
        words = [
            word
            for _, line in sample
            for word in _WORD.findall(line.decode(encoding, errors="replace"))
            if not word.isascii()
        ]
        if not any(_mostly(test, words) for test in _IMPOSSIBLE):
            found.append(_Reading(encoding, letters))
    return found


def _letters(used: frozenset[int], encoding: str) -> dict[int, str] | None:
    """How the encoding reads each byte; None when it leaves one undefined or as a control sign."""
    letters: dict[int, str] = {}
    for byte in used:
        try:
            letter = bytes([byte]).decode(encoding)
        except UnicodeDecodeError:
            return None
        if unicodedata.category(letter) in ("Cc", "Cn", "Co"):
            return None
        letters[byte] = letter
    return letters


def _mostly(test: Callable[[str], bool], words: list[str]) -> bool:
    return bool(words) and 2 * sum(map(test, words)) > len(words)


def _mixes_scripts(word: str) -> bool:
    scripts = {"cyrillic" if "\u0400" <= c <= "\u052f" else "latin" for c in word if c.isalpha()}
    return len(scripts) > 1


def _has_signs_inside(word: str) -> bool:
    """A drawing or currency sign between or before letters, as a wrong code page gives."""
    inside = word[:-1] if len(word) > 1 else ""
    return any(unicodedata.category(c) in ("So", "Sk", "Sc", "Sm", "No") for c in inside) and any(
        c.isalpha() for c in word
    )


def _small_then_capital(word: str) -> bool:
    return any(a.islower() and b.isupper() for a, b in pairwise(word) if b.isalpha())


def _accents_only(word: str) -> bool:
    letters = [c for c in word if c.isalpha()]
    latin = [c for c in letters if ord(c) > 127 and not "\u0400" <= c <= "\u052f"]
    return len(letters) >= 3 and len(latin) == len(letters)


_IMPOSSIBLE: tuple[Callable[[str], bool], ...] = (
    _mixes_scripts,
    _has_signs_inside,
    _small_then_capital,
    _accents_only,
)


def _question(name: str, sample: list[tuple[int, bytes]], readings: list[_Reading]) -> str:
    """The readings that differ, each by the first words it reads differently."""
    groups: dict[str, _Reading] = {}
    line, where = _first_difference(sample, readings)
    for reading in readings:
        snippet = where.decode(reading.encoding, errors="replace").strip()
        groups.setdefault(snippet, reading)
    shown = ", ".join(f"{r.encoding} \u201c{text}\u201d" for text, r in groups.items())
    first = next(iter(groups.values())).encoding
    return (
        f"{name} line {line}: not UTF-8, and its letters can be read as {shown}; "
        f"say which is right, for example --encoding {first}"
    )


def _first_difference(
    sample: list[tuple[int, bytes]], readings: list[_Reading]
) -> tuple[int, bytes]:
    """The line where most readings part, and up to 40 bytes around that place."""
    best: tuple[int, int, bytes] = (0, sample[0][0], sample[0][1][:40])
    for number, line in sample:
        for match in re.finditer(rb"[\x80-\xff]", line):
            byte = match.group()[0]
            different = len({reading.letters[byte] for reading in readings})
            if different > best[0]:
                start = max(0, match.start() - 20)
                best = (different, number, line[start : match.start() + 20])
    return best[1], best[2]


def decode_to_utf8(path: Path, target: Path, encoding: str) -> None:
    """Write ``path`` again as plain UTF-8 without a mark, streaming.

    Raises UnreadableFile with line and byte when ``encoding`` cannot read it.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with target.open("wb") as out:
            for chunk in _chunks(path):
                out.write(decoder.decode(chunk).encode("utf-8"))
            out.write(decoder.decode(b"", final=True).encode("utf-8"))
    except UnicodeError:
        line, byte = _first_undecodable(path, encoding) or (1, 0)
        raise UnreadableFile(
            f"{path.name} line {line}: byte 0x{byte:02X} cannot be read as {encoding}; "
            "give another --encoding"
        ) from None
