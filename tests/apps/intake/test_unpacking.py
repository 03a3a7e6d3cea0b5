"""What is in an upload: archives are opened, event logs become tables, names lead nowhere."""

import gzip
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from overdeliver.apps.intake.reading.task import File
from overdeliver.apps.intake.reading.unpack import is_event_log, ready, safe_name
from overdeliver.tables.limits import Limits
from overdeliver.vocabulary.errors import LimitExceeded, UnreadableFile

from .conftest import zipped

CSV = b"order id,promised for\n1,2026-01-01\n"
LOG = b"""<?xml version="1.0"?><log><trace><string key="concept:name" value="1"/>
<event><string key="concept:name" value="packed"/>
<date key="time:timestamp" value="2026-02-03T10:00:00Z"/></event></trace></log>"""
PACKED = gzip.compress(LOG, mtime=0)  # the same bytes in every process that collects tests


def unpacked(tmp_path: Path, *files: tuple[str, bytes], limits: Limits | None = None) -> list[Path]:
    """As the reading process does it: uploads lie under numbers, their names came with them."""
    given = []
    for number, (name, data) in enumerate(files):
        (tmp_path / f"{number}.bin").write_bytes(data)
        given.append(File(str(tmp_path / f"{number}.bin"), name))
    return ready(tuple(given), tmp_path / "work", limits or Limits())


def test_every_table_of_an_archive_is_read_and_nothing_else(tmp_path: Path) -> None:
    archive = zipped(
        ("orders.csv", CSV),
        ("sub/items.TSV", b"a\tb\n"),
        ("__MACOSX/orders.csv", b"x"),
        (".hidden.csv", b"x"),
        ("readme.md", b"x"),
        ("sub/", b""),
    )
    found = unpacked(tmp_path, ("export.zip", archive))
    assert [path.name for path in found] == ["items.TSV", "orders.csv"]
    assert found[1].read_bytes() == CSV and not is_event_log(found)


def test_files_of_one_name_in_an_archive_are_all_kept(tmp_path: Path) -> None:
    archive = zipped(("a/orders.csv", CSV), ("b/orders.csv", b"other"))
    found = unpacked(tmp_path, ("export.zip", archive))
    assert sorted(path.read_bytes() for path in found) == sorted([CSV, b"other"])


def test_names_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    archive = zipped(("../../../../tmp/out-of-here.csv", CSV), ("/etc/passwd.csv", CSV))
    found = unpacked(tmp_path, ("export.zip", archive))
    assert len(found) == 2 and all(path.is_relative_to(tmp_path / "work") for path in found)


def test_an_archive_of_nothing_to_read_says_what_can_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"no table inside .*\.csv"):
        unpacked(tmp_path, ("export.zip", zipped(("readme.md", b"x"))))


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path) -> None:
    archive = zipped(*((f"{number}.csv", CSV) for number in range(101)))
    with pytest.raises(LimitExceeded, match="101 files inside; the limit is 100"):
        unpacked(tmp_path, ("export.zip", archive))


def test_an_archive_that_grows_beyond_the_limit_is_stopped(tmp_path: Path) -> None:
    archive = zipped(("a.csv", b"x" * 600), ("b.csv", b"y" * 600))
    with pytest.raises(LimitExceeded, match=r"export\.zip"):
        unpacked(tmp_path, ("export.zip", archive), limits=Limits(unpacked_bytes=1000))
    written = sum(path.stat().st_size for path in (tmp_path / "work").rglob("*.csv"))
    assert written <= 1000


def test_a_torn_archive_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="broken archive"):
        unpacked(tmp_path, ("export.zip", zipped(("a.csv", CSV))[:40]))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("log.xes", LOG),
        ("export.xml", LOG),
        ("log.bin", LOG.partition(b"?>")[2]),
        ("log.bin", b"\xef\xbb\xbf" + LOG),
        ("log.xes.gz", PACKED),
        ("Журнал.xes.gz", PACKED),
    ],
)
def test_an_event_log_is_known_by_its_name_or_its_first_bytes(
    tmp_path: Path, name: str, data: bytes
) -> None:
    found = unpacked(tmp_path, (name, data))
    assert is_event_log(found) and pq.read_table(found[0]).num_rows == 1


def test_a_packed_table_is_left_to_the_reader(tmp_path: Path) -> None:
    (found,) = unpacked(tmp_path, ("orders.csv.gz", gzip.compress(CSV)))
    assert found.name == "orders.csv.gz" and not is_event_log([found])


def test_several_files_of_one_name_do_not_meet(tmp_path: Path) -> None:
    found = unpacked(tmp_path, ("orders.csv", CSV), ("orders.csv", b"other"))
    assert [path.read_bytes() for path in found] == [CSV, b"other"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("orders.csv", "orders.csv"),
        ("Заказы.csv", "file.csv"),
        ("Заказы 2026.csv", "2026.csv"),
        ("Заказы", "file"),
        ("aux.csv", "file-aux.csv"),
        (".csv", "file.csv"),
        ("orders", "orders"),
        ("", "file"),
        ("...", "file"),
        ("a" * 200 + "." + "b" * 50, "a" * 80 + "." + "b" * 10),
    ],
)
def test_every_name_becomes_one_that_any_computer_can_keep(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept
