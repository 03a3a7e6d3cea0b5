"""Files meant to harm, or merely broken: one clear line each, quickly, never a traceback."""

import gzip
import io
import os
import random
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from overdeliver.tables.limits import Limits
from overdeliver.tables.sources import open_source
from overdeliver.vocabulary.errors import LimitExceeded, UnreadableFile

SECONDS = 5.0


def zipped(**members: bytes) -> bytes:
    """A zip archive as bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(".".join(name.rsplit("_", 1)), content)
    return packed.getvalue()


def workbook() -> bytes:
    """A small healthy workbook."""
    book, packed = openpyxl.Workbook(), io.BytesIO()
    for row in (["a", "b"], [1, 2]):
        book.active.append(row)
    book.save(packed)
    return packed.getvalue()


def grown_workbook() -> bytes:
    """A workbook with one part that unpacks to 300 MB."""
    packed = io.BytesIO(workbook())
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b"<c></c>" * 45_000_000)
    return packed.getvalue()


def lying_zip() -> bytes:
    """An archive whose directory claims 10 bytes for a part of 20 MB."""
    packed = bytearray(zipped(a_csv=b"a,b\n" + b"1,2\n" * 5_000_000))
    at = packed.rindex(b"PK\x01\x02")
    packed[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(packed)


def bytes_of(seed: int, count: int) -> bytes:
    """Random bytes."""
    return random.Random(seed).randbytes(count)


BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "gzip 1000:1": ("a.csv.gz", lambda: gzip.compress(b"a,b\n" + b"1,2\n" * 20_000_000, 9)),
    "zip": ("a.zip", lambda: zipped(a_csv=b"a,b\n" + b"0" * 200_000_000)),
    "xlsx": ("a.xlsx", grown_workbook),
}

LIMITS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "10 MB field": ("a.csv", lambda: b"a,b\n1," + b"x" * 10_000_000 + b"\n", "field"),
    "10 MB quoted": ("a.csv", lambda: b'a,b\n1,"' + b"x\n" * 5_000_000 + b'"\n', "field"),
    "1000 columns": (
        "a.csv",
        lambda: b",".join(b"c%d" % i for i in range(1000)) + b"\n1",
        "column",
    ),
    "1 M columns": ("a.csv", lambda: b"a," * 1_000_000 + b"\n1", "columns"),
}

BROKEN: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "0 bytes": ("a.csv", lambda: b"", "empty, 0 bytes"),
    "blank lines": ("a.csv", lambda: b"\n\n\n", "not even column names"),
    "header only": ("a.csv", lambda: b"a,b\n", "column names but no rows"),
    "no header": (
        "a.csv",
        lambda: b"7,2026-01-05,late\n8,2026-01-06,ok\n",
        "column names expected",
    ),
    "NUL bytes": ("a.csv", lambda: b"a,b\n1,2\n\x00,3\n", "line 3: a NUL byte"),
    "picture": ("a.csv", lambda: b"\x89PNG\r\n\x1a\n" + bytes_of(1, 5000), "not a text file"),
    "noise": ("a.csv", lambda: bytes_of(2, 50_000), "a.csv line"),
    "nested zip": ("a.zip", lambda: zipped(b_zip=zipped(a_csv=b"a,b\n1,2\n")), "found 0"),
    "two files": ("a.zip", lambda: zipped(a_csv=b"a\n1", b_csv=b"a\n1"), "found 2"),
    "empty zip": ("a.zip", lambda: zipped(), "a.zip"),
    "half a zip": ("a.zip", lambda: zipped(a_csv=b"a,b\n1,2\n" * 99)[:80], "broken archive"),
    "half a gzip": ("a.csv.gz", lambda: gzip.compress(bytes_of(3, 9999))[:5000], "broken .gz"),
    "lying zip": ("a.zip", lying_zip, "a.zip"),
    "half a workbook": ("a.xlsx", lambda: workbook()[:2000], "broken archive"),
    "empty workbook": ("a.xlsx", lambda: zipped(**{"[Content_Types]_xml": b"<x/>"}), "workbook"),
    "old workbook": (
        "a.xls",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99,
        "save it as",
    ),
    "csv called xlsx": ("a.xlsx", lambda: b"a,b\n1,2\n", "not a .xlsx"),
    "csv called parquet": ("a.parquet", lambda: b"a,b\n1,2\n", "not a .parquet"),
    "half a parquet": ("a.parquet", lambda: b"PAR1" + bytes_of(4, 500), "not a readable Parquet"),
    "wrong delimiter": ("a.csv", lambda: b"a~b,c\n1~2\n3~4\n", "none of 2 rows"),
    "broken names": ("a.csv", lambda: b'a,"b\n1,2\n3,4\n', "broken quotes"),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_bombs_stop_quickly(tmp_path: Path, kind: str) -> None:
    name, make = BOMBS[kind]
    (tmp_path / name).write_bytes(make())
    start = time.process_time()
    with pytest.raises(LimitExceeded, match="as an archive bomb does; the limit is 100:1"):
        open_source(tmp_path / name)
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("kind", LIMITS)
def test_limits(tmp_path: Path, kind: str) -> None:
    name, make, said = LIMITS[kind]
    (tmp_path / name).write_bytes(make())
    with pytest.raises(LimitExceeded, match=said) as caught:
        open_source(tmp_path / name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_files(tmp_path: Path, kind: str) -> None:
    name, make, said = BROKEN[kind]
    (tmp_path / name).write_bytes(make())
    with pytest.raises(UnreadableFile) as caught:
        open_source(tmp_path / name)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_parquet_bomb(tmp_path: Path) -> None:
    codes = pa.array([0] * 2_000_000, pa.int32())
    text = pa.DictionaryArray.from_arrays(codes, ["x" * 1000])
    for number, column in enumerate([text, text[:20_000].cast(pa.string())]):
        path = tmp_path / f"{number}.parquet"
        pq.write_table(pa.table({"s": column}), path, compression="zstd")
        start = time.process_time()
        with pytest.raises(LimitExceeded, match="as an archive bomb does"):
            open_source(path)
        assert time.process_time() - start < SECONDS


def test_parquet_limits(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": [1, 2, 3], "s": ["x" * 50] * 3}), path)
    for limits in (
        Limits(rows=2),
        Limits(columns=1),
        Limits(parquet_bytes=10),
        Limits(field_bytes=9),
    ):
        with pytest.raises(LimitExceeded):
            open_source(path, limits=limits)


def test_text_limits(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for text in ("a,b\n1,2\n3,4\n", 'a,b\n1,"2\n"\n3,4\n'):
        path.write_text(text)
        for limits in (Limits(rows=1), Limits(columns=1), Limits(text_bytes=5)):
            with pytest.raises(LimitExceeded):
                open_source(path, limits=limits)


def test_workbook_limits(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook())
    for limits in (Limits(columns=1), Limits(rows=1), Limits(field_bytes=0), Limits(text_bytes=9)):
        with pytest.raises(LimitExceeded):
            open_source(path, limits=limits)


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no such file"):
        open_source(tmp_path / "none.csv")
    with pytest.raises(UnreadableFile, match=r"without \.parquet"):
        open_source(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableFile, match="neither a file nor a folder"):
        open_source(tmp_path / "pipe")


def test_formulas_are_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n"=HYPERLINK(""x"")",1\n')
    assert open_source(path).table.to_pyarrow()["a"].to_pylist() == ['=HYPERLINK("x")']


def test_a_text_repeated_in_every_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    cells = b'<row><c t="s"><v>0</v></c></row>' * 40_000
    path.write_bytes(
        zipped(
            **{
                "[Content_Types]_xml": b"<x/>",
                "xl/sharedStrings_xml": b"<sst><si><t>" + b"x" * 32_000 + b"</t></si></sst>",
                "xl/worksheets/sheet1_xml": b"<sheetData>" + cells + b"</sheetData>",
            }
        )
    )
    with pytest.raises(LimitExceeded, match="its texts repeated"):
        open_source(path)
