"""How a text table is written: its delimiter, its quotes, its line ends, where its names stand."""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from overdeliver.tables.encodings import NUL
from overdeliver.tables.limits import Limits, check_columns, refuse, size
from overdeliver.vocabulary.errors import InputError, UnreadableFile

#: Tried in this order; the later ones turn up inside values more often.
DELIMITERS = ("\t", ";", "|", ",")

_SAMPLE = 1 << 18
_ROWS = 200
_CHUNK = 1 << 22
_SEP = re.compile(r"sep=(.)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """How to split a file. ``header_line`` counts from 1."""

    delimiter: str
    escapes: bool  # a quote inside quotes is written \" instead of ""
    header: tuple[str, ...]
    header_line: int


@dataclass(frozen=True)
class Physique:
    """What the bytes of a UTF-8 file look like, counted in one pass."""

    lines: int
    longest: int  # bytes of the longest line
    one_line_end: bool  # only LF, only CRLF or only CR
    spaced_quotes: bool  # blanks between a quote and its delimiter
    escapes: bool  # a backslash before a quote


def measure(path: Path, name: str, limits: Limits) -> Physique:
    """Count lines and look for what the fast reader would not read exactly.

    Raises UnreadableFile for a NUL byte, LimitExceeded for a line far beyond any field.
    """
    feeds = returns = pairs = longest = run = 0
    spaced = escapes = False
    last = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            _refuse_nul(name, chunk, max(feeds, returns))
            pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk.startswith(b"\n"))
            data = np.frombuffer(chunk, np.uint8)
            ends = np.flatnonzero((data == 10) | (data == 13))
            inner = int(np.diff(ends).max()) if len(ends) > 1 else 0
            longest = max(longest, inner, run + (int(ends[0]) if len(ends) else len(chunk)))
            run = len(chunk) - int(ends[-1]) - 1 if len(ends) else run + len(chunk)
            _refuse_long(name, max(feeds, returns), max(longest, run), limits)
            feeds += chunk.count(b"\n")
            returns += chunk.count(b"\r")
            spaced = spaced or re.search(rb'[,;\t|] +"|" +[,;\t|\r\n]', chunk) is not None
            escapes = escapes or b'\\"' in chunk
            last = chunk[-1:]
    lines = max(feeds, returns) + (last not in (b"\n", b"\r", b""))
    uniform = pairs == feeds == returns or returns == 0 or feeds == 0
    return Physique(lines, max(longest, run), uniform, spaced, escapes)


def _refuse_nul(name: str, chunk: bytes, lines: int) -> None:
    at = chunk.find(b"\0")
    if at >= 0:
        line = lines + _line_ends(chunk[:at].decode("latin-1")) + 1
        raise UnreadableFile(f"{name} line {line}: {NUL}")


def _refuse_long(name: str, line: int, longest: int, limits: Limits) -> None:
    if longest > 8 * limits.field_bytes:
        refuse(
            f"{name} after line {line}",
            f"a line of {size(longest)} or more",
            f"{size(limits.field_bytes)} per field",
        )


def find_dialect(path: Path, name: str, asked: str | None, limits: Limits) -> Dialect:
    """Find the delimiter (or take the one ``asked`` for) and the line of names.

    Raises UnreadableFile for an empty file, InputError for a delimiter of several characters.
    """
    if asked is not None and len(asked) != 1:
        raise InputError(f"delimiter {asked!r}: one character expected, such as ';'")
    text = _sample(path, limits)
    if not text.strip():
        raise UnreadableFile(f"{name}: empty, not even column names")
    first, _, rest = text.partition("\n")
    skipped = 0
    if match := _SEP.match(first.strip("\r")):
        asked, text, skipped = asked or match[1], rest, 1
    blank = len(text) - len(text.lstrip("\r\n"))
    skipped += _line_ends(text[:blank])
    text = text[blank:]
    escapes = '\\"' in text
    delimiter, escapes = _best(text, (asked,) if asked else DELIMITERS, escapes)
    header = next(iter(_rows(text, delimiter, escapes)), [])
    check_columns(f"{name} line {skipped + 1}", len(header), limits)
    return Dialect(delimiter, escapes, tuple(header), skipped + 1)


def _sample(path: Path, limits: Limits) -> str:
    with path.open("rb") as file:
        data = file.read(_SAMPLE)
        if len(data) == _SAMPLE:
            if not re.search(rb"[\r\n]", data):
                data += file.readline(8 * limits.field_bytes)
            cut = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
            data = data[:cut] if cut else data
    return data.decode("utf-8", errors="ignore")


def _line_ends(text: str) -> int:
    return text.count("\n") or text.count("\r")


def _rows(text: str, delimiter: str, escapes: bool) -> list[list[str]]:
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        doublequote=not escapes,
        escapechar="\\" if escapes else None,
        skipinitialspace=delimiter != "\t",
    )
    rows: list[list[str]] = []
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) > _ROWS:
                break
    except csv.Error:  # a field over the csv module's limit: judge by what came before
        pass
    return rows


def _best(text: str, delimiters: tuple[str, ...], escapes: bool) -> tuple[str, bool]:
    """The way of splitting under which most rows are as wide as the names."""
    ways = [(d, e) for d in delimiters for e in ((False, True) if escapes else (False,))]
    scores = [_score(_rows(text, delimiter, escaped)) for delimiter, escaped in ways]
    best = max(range(len(ways)), key=lambda i: scores[i])
    if scores[best] > 0 or len(delimiters) == 1:
        return ways[best]
    return ",", False


def _score(rows: list[list[str]]) -> float:
    """The share of rows as wide as the first; 0 for a single column."""
    if not rows or len(rows[0]) < 2:
        return 0.0
    width = len(rows[0])
    widths = Counter(len(row) for row in rows)
    # Rows with blank fields behind the last name count as well: a habit of spreadsheets.
    loose = sum(1 for row in rows if len(row) > width and not any(row[width:]))
    share = (widths[width] + loose) / len(rows)
    return round(share, 2)
