"""What the XES reader makes of a log: columns, moments, rejects, blocks."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overdeliver.tables import xes, xes_parser
from overdeliver.tables.limits import Limits
from overdeliver.tables.xes import EventLog, read_xes
from overdeliver.vocabulary.errors import InputError, LimitExceeded, UnreadableFile

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<log xmlns="http://www.xes-standard.org/">\n'


def attribute(key: str, value: str, kind: str = "string") -> str:
    return f'<{kind} key="{key}" value="{value}"/>\n'


def event(
    name: str | None = "placed", at: str | None = "2026-07-01T09:00:00Z", more: str = ""
) -> str:
    named = attribute("concept:name", name) if name is not None else ""
    timed = attribute("time:timestamp", at, "date") if at is not None else ""
    return f"<event>\n{named}{timed}{more}</event>\n"


def trace(name: str | None, *events: str, more: str = "") -> str:
    named = attribute("concept:name", name) if name is not None else ""
    return f"<trace>\n{named}{more}{''.join(events)}</trace>\n"


def log(*traces: str) -> str:
    return f"{HEAD}{''.join(traces)}</log>\n"


def read(tmp_path: Path, text: str | bytes, **limits: int) -> tuple[EventLog, list[dict[str, Any]]]:
    source = tmp_path / "log.xes"
    source.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = read_xes(source, tmp_path / "log.parquet", limits=Limits(**limits))
    return found, pq.read_table(found.path).to_pylist()


def test_an_event_becomes_a_row_with_the_attributes_of_its_trace(tmp_path: Path) -> None:
    more = attribute("org:resource", "Ana") + attribute("lifecycle:transition", "complete")
    channel = attribute("channel", "web") + attribute("pieces", "3", "int")
    found, rows = read(tmp_path, log(trace("7", event(more=more), more=channel)))
    assert rows == [
        {
            "case:concept:name": "7",
            "concept:name": "placed",
            "time:timestamp": datetime(2026, 7, 1, 9, tzinfo=UTC),
            "org:resource": "Ana",
            "lifecycle:transition": "complete",
            "case:channel": "web",
            "case:pieces": "3",
        }
    ]
    assert (found.cases, found.attributes) == (1, ("case:channel", "case:pieces"))
    assert (found.intake.read, found.intake.used, found.intake.rejected) == (1, 1, 0)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-07-01T11:00:00.000+02:00", datetime(2026, 7, 1, 9)),
        ("2026-07-01T09:00:00Z", datetime(2026, 7, 1, 9)),
        ("2026-07-01T09:00:00", datetime(2026, 7, 1, 9)),
        ("2026-07-01T09:00:00.123456789Z", datetime(2026, 7, 1, 9, 0, 0, 123456)),
        (" 1969-12-31T23:59:59.5-00:30", datetime(1970, 1, 1, 0, 29, 59, 500000)),
    ],
)
def test_moments_are_utc(tmp_path: Path, text: str, moment: datetime) -> None:
    _, rows = read(tmp_path, log(trace("1", event(at=text))))
    assert rows[0]["time:timestamp"] == moment.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("bad", "column", "value", "reason", "line"),
    [
        (event(at="2026-02-31T00:00:00Z"), "time:timestamp", "2026-02-31T00:00:00Z", "not a", 10),
        (event(at="yesterday"), "time:timestamp", "yesterday", "not a date", 10),
        (event(at=None), "time:timestamp", "", "no time", 10),
        (event(at=""), "time:timestamp", "", "not a date", 11),
        (event(name=None), "concept:name", "", "no name", 10),
        (event(name=""), "concept:name", "", "no name", 11),
        (event(more=attribute("concept:name", "sent")), "concept:name", "sent", "twice", 11),
    ],
)
def test_an_event_that_is_no_use_is_rejected_with_its_line(
    tmp_path: Path, bad: str, column: str, value: str, reason: str, line: int
) -> None:
    found, rows = read(tmp_path, log(trace("1", event(), bad, event("sent"))))
    assert [row["concept:name"] for row in rows] == ["placed", "sent"]
    (fault,) = found.intake.sample
    assert (fault.column, fault.value) == (column, value)
    assert reason in fault.reason
    assert abs(fault.line - line) <= 1
    assert (found.intake.read, found.intake.rejected) == (3, 1)


def test_a_trace_without_a_name_or_with_two_is_rejected_whole(tmp_path: Path) -> None:
    two = trace("2", event(), more=attribute("concept:name", "3"))
    found, rows = read(tmp_path, log(trace(None, event(), event()), two, trace("4", event())))
    assert [row["case:concept:name"] for row in rows] == ["4"]
    assert [fault.line for fault in found.intake.sample] == [3, 3, 13]
    assert (found.intake.read, found.intake.used, found.cases) == (4, 1, 1)


def test_the_same_value_twice_and_attributes_of_attributes_do_no_harm(tmp_path: Path) -> None:
    nested = '<string key="x" value="1"><string key="concept:name" value="inner"/></string>'
    again = attribute("concept:name", "placed")
    odd = '<list key="l"><values/></list><string value="no key"/>'
    found, rows = read(tmp_path, log(trace("1", event(more=nested + again), more=nested + odd)))
    assert (rows[0]["concept:name"], rows[0]["case:x"]) == ("placed", "1")
    assert found.attributes == ("case:x",)


def test_an_event_outside_a_trace_is_rejected(tmp_path: Path) -> None:
    found, rows = read(tmp_path, log(event(), trace("1", event())))
    assert len(rows) == 1
    assert found.intake.sample[0].reason == "an event outside a trace"


@pytest.mark.parametrize(
    "head",
    [
        '<x:log xmlns:x="http://www.xes-standard.org/">',
        '<x:log xmlns:x="http://somewhere.else/">',
        "<x:log>",
    ],
)
def test_any_namespace_or_none_is_tolerated(tmp_path: Path, head: str) -> None:
    body = log(trace("1", event())).removeprefix(HEAD)
    for name in ("log", "trace", "event", "string", "date"):
        body = body.replace(f"<{name}", f"<x:{name}").replace(f"</{name}", f"</x:{name}")
    assert len(read(tmp_path, f"{head}\n{body}")[1]) == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1", "windows-1251"])
def test_declared_encodings(tmp_path: Path, encoding: str) -> None:
    name = "Жалоба" if encoding != "iso-8859-1" else "Queixa não resolvida"
    declared = encoding.removesuffix("-sig").upper()
    text = log(trace("1", event(name))).replace("UTF-8", declared, 1)
    assert read(tmp_path, text.encode(encoding))[1][0]["concept:name"] == name


def test_gzip_in_one_member_or_several(tmp_path: Path) -> None:
    text = log(*(trace(str(n), event()) for n in range(500))).encode()
    half = len(text) // 2
    for packed in (gzip.compress(text), gzip.compress(text[:half]) + gzip.compress(text[half:])):
        assert len(read(tmp_path, packed)[1]) == 500
    with pytest.raises(UnreadableFile, match=r"broken \.gz"):
        read(tmp_path, gzip.compress(text)[:-20])
    with pytest.raises(UnreadableFile, match=r"broken \.gz"):
        read(tmp_path, b"\x1f\x8b not gzip at all")


def test_blocks_and_late_attributes_do_not_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xes, "_BLOCK", 3)
    traces = [trace(str(n), event(), event("sent"), more=attribute(f"a{n % 4}", str(n)))
              for n in range(9)]  # fmt: skip
    found, rows = read(tmp_path, log(*traces))
    assert found.attributes == ("case:a0", "case:a1", "case:a2", "case:a3")
    assert [row["case:concept:name"] for row in rows] == [str(n) for n in range(9) for _ in "ab"]
    for row in rows:
        number = int(row["case:concept:name"])
        held = {key: row[key] for key in found.attributes if row[key] is not None}
        assert held == {f"case:a{number % 4}": str(number)}


def test_a_trace_longer_than_memory_is_handed_over_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xes_parser, "_FLUSH", 4)
    found, rows = read(tmp_path, log(trace("1", *(event(f"s{n}") for n in range(10)))))
    assert [row["concept:name"] for row in rows] == [f"s{n}" for n in range(10)]
    assert found.cases == 1
    late = trace("1", *(event() for _ in range(5)), attribute("channel", "web"))
    with pytest.raises(UnreadableFile, match="'channel' of a trace stands after 4"):
        read(tmp_path, log(late))


def test_an_empty_log_gives_an_empty_table_with_its_columns(tmp_path: Path) -> None:
    found, rows = read(tmp_path, log(trace("1")))
    assert (rows, found.cases, found.intake.read) == ([], 0, 0)
    assert pq.read_schema(found.path).field("time:timestamp").type == pa.timestamp("us", "UTC")


@pytest.mark.parametrize("text", ["", "<log", "<html></html>", "case,activity\n1,a\n", "\x00\x01"])
def test_what_is_no_xes_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableFile, match=r"log\.xes"):
        read(tmp_path, text)
    assert [path.name for path in tmp_path.iterdir()] == ["log.xes"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="No such file"):
        read_xes(tmp_path / "none.xes", tmp_path / "out.parquet")


def test_limits_on_rows_columns_and_bytes(tmp_path: Path) -> None:
    text = log(
        trace("1", event(), event(), event(), more=attribute("a", "1") + attribute("b", "2"))
    )
    for limits in ({"rows": 2}, {"columns": 2}, {"text_bytes": 100}, {"field_bytes": 7}):
        with pytest.raises(LimitExceeded, match="the limit is"):
            read(tmp_path, text, **limits)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: log(text).encode()))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_bytes_are_read_or_refused_in_one_line(tmp_path: Path, data: bytes) -> None:
    try:
        found, rows = read(tmp_path, data)
    except InputError as refusal:
        assert "\n" not in str(refusal)
    else:
        assert found.intake.used == len(rows)
