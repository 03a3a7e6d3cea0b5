"""What happens to files and calls that come in."""

from dataclasses import dataclass

from overdeliver.apps.journal.events import Event


@dataclass(frozen=True, kw_only=True)
class HistoryBroughtIn(Event):
    """Past orders were written into the ledger (``import:REFERENCE``)."""

    orders: int


@dataclass(frozen=True, kw_only=True)
class FileUploaded(Event):
    """Somebody handed a file in (``import:REFERENCE``)."""

    size: int


@dataclass(frozen=True, kw_only=True)
class ImportFinished(Event):
    """A file's rows are stored or reported: rows = stored + known + joined + rejected."""

    rows: int
    stored: int
    known: int
    joined: int
    rejected: int


@dataclass(frozen=True, kw_only=True)
class ImportFailed(Event):
    """A file could not be read or stored."""

    step: str


@dataclass(frozen=True, kw_only=True)
class ImportUndone(Event):
    """What an import brought was taken back."""

    orders: int


@dataclass(frozen=True, kw_only=True)
class SourceAdded(Event):
    """A system may call us (``source:SLUG``)."""

    kind: str


@dataclass(frozen=True, kw_only=True)
class SourceChanged(Event):
    """How a source's calls are read, or whether they are taken."""

    change: str


@dataclass(frozen=True, kw_only=True)
class CallGivenUp(Event):
    """A call could not be understood after several tries (``source:SLUG``)."""

    topic: str


@dataclass(frozen=True, kw_only=True)
class CallsForgotten(Event):
    """What calls said was blanked when its time was over (``policy:retention``)."""

    calls: int


@dataclass(frozen=True, kw_only=True)
class FilesForgotten(Event):
    """Files of imports were removed when their time was over (``policy:retention``)."""

    imports: int
