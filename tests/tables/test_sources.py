"""Files and frames of every kind become the same table, with the line of every row."""

import csv
import gzip
import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import ibis
import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overdeliver.tables import csv_source
from overdeliver.tables.connect import connect
from overdeliver.tables.sources import Limits, Source, open_source
from overdeliver.vocabulary.errors import InputError, LimitExceeded, UnreadableFile

Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Write bytes or text to a file and return its path."""

    def write(content: bytes | str, name: str = "orders.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def rows(source: Source) -> list[tuple[Any, ...]]:
    """All rows as tuples, by line."""
    return [tuple(row.values()) for row in source.table.order_by("line").to_pyarrow().to_pylist()]


def bad(source: Source) -> list[tuple[int, str]]:
    """Line and reason of every row that could not be split."""
    found = source.bad_rows.order_by("line").to_pyarrow().to_pylist()
    return [(row["line"], row["reason"]) for row in found]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(save: Save, sign: str, end: str) -> None:
    text = end.join(sign.join(row) for row in [("id", "day"), ("a", "1,5" if sign != "," else "1")])
    source = open_source(save(text))
    assert source.table.columns == ("line", "id", "day")
    assert rows(source) == [(2, "a", "1,5" if sign != "," else "1")]
    assert (source.is_text, source.rows_read, source.rows_bad) == (True, 1, 0)


def test_decimal_commas_do_not_make_columns(save: Save) -> None:
    source = open_source(save("a;b;c\n1,5;2,5;3,5\n4,5;5,5;6,5\n"))
    assert rows(source)[1] == (3, "4,5", "5,5", "6,5")


def test_sep_line_names_the_delimiter(save: Save) -> None:
    source = open_source(save("sep=;\na;b\n1,2;3\n"))
    assert rows(source) == [(3, "1,2", "3")]


def test_the_delimiter_asked_for_wins(save: Save) -> None:
    assert rows(open_source(save("a,b;c\n1,2;3\n"), delimiter=";")) == [(2, "1,2", "3")]
    with pytest.raises(InputError, match="one character"):
        open_source(save("a,b\n1,2\n"), delimiter=";;")


def test_lines_are_those_of_the_file(save: Save) -> None:
    source = open_source(save('a,b\n\n1,"two\nlines"\n3,4\n\n\n5,6'))
    assert rows(source) == [(3, "1", "two\nlines"), (5, "3", "4"), (8, "5", "6")]


def test_mixed_line_ends(save: Save) -> None:
    assert [row[0] for row in rows(open_source(save("a,b\n1,2\r\n3,4\r5,6\n")))] == [2, 3, 4]


def test_quotes_doubled_and_escaped(save: Save) -> None:
    assert rows(open_source(save('a,b\n"x ""y"", z",1\n'))) == [(2, 'x "y", z', "1")]
    assert rows(open_source(save('a,b\n"x \\"y\\", z",1\n"p",2\n')))[0] == (2, 'x "y", z', "1")
    assert rows(open_source(save('a,b\n5" pipe,1\n'))) == [(2, '5" pipe', "1")]


def test_blanks_around_quotes(save: Save) -> None:
    assert rows(open_source(save('a, b\n1, "x, y"\n'))) == [(2, "1", "x, y")]


def test_rows_that_cannot_be_split_are_named(save: Save) -> None:
    source = open_source(save("a,b\n1,2\n1,2,3\n9\n5,6\n"))
    assert [row[0] for row in rows(source)] == [2, 5]
    assert (source.rows_read, source.rows_bad) == (4, 2)
    assert bad(source) == [
        (3, "too many fields: 3 where the header has 2"),
        (4, "too few fields: 1 where the header has 2"),
    ]


def test_trailing_delimiters_lose_nothing(save: Save) -> None:
    assert rows(open_source(save("a,b\n1,2,,\n3,4\n"))) == [(2, "1", "2"), (3, "3", "4")]


def test_broken_quotes_cost_only_their_own_rows(save: Save) -> None:
    source = open_source(save('a,b\n1,2\n"x,1\ny,2\n"ok",3\nz,4\n'))
    assert [row[1] for row in rows(source)] == ["1", "y", "ok", "z"]
    assert bad(source) == [(4, "broken quotes")] or bad(source) == [(3, "broken quotes")]


def test_a_quote_never_closed_costs_one_row(save: Save) -> None:
    source = open_source(save('a,b\n1,2\n3,"4\n5,6\n'))
    assert [row[0] for row in rows(source)] == [2, 4]
    assert bad(source) == [(3, "broken quotes")]


def test_stray_quotes_inside_do_not_leak_halves_of_a_row(save: Save) -> None:
    source = open_source(save('a,b\n"he said "no" and\nleft",3\n1,2\n'))
    assert rows(source) == [(4, "1", "2")]
    assert source.rows_read == 3


def test_names_doubled_empty_and_reserved(save: Save) -> None:
    source = open_source(save("id,ID,,line\n1,2,3,4\n"))
    assert source.table.columns == ("line", "id", "ID_2", "column_3", "line_2")
    assert [notice.code for notice in source.notices] == ["columns_renamed"]


def test_one_column(save: Save) -> None:
    assert rows(open_source(save("email\na@b.c\n\nd@e.f\n"))) == [(2, "a@b.c"), (4, "d@e.f")]


def test_blank_values_are_null(save: Save) -> None:
    assert rows(open_source(save('a,b\n"",1\n,2\nNULL,3\n'))) == [
        (2, None, "1"),
        (3, None, "2"),
        (4, "NULL", "3"),
    ]


def test_packed_text(save: Save, tmp_path: Path) -> None:
    plain = b"a,b\n1,2\n"
    with zipfile.ZipFile(tmp_path / "o.zip", "w") as archive:
        archive.writestr("inner.csv", plain)
        archive.writestr("__MACOSX/inner.csv", b"x")
    for path in (save(gzip.compress(plain), "orders.csv.gz"), tmp_path / "o.zip"):
        source = open_source(path)
        assert rows(source) == [(2, "1", "2")]
        assert source.name == path.name


def test_odd_file_names(save: Save) -> None:
    for name in ("it's [1]*.csv", "Заказы қазақша.csv"):
        path = save("a,b\n1,2\n", name)
        assert rows(open_source(str(path))) == [(2, "1", "2")]


def test_parquet_is_lazy_and_numbered(tmp_path: Path) -> None:
    path = tmp_path / "a[1].parquet"
    pq.write_table(pa.table({"a": [5, 6], "when": [datetime(2026, 1, 2), None]}), path)
    source = open_source(path)
    assert not source.is_text
    assert rows(source) == [(1, 5, datetime(2026, 1, 2)), (2, 6, None)]


def test_a_folder_of_parquet_counts_on(tmp_path: Path) -> None:
    for number in range(3):
        pq.write_table(pa.table({"a": [number] * (number + 1)}), tmp_path / f"{number}.parquet")
    assert rows(open_source(tmp_path)) == [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2), (6, 2)]


def test_a_column_named_as_the_engine_names_its_own(tmp_path: Path) -> None:
    pq.write_table(pa.table({"file_row_number": [7, 8]}), tmp_path / "a.parquet")
    assert rows(open_source(tmp_path / "a.parquet")) == [(1, 7), (2, 8)]


def test_workbook_cells_keep_their_exact_text(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Orders of July"],
        [],
        ["id", "at", "day", "amount", "sum", "gift", "took"],
        [
            1e12,
            datetime(2026, 7, 3, 11, 2),
            date(2026, 7, 3),
            -12.5,
            "=1+1",
            True,
            timedelta(hours=30),
        ],
        [],
        ["x", None, None, 1e-7, None, None, None],
    ):
        sheet.append(row)
    book.create_sheet("other").append(["a"])
    book.save(tmp_path / "a.xlsx")
    source = open_source(tmp_path / "a.xlsx")
    assert rows(source) == [
        (
            4,
            "1000000000000",
            "2026-07-03 11:02:00",
            "2026-07-03",
            "-12.5",
            None,
            "true",
            "30:00:00",
        ),
        (6, "x", None, None, "0.0000001", None, None, None),
    ]
    assert [notice.code for notice in source.notices] == ["sheet_chosen"]
    with pytest.raises(InputError, match="no sheet 'none'; it has Sheet, other"):
        open_source(tmp_path / "a.xlsx", sheet="none")
    with pytest.raises(UnreadableFile, match="no rows"):
        open_source(tmp_path / "a.xlsx", sheet=2)


def test_workbook_cells_beyond_the_names(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["a", "b"], [1, 2], [3, 4, 5]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    source = open_source(tmp_path / "a.xlsx", sheet="Sheet")
    assert (rows(source), bad(source)) == ([(2, "1", "2")], [(3, "cells beyond the named columns")])


def test_a_workbook_with_nothing_in_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.save(tmp_path / "empty.xlsx")
    with pytest.raises(UnreadableFile, match="no sheet holds anything"):
        open_source(tmp_path / "empty.xlsx")
    with pytest.raises(UnreadableFile, match="the sheet is empty"):
        open_source(tmp_path / "empty.xlsx", sheet=1)


def test_the_visible_sheet_is_read_before_a_hidden_one(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["secret"])
    book.active.sheet_state = "hidden"
    for row in (["a"], ["x"], [None], ["t" * 200]):
        shown = book["shown"] if "shown" in book.sheetnames else book.create_sheet("shown")
        shown.append(row)
    book.save(tmp_path / "a.xlsx")
    assert [row[1] for row in rows(open_source(tmp_path / "a.xlsx"))] == ["x", "t" * 200]
    with pytest.raises(LimitExceeded, match=r"row 4.*a cell is too long"):
        open_source(tmp_path / "a.xlsx", limits=Limits(field_bytes=100))


FRAMES: dict[str, Callable[[], Any]] = {
    "pandas": lambda: pd.DataFrame({"a": [1.5, None], "s": ["x", None]}, index=[7, 9]),
    "polars": lambda: pl.DataFrame({"a": [1.5, None], "s": ["x", None]}),
    "polars lazy": lambda: pl.LazyFrame({"a": [1.5, None], "s": ["x", None]}),
    "arrow": lambda: pa.table({"a": [1.5, None], "s": ["x", None]}),
    "arrow dictionary": lambda: pa.table(
        {"a": [1.5, None], "s": pa.array(["x", None]).dictionary_encode()}
    ),
    "arrow stream": lambda: pa.table({"a": [1.5, None], "s": ["x", None]}).to_reader(),
    "duckdb": lambda: duckdb.sql("SELECT * FROM (VALUES (1.5::DOUBLE, 'x'), (NULL, NULL)) t(a, s)"),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_frames(kind: str) -> None:
    source = open_source(FRAMES[kind]())
    assert rows(source) == [(1, 1.5, "x"), (2, None, None)]
    assert not source.is_text


def test_odd_types_of_frames_are_read_too() -> None:
    odd = pa.table(
        {
            "none": pa.nulls(2),
            "half": pa.array([1.5, None], pa.float32()).cast(pa.float16()),
            "large": pa.array([Decimal("12.5"), None], pa.decimal256(40, 1)),
            "view": pa.array(["x", None], pa.string_view()),
        }
    )
    assert rows(open_source(odd)) == [(1, None, 1.5, "12.5", "x"), (2, None, None, None, None)]


def test_a_table_of_another_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = ibis.table({"a": "int64"}, name="t")
    postgres = SimpleNamespace(name="postgres")
    monkeypatch.setattr(type(elsewhere), "get_backend", lambda table: postgres)
    with pytest.raises(InputError, match=r"of postgres cannot be read here; give \.to_pyarrow"):
        open_source(elsewhere)


def test_ibis_tables_stay_in_their_engine() -> None:
    backend = ibis.duckdb.connect()
    backend.raw_sql("CREATE TABLE t AS SELECT 'x' AS a, 'y' AS line")
    source = open_source(backend.table("t"))
    assert source.backend is backend
    assert rows(source) == [(1, "x", "y")]
    assert source.is_text


def test_frames_that_cannot_be_read() -> None:
    for wrong in (5, [1, 2], {"a": [1]}):
        with pytest.raises(InputError, match="neither a path nor a data frame"):
            open_source(wrong)
    with pytest.raises(InputError, match="mixes kinds"):
        open_source(pd.DataFrame({"a": [1, "x"]}))


#: One connection for all examples: opening one takes longer than reading them.
BACKEND = connect()

field = st.text(st.sampled_from(list('ab1 ",;\n\r\t|#é')), max_size=6)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    table=st.lists(st.tuples(field, field, field), min_size=1, max_size=8),
    sign=st.sampled_from(",;|"),
)
def test_what_a_writer_wrote_is_read_back(
    tmp_path: Path, table: list[tuple[str, str, str]], sign: str
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=sign, lineterminator="\r\n")
    writer.writerows([("one", "two", "three"), *table])
    path = tmp_path / "a.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    source = open_source(path, delimiter=sign, connection=BACKEND)
    assert source.rows_read == len(table)
    kept = [tuple(v.strip() or None for v in row) for row in table]
    assert [tuple(v and (v.strip() or None) for v in row[1:]) for row in rows(source)] == kept


line = st.text(st.sampled_from(list('ab",;')), max_size=8)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=st.lists(line, min_size=1, max_size=12), end=st.sampled_from(["\n", "\r\n"]))
def test_no_line_is_lost(tmp_path: Path, lines: list[str], end: str) -> None:
    """Rows read are those kept plus those named, and every line is spoken for at most once."""
    path = tmp_path / "a.csv"
    path.write_text(end.join(["x,y", *lines]), encoding="utf-8", newline="")
    try:
        source = open_source(path, delimiter=",", connection=BACKEND)
    except UnreadableFile:
        return
    seen = [row[0] for row in rows(source)] + [number for number, _ in bad(source)]
    assert source.rows_read == len(seen) == len(set(seen))
    assert set(seen) <= set(range(2, len(lines) + 2))
    if not any('"' in text for text in lines):
        assert sorted(seen) == [i for i, text in enumerate(lines, start=2) if text]


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=st.lists(line, min_size=1, max_size=12))
def test_both_readers_agree(tmp_path: Path, lines: list[str]) -> None:
    """Where the fast reader takes a file, the careful one reads the same rows and lines."""
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["x,y", *lines]), encoding="utf-8", newline="")
    try:
        fast = rows(open_source(path, delimiter=",", connection=BACKEND))
    except UnreadableFile:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_source, "_read_fast", lambda *_: None)
        assert rows(open_source(path, delimiter=",", connection=BACKEND)) == fast
