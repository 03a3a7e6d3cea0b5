"""Files made to hurt end in one sentence; the process that reads them is gone, the server lives."""

import gzip
import io
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import Client

from overdeliver.apps.business.models import Business
from overdeliver.apps.intake import child_process, uploads
from overdeliver.apps.intake.models import Upload
from overdeliver.apps.intake.reading.task import File, Task
from overdeliver.apps.intake.reading.unpack import safe_name
from overdeliver.apps.promises.models import Order
from overdeliver.vocabulary.errors import InputError, LimitExceeded

from .conftest import zipped

pytestmark = pytest.mark.one_database

Bring = Callable[..., Upload]
XXE = """<?xml version="1.0"?><!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<log><trace><string key="concept:name" value="&x;"/></trace></log>"""
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><log>&j;</log>"
)


def parquet_bomb() -> bytes:
    out = io.BytesIO()
    rows = pa.table({"a": pa.array(["x" * 1000] * 20_000).dictionary_encode()})
    with pq.ParquetWriter(out, rows.schema, compression="zstd") as writer:
        for _ in range(100):
            writer.write_table(rows)
    return out.getvalue()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing.csv": lambda: b"\n",
    "header-only.csv": lambda: b"order id,promised for,delivered on\n",
    "binary.csv": lambda: bytes(range(256)) * 400,
    "wide.csv": lambda: (",".join(f"c{n}" for n in range(100_000)) + "\n").encode(),
    "long-field.csv": lambda: b"order id,promised for\n1," + b"x" * 10_000_000 + b"\n",
    "page.csv": lambda: b"<html><script>alert(1)</script></html>",
    "zip-bomb.zip": lambda: zipped(("a.csv", b"0" * 300_000_000)),
    "nested.zip": lambda: zipped(("inner.zip", zipped(("a.csv", b"a,b\n1,2\n")))),
    "empty.zip": lambda: zipped(("readme.md", b"hello")),
    "torn.zip": lambda: zipped(("a.csv", b"a,b\n1,2\n"))[:40],
    "gzip-bomb.csv.gz": lambda: gzip.compress(b"0" * 300_000_000),
    "pretender.xlsx": lambda: b"not a workbook",
    "pretender.parquet": lambda: b"PAR1 and nothing more",
    "bomb.parquet": parquet_bomb,
    "entity.xes": lambda: XXE.encode(),
    "laughs.xes": lambda: LAUGHS.encode(),
    "deep.xes": lambda: b"<log>" + b"<trace>" * 20_000,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_file_is_refused_in_one_line(
    name: str, shop: Business, bring: Bring, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(HOSTILE[name]())
    started = time.monotonic()
    row = bring(path)
    assert time.monotonic() - started < 30
    assert row.state in ("failed", "mapped"), row.state
    told = row.error or row.preview["told"]
    assert told and "\n" not in told and "Traceback" not in told
    assert "root:" not in told  # nothing of /etc/passwd
    assert not Order.objects.exists()


def test_names_lead_nowhere() -> None:
    for name in (
        "../../x.csv",
        "/etc/passwd",
        "C:\\a\\b.csv",
        "\u202egpj.csv",
        "CON",
        "a\x00b.csv",
    ):
        made = safe_name(name)
        assert made and "/" not in made and "\\" not in made and not made.startswith(".")
        assert "\x00" not in made and len(safe_name("x" * 5000 + ".csv")) < 100


def test_links_in_archives_are_not_followed(bring: Bring, tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("orders.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    path = tmp_path / "links.zip"
    path.write_bytes(out.getvalue())
    row = bring(path)
    assert row.state == "failed" and "no table inside" in row.error


def test_files_lie_under_generated_names(bring: Bring, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "orders ; rm -rf.csv"
    path.write_text("order id,promised for,delivered on\n1,2026-01-01,2026-01-02\n")
    row = bring(path)
    names = [p.name for p in (folder / row.reference).iterdir()]
    assert "1.bin" in names and not any("rm" in name for name in names)


def test_uploads_are_limited(
    signed_in: Callable[[str], Client], shop: Business, settings: object, folder: Path
) -> None:
    settings.KNOBS = {**settings.KNOBS, "import_size": 1}  # type: ignore[attr-defined]
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = signed_in("manager")
    large = SimpleUploadedFile("large.csv", b"x" * 1_000_001)
    answer = client.post("/imports/new", {"files": large})
    assert answer.status_code == 422 and "1 MB" in answer.content.decode()
    many = [SimpleUploadedFile(f"{n}.csv", b"x") for n in range(uploads.MOST_FILES + 1)]
    assert client.post("/imports/new", {"files": many}).status_code == 422
    assert client.post("/imports/new", {}).status_code == 422
    assert not any(folder.iterdir())


def task(tmp_path: Path, text: str, **more: object) -> Task:
    file = tmp_path / "in.csv"
    file.write_text(text)
    (tmp_path / "out").mkdir()
    files = (File(str(file), "in.csv"),)
    return Task("look", files, {}, str(tmp_path / "out"), "d" * 64, **more)  # type: ignore[arg-type]


def test_a_child_without_memory_is_a_sentence(tmp_path: Path) -> None:
    rows = "order id,promised for,delivered on\n" + "1,2026-01-01,2026-01-02\n" * 10
    with pytest.raises(InputError, match="MB an import may use"):
        child_process.read(task(tmp_path, rows, memory_mb=200))


def test_a_child_without_time_is_killed(tmp_path: Path) -> None:
    rows = "order id,promised for,delivered on\n1,2026-01-01,2026-01-02\n"
    before = _children()
    with pytest.raises(LimitExceeded, match="longer than 0 seconds"):
        child_process.read(task(tmp_path, rows, seconds=0))
    assert _children() == before


def test_the_child_reaches_no_network(tmp_path: Path) -> None:
    from overdeliver.apps.intake.reading.child import _no_way_out

    for event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system"):
        with pytest.raises(PermissionError):
            _no_way_out(event, ())
    _no_way_out("open", ())


def _children() -> int:
    mine = f"{os.getpid()} "
    return sum(
        (f" {mine}" in stat) for path in Path("/proc").glob("[0-9]*/stat") if (stat := _text(path))
    )


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
