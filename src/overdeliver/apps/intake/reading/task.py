"""What the child process is asked, and under which limits."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from overdeliver.tables.limits import Limits

if TYPE_CHECKING:
    from overdeliver.tables.draft import Options

MB = 1_000_000


@dataclass(frozen=True)
class File:
    """One uploaded file: where it lies, and what it was called."""

    path: str
    name: str


@dataclass(frozen=True)
class Task:
    """One step of reading: ``look`` (what is in there) or ``check`` (every row judged).

    ``settings``: kind, mapping (field -> column), exact (nothing is mapped but that), extras
    (service, team, customer_name, customer_email, customer_phone -> column), lever, unit, zone,
    date_order, encoding, delimiter, classes, rules (shipping method -> [number, unit]).
    """

    step: str
    files: tuple[File, ...]
    settings: Mapping[str, Any]
    folder: str  # where results go
    digest: str  # of the files: names rows that have no number of their own
    memory_mb: int = 2048
    seconds: int = 600
    size_mb: int = 512
    limits: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """A task from its JSON."""
        files = tuple(File(**one) for one in data["files"])
        return cls(**{**data, "files": files})

    def data(self) -> dict[str, Any]:
        """The task as JSON."""
        return asdict(self)

    @property
    def out(self) -> Path:
        """The folder for results."""
        return Path(self.folder)

    def table_limits(self) -> Limits:
        """How large what is read may be."""
        most = self.size_mb * MB
        wanted = {
            "parquet_bytes": most,
            "text_bytes": 2 * most,
            "unpacked_bytes": 2 * most,
            "rows": 5_000_000,
        }
        return Limits(**{**wanted, **self.limits})


def options_of(settings: Mapping[str, Any], **more: Any) -> "Options":
    """The library's options for a file with these settings."""
    from overdeliver.tables.draft import Options  # loads what reads tables: not at every start

    rules = {name: (float(n), unit) for name, (n, unit) in (settings.get("rules") or {}).items()}
    stated = {} if settings.get("exact") else dict(settings.get("mapping") or {})
    return Options(
        mapping=stated,
        lever=settings.get("lever") or None,
        unit=settings.get("unit") or None,
        promise_rules=rules or None,
        zone=settings.get("zone") or "UTC",
        date_order=settings.get("date_order") or None,
        encoding=settings.get("encoding") or None,
        delimiter=settings.get("delimiter") or None,
        classes=tuple(settings.get("classes") or ()),
        **more,
    )
