"""Reading XES event logs (IEEE 1849) of any length into a Parquet file, without trusting them."""

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from overdeliver.tables.cases import Intake, Reject
from overdeliver.tables.limits import Limits, check_size, check_unpacked
from overdeliver.tables.packed import temporary_folder
from overdeliver.tables.xes_parser import NAME, RESOURCE, TIME, TRANSITION, Trace, XesParser
from overdeliver.vocabulary.errors import UnreadableFile

CASE = f"case:{NAME}"
_CHUNK = 1 << 16
_BLOCK = 50_000
_SAMPLE = 20
_GZIP = b"\x1f\x8b"
_DEFAULT = Limits()
_FIXED = [
    pa.field(CASE, pa.string()),
    pa.field(NAME, pa.string()),
    pa.field(TIME, pa.timestamp("us", "UTC")),
    pa.field(RESOURCE, pa.string()),
    pa.field(TRANSITION, pa.string()),
]


@dataclass(frozen=True)
class EventLog:
    """An event log as Parquet: where it lies, what was read, how many traces had usable events."""

    path: Path
    intake: Intake
    cases: int
    attributes: tuple[str, ...]  # columns of the trace, ``case:...``, all text


def read_xes(source: Path, target: Path, *, limits: Limits = _DEFAULT) -> EventLog:
    """Read an ``.xes`` or ``.xes.gz`` file into the Parquet file ``target``.

    Columns: ``case:concept:name``, ``concept:name``, ``time:timestamp`` (UTC), ``org:resource``,
    ``lifecycle:transition`` and every other attribute of the traces as text, prefixed ``case:``.
    Events keep the order of the file. It is read as a stream: memory does not grow with its length.

    Nothing but ``source`` is ever opened: a document type declaration, and with it every entity,
    ends the reading at once. Events without a name or a readable time are rejected by line.

    Raises UnreadableFile when it is not XES, LimitExceeded when it is larger than ``limits``.
    """
    with temporary_folder() as folder:
        parts = _Parts(folder)
        try:
            with source.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                parser = XesParser(source.name, parts.add, parts.reject, limits)
                parser.parse(_unpacked(_chunks(file), source.name, size, limits))
        except OSError as error:
            raise UnreadableFile(f"{source}: cannot be opened ({error.strerror})") from error
        schema = parts.finish(target)
    intake = Intake(parser.read, parts.used, parts.rejected, sample=tuple(parts.sample))
    assert intake.read == intake.used + intake.rejected
    return EventLog(target, intake, parts.cases, tuple(schema.names[len(_FIXED) :]))


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _unpacked(chunks: Iterator[bytes], name: str, size: int, limits: Limits) -> Iterator[bytes]:
    """The chunks themselves, or what they unpack to when the file is gzip, counted on the way."""
    first = next(chunks, b"")
    if not first.startswith(_GZIP):
        check_size(name, size, limits.text_bytes)
        yield first
        yield from chunks
        return
    written = 0
    try:
        for chunk in _inflate(first, chunks):
            written += len(chunk)
            check_unpacked(name, written, size, limits)
            yield chunk
    except zlib.error as error:
        raise UnreadableFile(f"{name}: broken .gz file ({error})") from error


def _inflate(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack in pieces of bounded size, whatever the ratio; members one after the other too."""
    unpacker = zlib.decompressobj(wbits=31)
    pending = first
    while pending or (pending := next(rest, b"")):
        if unpacker.eof:
            unpacker = zlib.decompressobj(wbits=31)
        yield unpacker.decompress(pending, _CHUNK)
        pending = unpacker.unconsumed_tail or unpacker.unused_data
    if not unpacker.eof:
        raise zlib.error("it ends in the middle")


class _Parts:
    """Events on their way to Parquet: blocks of rows, a new part whenever an attribute is new."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: list[Path] = []
        self._writer: pq.ParquetWriter | None = None
        self._schema = pa.schema(_FIXED)
        self._rows: list[list[Any]] = [[] for _ in _FIXED]
        self._columns: dict[str, list[str | None]] = {}
        self.sample: list[Reject] = []
        self.used = self.rejected = self.cases = 0

    def reject(self, fault: Reject) -> None:
        """Count an event that is no use, and keep the first few."""
        self.rejected += 1
        if len(self.sample) < _SAMPLE:
            self.sample.append(fault)

    def add(self, trace: Trace) -> None:
        """Keep the events of a trace."""
        events, name = trace.events, trace.attributes[NAME]
        self.cases += not trace.written
        before = len(self._rows[0])
        self._rows[0] += [name] * len(events)
        for column, values in zip(self._rows[1:], zip(*events, strict=True), strict=True):
            column += values
        for key, value in trace.attributes.items():
            if key != NAME:
                column = self._columns.setdefault(f"case:{key}", [])
                column += [None] * (before - len(column))
                column += [value] * len(events)
        self.used += len(events)
        if before + len(events) >= _BLOCK:
            self._flush()

    def _flush(self) -> None:
        rows = len(self._rows[0])
        new = [name for name in self._columns if name not in self._schema.names]
        if new or self._writer is None:
            self._open([*self._schema, *(pa.field(name, pa.string()) for name in new)])
        for column in self._columns.values():
            column += [None] * (rows - len(column))
        absent: list[None] = [None] * rows
        columns = [*self._rows, *(self._columns.get(name, absent) for name in self._extra)]
        arrays = [pa.array(v, kind) for v, kind in zip(columns, self._schema.types, strict=True)]
        assert self._writer is not None
        self._writer.write_table(pa.table(arrays, schema=self._schema))
        self._rows, self._columns = [[] for _ in _FIXED], {}

    @property
    def _extra(self) -> list[str]:
        names: list[str] = self._schema.names[len(_FIXED) :]
        return names

    def _open(self, fields: list[pa.Field]) -> None:
        if self._writer is not None:
            self._writer.close()
        self._schema = pa.schema(fields)
        self._paths.append(self._folder / f"{len(self._paths)}.parquet")
        self._writer = pq.ParquetWriter(self._paths[-1], self._schema)

    def finish(self, target: Path) -> pa.Schema:
        """Write all parts as one file with the columns of the last, the widest."""
        if self._rows[0] or self._writer is None:
            self._flush()
        assert self._writer is not None
        self._writer.close()
        draft = target.with_name(f"{target.name}.part")
        with pq.ParquetWriter(draft, self._schema) as writer:
            for path in self._paths:
                for batch in pq.ParquetFile(path).iter_batches():
                    writer.write_batch(_widened(batch, self._schema))
        draft.replace(target)
        return self._schema


def _widened(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    absent = schema.names[batch.num_columns :]
    nothing = pa.nulls(batch.num_rows, pa.string())
    return pa.record_batch([*batch.columns, *(nothing for _ in absent)], schema=schema)
