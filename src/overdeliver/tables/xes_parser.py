"""XES as a stream of traces: an expat parser that refuses every document type declaration."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from xml.parsers import expat

from overdeliver.tables.cases import Reject
from overdeliver.tables.limits import Limits, check_columns, check_rows, refuse, size
from overdeliver.vocabulary.errors import UnreadableFile

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DEEPEST = 64  # a log, its traces, events and attributes need 4; attributes of attributes some more
_SHOWN = 200
_FLUSH = 50_000

NAME, TIME = "concept:name", "time:timestamp"
RESOURCE, TRANSITION = "org:resource", "lifecycle:transition"
_WANTED = frozenset({NAME, TIME, RESOURCE, TRANSITION})


class Event(NamedTuple):
    """One event as it is stored; ``at`` is microseconds since 1970 UTC."""

    activity: str
    at: int
    resource: str | None
    transition: str | None


@dataclass
class Trace:
    """The attributes of a trace, as text, and its events so far."""

    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    written: bool = False  # some of its events are gone already


class XesParser:
    """Feed bytes; ``write`` gets each trace with its events, ``reject`` each event that is no use.

    Rules of reading: element names with or without a namespace prefix; attributes of attributes are
    passed over; a moment without an offset is UTC; an event needs ``concept:name`` and a readable
    ``time:timestamp``, a trace needs ``concept:name``; of a key given twice with different values,
    in an event or as the name of a trace, neither is believed.
    """

    def __init__(
        self,
        name: str,
        write: Callable[[Trace], None],
        reject: Callable[[Reject], None],
        limits: Limits,
    ) -> None:
        self._name, self._write, self._reject, self._limits = name, write, reject, limits
        self._depth = self.read = self._fed = 0
        self._trace: Trace | None = None
        self._event: dict[str, str] | None = None
        self._fault: Reject | None = None
        self._at: int | None = None
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._forbid
        self._parser.EntityDeclHandler = self._forbid
        self._parser.ExternalEntityRefHandler = self._forbid

    def parse(self, chunks: Iterable[bytes]) -> None:
        """Read the whole document. Raises UnreadableFile or LimitExceeded; nothing else."""
        try:
            for chunk in chunks:
                self._fed += len(chunk)
                self._parser.Parse(chunk, False)
                self._check_token()
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            reason = expat.errors.messages.get(error.code, str(error.code))
            raise UnreadableFile(
                f"{self._name}, line {error.lineno}: not well-formed XML ({reason})"
            ) from error
        except (LookupError, ValueError) as error:  # an encoding Python or expat does not know
            raise UnreadableFile(f"{self._name}: not readable as XML ({error})") from error

    def _check_token(self) -> None:
        """Bytes that expat holds back are one tag, comment or text still growing."""
        growing = self._fed - max(self._parser.CurrentByteIndex, 0)
        if growing > 2 * self._limits.field_bytes:
            self._too_large(growing)

    def _too_large(self, length: int) -> None:
        where = f"{self._name}, line {self._parser.CurrentLineNumber}"
        refuse(where, f"a value of {size(length)}", size(self._limits.field_bytes))

    def _forbid(self, *_: Any) -> int:
        raise UnreadableFile(
            f"{self._name}, line {self._parser.CurrentLineNumber}: holds a document type "
            "declaration or an entity; XES needs none, so such files are not read; remove it"
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        depth = self._depth
        if depth == 4 and self._event is not None:
            self._event_attribute(attributes)
        elif depth == 3 and self._trace is not None:
            if _local(name) == "event":
                self._event, self._fault, self._at = {}, None, None
            else:
                self._trace_attribute(self._trace, attributes)
        elif depth == 2:
            self._start_in_log(_local(name))
        elif depth == 1 and _local(name) != "log":
            raise UnreadableFile(f"{self._name}: not XES, its first element is <{name[:40]}>")
        elif depth > _DEEPEST:
            refuse(self._name, f"elements inside one another {depth} deep", f"{_DEEPEST} levels")

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._depth == 2 and self._event is not None:
            self._end_event(self._event)
        elif self._depth == 1 and self._trace is not None:
            self._end_trace(self._trace)

    def _start_in_log(self, local: str) -> None:
        if local == "trace":
            self._trace = Trace(self._parser.CurrentLineNumber)
        elif local == "event":
            self._count_event()
            self._reject(self._fault_at("", "", "an event outside a trace"))

    def _fault_at(self, column: str, value: str, reason: str) -> Reject:
        return Reject(self._parser.CurrentLineNumber, column, value[:_SHOWN], reason)

    def _pair(self, attributes: dict[str, str]) -> tuple[str, str] | None:
        key, value = attributes.get("key"), attributes.get("value")
        if key is None or value is None:
            return None  # a list, a container, or something that is no attribute
        if len(value) > self._limits.field_bytes:
            self._too_large(len(value))
        return key, value

    def _event_attribute(self, attributes: dict[str, str]) -> None:
        if attributes.get("key") not in _WANTED or (pair := self._pair(attributes)) is None:
            return
        key, value = pair
        event = self._event
        assert event is not None
        if event.setdefault(key, value) != value and self._fault is None:
            self._fault = self._fault_at(key, value, "given twice in one event")
        elif key == TIME:
            self._read_moment(value)

    def _trace_attribute(self, trace: Trace, attributes: dict[str, str]) -> None:
        if (pair := self._pair(attributes)) is None:
            return
        key, value = pair
        if trace.written:
            raise UnreadableFile(
                f"{self._name}, line {self._parser.CurrentLineNumber}: the attribute {key[:40]!r} "
                f"of a trace stands after {_FLUSH:,} of its events; move it before them"
            )
        known = trace.attributes.setdefault(key, value)
        if key == NAME and known != value:
            trace.attributes[key] = ""  # two names: neither is believed
        check_columns(self._name, len(trace.attributes), self._limits)

    def _count_event(self) -> None:
        self.read += 1
        check_rows(self._name, self.read, self._limits)

    def _end_event(self, event: dict[str, str]) -> None:
        self._event = None
        self._count_event()
        trace = self._trace
        assert trace is not None
        activity, at = event.get(NAME), self._at
        if self._fault is None and not activity:
            self._fault = self._fault_at(NAME, "", "the event has no name")
        if self._fault is not None or activity is None or at is None:
            self._reject(self._fault or self._fault_at(TIME, "", "the event has no time"))
            return
        trace.events.append(Event(activity, at, event.get(RESOURCE), event.get(TRANSITION)))
        if len(trace.events) >= _FLUSH:
            self._hand_over(trace)
            trace.written = True

    def _read_moment(self, text: str) -> None:
        try:
            self._at = microseconds(text)
        except (ValueError, OverflowError):
            self._fault = self._fault or self._fault_at(TIME, text, "not a date and time")

    def _end_trace(self, trace: Trace) -> None:
        self._trace = None
        if trace.events:
            self._hand_over(trace)

    def _hand_over(self, trace: Trace) -> None:
        if trace.attributes.get(NAME):
            self._write(trace)
        else:
            fault = Reject(trace.line, f"case:{NAME}", "", "the trace has no name, or two")
            for _ in trace.events:
                self._reject(fault)
        trace.events = []


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def microseconds(text: str) -> int:
    """An ISO 8601 moment as microseconds since 1970 UTC. Raises ValueError.

    >>> microseconds("1970-01-01T01:00:00.000+01:00"), microseconds("1970-01-01T00:00:01")
    (0, 1000000)
    """
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND
