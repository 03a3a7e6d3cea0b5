"""The report made plain, kept on an engine and written to a file."""

import json
import os
import stat
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overdeliver.audit.hold import held, moved
from overdeliver.audit.plain import plain
from overdeliver.audit.write import check_writable, json_text, write_html, write_json
from overdeliver.tables.cases import Cases
from overdeliver.tables.engines import Engine
from overdeliver.tables.load import load_cases
from overdeliver.vocabulary.errors import InputError

FULL = Path(__file__).parent / "examples" / "full.json"


def few(**more: Any) -> Cases:
    table = pa.table({"promised": [3.0, 3.0, 5.0], "actual": [2.0, 4.0, 5.0], **more})
    return load_cases(table, unit="days")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(7), 7),
        (np.float32(0.5), 0.5),
        (np.float64("nan"), None),
        (float("-inf"), None),
        (Decimal("1.50"), 1.5),
        (Decimal("NaN"), None),
        (Fraction(1, 4), 0.25),
        (True, True),
        (datetime(2018, 4, 1, 9, tzinfo=UTC), "2018-04-01T09:00:00+00:00"),
        (frozenset({3}), [3]),
        ({date(2018, 4, 1): None}, {"2018-04-01": None}),
        (Path("a"), "a"),
    ],
)
def test_values_become_what_json_knows(value: Any, expected: Any) -> None:
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
        max_leaves=12,
    )
)
def test_anything_made_plain_is_json_and_stays_as_it_is(value: Any) -> None:
    once = plain(value)
    assert json.loads(json.dumps(once, allow_nan=False)) == once
    assert plain(once) == once


def test_free_text_is_not_held_and_nothing_else_is_lost() -> None:
    cases = few(review=["good, thanks", "late again, no word", "fine as promised"])
    with_text = cases.table.mutate(text=ibis.literal("long story"))
    kept = held(Cases(**{**vars(cases), "table": with_text, "features": ("text",)}))
    assert "text" not in kept.table.columns and kept.features == ()
    assert kept.table.count().to_pyarrow().as_py() == 3


def test_held_cases_are_the_same_rows_in_a_table_of_their_own() -> None:
    cases = few()
    kept = held(cases)
    rows, before = (one.table.order_by("line").to_pyarrow() for one in (kept, cases))
    assert rows.to_pylist() == before.to_pylist()
    assert "ibis_audit" in kept.table.get_name()


def test_another_engine_caches_as_it_sees_fit() -> None:
    polars = pytest.importorskip("polars")
    cases = few()
    there = ibis.polars.connect()
    table = there.create_table("cases", polars.from_arrow(cases.table.to_pyarrow()))
    kept = held(Cases(**{**vars(cases), "table": table}))
    assert kept.table.count().to_pyarrow().as_py() == 3


def test_moved_cases_are_the_same_cases_while_the_block_lasts() -> None:
    cases = held(few())
    with moved(cases, Engine.DUCKDB) as there:
        assert there.table.count().to_pyarrow().as_py() == 3
        assert set(there.table.columns) == set(cases.table.columns)
        assert there.unit == cases.unit


def test_json_text_ends_its_last_line_and_keeps_letters() -> None:
    assert json_text({"city": "Қарағанды"}) == '{\n "city": "Қарағанды"\n}\n'


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_json({}, tmp_path / "a.json")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o640


def test_a_page_is_written_in_its_language(tmp_path: Path) -> None:
    write_html(json.loads(FULL.read_text(encoding="utf-8")), tmp_path / "a.html", "kk")
    assert 'lang="kk"' in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_a_folder_is_no_file_to_write(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder; name the file"):
        check_writable(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the folder .*none does not exist"):
        check_writable(tmp_path / "none" / "a.html")


@pytest.mark.parametrize("shut", ["folder", "file"])
def test_no_permission_is_told_before_the_work(
    shut: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.json"
    target.write_text("old")
    closed = tmp_path if shut == "folder" else target
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != closed)
    with pytest.raises(InputError, match="permission denied"):
        check_writable(target)


def test_a_disk_that_is_full_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.json"
    target.write_text("old")

    def full(self: Path, other: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InputError, match="No space left on device"):
        write_json({"x": 1}, target)
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_file_that_cannot_be_begun_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*args: Any, **options: Any) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refused)
    with pytest.raises(InputError, match="Read-only file system"):
        write_json({}, tmp_path / "a.json")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_json({"x": 1}, pipe)
        assert json.loads(os.read(reader, 100)) == {"x": 1}
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
