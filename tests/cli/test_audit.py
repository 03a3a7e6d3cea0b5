"""`overdeliver audit`: the page, the figures, the exit status, and one line for every mistake."""

import gzip
import json
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from overdeliver.audit.schema import contradictions, schema
from overdeliver.cli.main import main

HEAD = "order_id,placed_at,promised_at,delivered_at,region"
Outcome = tuple[int, str, str]
Call = Callable[..., Outcome]


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Call:
    """Run a command line in an empty folder: its status, what it printed, what it complained of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*args: object) -> Outcome:
        status = main([str(arg) for arg in args])
        out, err = capfd.readouterr()
        return status, out, err

    return run


def orders(count: int = 60, late: int = 4) -> str:
    """Orders of two regions; every ``late``-th comes two days late, the others a day early."""
    rows = [HEAD]
    for i in range(count):
        day = 1 + i % 14
        came = day + (12 if i % late == 0 else 9)
        region = "north" if i % 3 else "south"
        rows.append(f"{i},2026-01-{day:02d},2026-01-{day + 10:02d},2026-01-{came:02d},{region}")
    return "\n".join(rows) + "\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(orders())
    return path


def sound(report: dict[str, Any]) -> dict[str, Any]:
    """The report, which keeps the schema and adds up."""
    faults = jsonschema.Draft202012Validator(schema()).iter_errors(report)
    assert [f"{f.json_path}: {f.message}" for f in faults] == []
    assert contradictions(report) == []
    return report


def refused(outcome: Outcome) -> str:
    """The one line of a call that was wrong."""
    status, out, err = outcome
    assert (status, out) == (2, ""), err
    assert err.startswith("overdeliver: ") and err.count("\n") == 1, err
    assert "Traceback" not in err
    return err


def test_a_page_is_written_without_being_told_where(call: Call, file: Path) -> None:
    status, out, err = call("audit", file, "--no-backtest")
    assert (status, err) == (0, "")
    assert out.startswith("You kept 45 of 60 promises.")
    assert "broken 15" in out and "exceeded 45" in out
    assert out.rstrip().endswith("overdeliver-audit.html")
    page = Path("overdeliver-audit.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") and "orders.csv" in page
    assert [p.name for p in Path().iterdir() if "rejected" in p.name] == []


def test_figures_alone_go_down_the_pipe(call: Call, file: Path) -> None:
    status, out, err = call("audit", file, "--json", "-", "--no-backtest", "--by", "region")
    report = sound(json.loads(out))
    assert (status, err) == (0, "")
    assert report["outcomes"] == {"broken": 15, "met": 0, "exceeded": 45, "open": 0, "unknown": 0}
    assert [g["by"] for g in report["groups"]] == [{"region": "north"}, {"region": "south"}]
    assert report["backtest"] == {
        "not_enough": "the backtest was not asked for",
        "code": "not_asked",
    }
    assert not Path("overdeliver-audit.html").exists()


def test_page_and_figures_and_rejects_lie_side_by_side(call: Call, file: Path) -> None:
    file.write_text(orders() + "60,2026-01-01,2026-13-45,2026-01-09,north\n")
    status, out, _ = call("audit", file, "--html", "a.html", "--json", "a.json", "--no-backtest")
    report = sound(json.loads(Path("a.json").read_text(encoding="utf-8")))
    assert status == 0
    assert out.splitlines()[-3:] == ["a.html", "a.json", "a.rejected.csv"]
    assert report["rows"] | {"sample": []} == {
        "read": 61, "used": 60, "rejected": 1, "reject_file": "a.rejected.csv", "sample": [],
    }  # fmt: skip
    assert report["rows"]["sample"][0]["line"] == 62
    assert "2026-13-45" in Path("a.rejected.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(("language", "said"), [("ru", "обещан"), ("kk", "уәде"), ("pt", "prom")])
def test_the_answer_is_in_the_language_of_the_page(
    call: Call, file: Path, language: str, said: str
) -> None:
    status, out, _ = call("audit", file, "--language", language, "--no-backtest")
    assert status == 0
    assert said in out.lower()
    assert f'lang="{language}"' in Path("overdeliver-audit.html").read_text(encoding="utf-8")


def test_the_sample_is_audited_when_no_file_is_named(call: Call) -> None:
    status, out, _ = call("audit", "--no-backtest", "--json", "s.json")
    report = sound(json.loads(Path("s.json").read_text(encoding="utf-8")))
    assert status == 0
    named = {key: report["source"][key] for key in ("name", "preset", "first", "last")}
    assert named == {
        "name": "flights.parquet", "preset": "flights",
        "first": "2013-01-01", "last": "2013-12-31",
    }  # fmt: skip
    assert report["rows"]["read"] == 37_068
    assert "promises" in out


WRONG: dict[str, tuple[tuple[str, ...], str]] = {
    "level": (("--level", "1.5"), "--level 1.5: a level lies between 0 and 1"),
    "level word": (("--level", "high"), "--level"),
    "lever": (("--lever", "mood"), "choose one of time, cost, service"),
    "language": (("--language", "fr"), "choose one of en, pt, ru, ro, kk"),
    "zone": (("--zone", "Lisbon"), "did you mean Europe/Lisbon?"),
    "no zone": (("--zone", ""), "such as Europe/Lisbon"),
    "engine": (("--engine", "abacus"), "choose duckdb or spark"),
    "map": (("--map", "promised_at"), "write FIELD=COLUMN"),
    "map twice": (("--map", "actual=a", "--map", "actual=b"), "actual is given twice"),
    "map field": (("--map", "promised_on=region"), "promised_on"),
    "map column": (("--map", "promised_at=nothing"), "nothing"),
    "promise": (("--promise", "Standard"), 'write "METHOD=5 days"'),
    "promise unit": (("--promise", "Standard=5 moons"), 'write "METHOD=5 days"'),
    "from": (("--backtest-from", "spring"), "such as 2026-04-01"),
    "as of": (("--as-of", "31.12."), "write 2026-04-01"),
    "by": (("--by", "regoin"), "regoin"),
    "preset": (("--preset", "amazon"), "olist, shopify, woocommerce, flights"),
    "tolerance": (("--tolerance", "-1"), "not below 0"),
    "option": (("--colour", "red"), "--colour"),
    "date order": (("--date-order", "ymd"), "ymd"),
    "html folder": (("--html", "no/such/a.html"), "the folder no/such does not exist"),
    "json folder": (("--json", "no/such/a.json"), "the folder no/such does not exist"),
    "reject folder": (("--reject-file", "no/r.csv"), "the folder no does not exist"),
    "html is a folder": (("--html", "."), "is a folder"),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_call_is_told_in_one_line(call: Call, file: Path, mistake: str) -> None:
    args, said = WRONG[mistake]
    assert said in refused(call("audit", file, "--no-backtest", *args))


def test_a_wrong_command_is_told_in_one_line(call: Call) -> None:
    assert "audti" in refused(call("audti"))


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"a,b\n" + b"0" * 200_000_000)


HOSTILE: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "missing": ("a.csv", lambda p: None, "a.csv: there is no such file"),
    "10 MB field": ("a.csv", lambda p: p.write_bytes(b"a,b\n1," + b"x" * 10_000_000), "field"),
    "zip bomb": ("a.zip", zipped, "as an archive bomb does"),
    "gzip bomb": (
        "a.csv.gz",
        lambda p: p.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 20_000_000, 9)),
        "as an archive bomb does",
    ),
    "binary": ("a.csv", lambda p: p.write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(4000)), "a.csv"),
    "0 bytes": ("a.csv", lambda p: p.write_bytes(b""), "empty, 0 bytes"),
    "header only": ("a.csv", lambda p: p.write_text(HEAD + "\n"), "column names but no rows"),
    "broken quotes": ("a.csv", lambda p: p.write_text('a,"b\n1,2\n3,4\n'), "broken quotes"),
    "nothing recognised": (
        "a.csv",
        lambda p: p.write_text("colour,mood\nred,good\nblue,bad\n"),
        "no promise and no outcome recognised",
    ),
    "a folder of nothing": ("a", lambda p: p.mkdir(), "holds no readable file"),
    "a folder of strangers": (
        "a",
        lambda p: (p.mkdir(), (p / "x.csv").write_text("colour,mood\nred,good\n")),
        "no promise and no outcome recognised",
    ),
    "old workbook": (
        "a.xls",
        lambda p: p.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99),
        "save it as",
    ),
    "half a parquet": ("a.parquet", lambda p: p.write_bytes(b"PAR1" + b"x" * 99), "a.parquet"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_told_in_one_line(call: Call, tmp_path: Path, kind: str) -> None:
    name, make, said = HOSTILE[kind]
    make(tmp_path / name)
    assert said in refused(call("audit", tmp_path / name, "--no-backtest"))
    assert not (tmp_path / "overdeliver-audit.html").exists()


def test_a_wrong_encoding_is_told_in_one_line(call: Call, file: Path) -> None:
    file.write_bytes(orders().replace("north", "nördlich").encode("latin-1"))
    assert "orders.csv" in refused(call("audit", file, "--encoding", "utf-8", "--no-backtest"))


def test_formula_cells_are_shown_and_never_run(call: Call, file: Path) -> None:
    wild = "=cmd|' /C calc'!A0"
    file.write_text(orders().replace("south", wild) + f"60,{wild},2026-01-09,2026-01-09,x\n")
    status, _, _ = call("audit", file, "--json", "a.json", "--no-backtest", "--by", "region")
    report = sound(json.loads(Path("a.json").read_text(encoding="utf-8")))
    assert status == 0
    assert wild in {g["by"]["region"] for g in report["groups"]}
    assert f",'{wild}" in Path("a.rejected.csv").read_text(encoding="utf-8-sig")


@pytest.mark.skipif(os.geteuid() == 0, reason="everything is readable to the superuser")
def test_what_may_not_be_read_or_written_is_told_in_one_line(call: Call, file: Path) -> None:
    file.chmod(0)
    assert "Permission denied" in refused(call("audit", file, "--no-backtest"))
    file.chmod(stat.S_IRUSR)
    locked = file.parent / "locked"
    locked.mkdir(mode=0o500)
    said = refused(call("audit", file, "--no-backtest", "--html", locked / "a.html"))
    assert "permission denied" in said


def test_an_old_page_survives_a_failed_audit(call: Call, file: Path) -> None:
    Path("overdeliver-audit.html").write_text("the page of yesterday")
    file.write_text(HEAD + "\n")
    refused(call("audit", file))
    assert Path("overdeliver-audit.html").read_text() == "the page of yesterday"


def test_a_broken_pipe_is_quiet(file: Path, root: Path) -> None:
    command = f"{sys.executable} -m overdeliver audit {file} --json - --no-backtest | head -c 1"
    done = subprocess.run(
        ["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"],
        env={"PYTHONPATH": str(root / "src"), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "{"
    assert (done.returncode, done.stderr) in ((0, ""), (141, ""))


@pytest.fixture
def root() -> Path:
    return Path(__file__).resolve().parents[2]
