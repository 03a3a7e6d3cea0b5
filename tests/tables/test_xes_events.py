"""Opening an event log: which columns, which reader, what was left out."""

import gzip
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from overdeliver.tables.events import Events, open_events
from overdeliver.vocabulary.errors import InputError, MissingField, UnreadableFile

CSV = "order_id,event,timestamp\n7,placed,2026-07-01 09:00\n7,sent,2026-07-02 09:30\n"
XES = (
    '<log><trace><string key="concept:name" value="7"/><event>'
    '<string key="concept:name" value="placed"/>'
    '<date key="time:timestamp" value="2026-07-01T09:00:00Z"/></event><event/></trace></log>'
)


def opened(tmp_path: Path, name: str, content: str | bytes, **columns: str) -> Events:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_events(path, tmp_path, **columns)


def rows(events: Events) -> list[tuple[str, str, datetime]]:
    columns = [events.case, events.activity, events.at]
    found = events.table.select(columns).to_pyarrow().to_pylist()
    return [tuple(row[column] for column in columns) for row in found]


def test_text_is_read_as_moments(tmp_path: Path) -> None:
    events = opened(tmp_path, "log.csv", CSV)
    assert events.file is None
    assert rows(events) == [
        ("7", "placed", datetime(2026, 7, 1, 9)),
        ("7", "sent", datetime(2026, 7, 2, 9, 30)),
    ]


def test_moments_with_an_offset_are_utc(tmp_path: Path) -> None:
    zoned = CSV.replace("09:00", "09:00:00+02:00").replace("09:30", "09:30:00+00:00")
    events = opened(tmp_path, "log.csv", zoned)
    assert [at for *_, at in rows(events)] == [datetime(2026, 7, 1, 7), datetime(2026, 7, 2, 9, 30)]


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz", "log.txt"])
def test_xes_is_known_by_its_bytes(tmp_path: Path, name: str) -> None:
    content = gzip.compress(XES.encode()) if name.endswith(".gz") else XES
    events = opened(tmp_path, name, content)
    assert (events.case, events.activity) == ("case:concept:name", "concept:name")
    assert events.intake is not None
    assert (events.intake.read, events.intake.rejected) == (2, 1)
    assert events.file is not None and pq.read_table(events.file).num_rows == 1


def test_typed_parquet_is_left_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    moment = pa.array([datetime(2026, 7, 1)], pa.timestamp("us"))
    pq.write_table(pa.table({"who": [7], "Activity": ["a"], "at": moment}), path)
    events = open_events(path, tmp_path, case="who")
    assert events.file == path
    assert (events.case, events.activity, events.at) == ("who", "Activity", "at")
    pq.write_table(pa.table({"case": [7], "event": ["a"], "at": ["2026-07-01"]}), path)
    assert open_events(path, tmp_path).file is None
    folder = tmp_path / "parts"
    folder.mkdir()
    pq.write_table(pa.table({"case": [7], "event": ["a"], "at": moment}), folder / "0.parquet")
    assert rows(open_events(folder, tmp_path)) == [(7, "a", datetime(2026, 7, 1))]


def test_columns_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(MissingField, match=r"no column 'who'; it has: order_id, event, timestamp"):
        opened(tmp_path, "log.csv", CSV, case="who")
    with pytest.raises(MissingField, match="name it with --activity"):
        opened(tmp_path, "log.csv", CSV.replace("event", "what"))


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no such file"):
        open_events(tmp_path / "none.csv", tmp_path)
    with pytest.raises(InputError):
        opened(tmp_path, "page.html", "<html><body>no log</body></html>")
