"""How large an input may be before it is refused, and the refusals."""

from dataclasses import dataclass
from typing import NoReturn

from overdeliver.vocabulary.errors import LimitExceeded

_MB = 1_000_000
_UNITS = ((1_000_000_000, "GB"), (_MB, "MB"), (1_000, "kB"))

#: Below this an archive's ratio says nothing: a short file of blanks packs 1,000:1 too.
RATIO_COUNTS_FROM = 10 * _MB


@dataclass(frozen=True)
class Limits:
    """The most that is read; the defaults hold for a laptop. Sizes are bytes.

    >>> Limits(rows=1000).rows
    1000
    """

    parquet_bytes: int = 2_000 * _MB
    text_bytes: int = 1_000 * _MB
    unpacked_bytes: int = 1_000 * _MB
    ratio: int = 100
    columns: int = 512
    field_bytes: int = 1 * _MB
    rows: int = 20_000_000


def size(count: float) -> str:
    """Bytes as people say them.

    >>> size(1_000_000_000), size(755_000), size(12)
    ('1 GB', '755 kB', '12 bytes')
    """
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.4g} {name}"
    return f"{count:.0f} bytes"


def refuse(where: str, what: str, limit: str) -> NoReturn:
    """Raise LimitExceeded in the one shape all limits share."""
    raise LimitExceeded(f"{where}: {what}; the limit is {limit}")


def check_size(where: str, count: int, limit: int) -> None:
    """Raise LimitExceeded when a file is larger than ``limit`` bytes."""
    if count > limit:
        refuse(where, f"{size(count)} is too large", size(limit))


def check_columns(where: str, count: int, limits: Limits) -> None:
    """Raise LimitExceeded when a table is wider than the limit."""
    if count > limits.columns:
        refuse(where, f"{count:,} columns are too many", f"{limits.columns:,} columns")


def check_rows(where: str, count: int, limits: Limits) -> None:
    """Raise LimitExceeded when a table is longer than the limit."""
    if count > limits.rows:
        refuse(where, f"more than {limits.rows:,} rows", f"{limits.rows:,} rows")


def check_unpacked(where: str, unpacked: int, packed: int, limits: Limits) -> None:
    """Raise LimitExceeded when an archive grows beyond the size or the ratio allowed."""
    check_size(f"{where} (unpacked)", unpacked, limits.unpacked_bytes)
    if unpacked > RATIO_COUNTS_FROM and unpacked > packed * limits.ratio:
        refuse(
            where,
            f"{size(packed)} unpack to {size(unpacked)} or more, as an archive bomb does",
            f"{limits.ratio}:1",
        )
