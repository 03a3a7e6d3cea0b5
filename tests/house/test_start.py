"""A command answers at once: what is heavy is loaded by the command that needs it."""

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"duckdb", "ibis", "numpy", "pandas", "polars", "pyarrow", "pyspark", "scipy", "sklearn"}
PROBE = "import sys; {}; print(*sorted({{m.split('.')[0] for m in sys.modules}}))"


def modules_after(statement: str, source: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(statement)],
        env={"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_the_command_line_loads_nothing_heavy(root: Path) -> None:
    assert modules_after("import overdeliver.cli.main", root / "src") & HEAVY == set()


def test_something_heavy_would_be_seen(root: Path) -> None:
    assert "numpy" in modules_after("import numpy", root / "src")


def cpu_of_help(source: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", "from overdeliver.cli.main import run; run()", "--help"],
        env={"PYTHONPATH": str(source)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_takes_a_third_of_a_second(root: Path, record_property: pytest.FixtureRequest) -> None:
    best = min(cpu_of_help(root / "src") for _ in range(5))
    record_property("cpu_seconds", best)
    # The aim is 0.3 s on a quiet machine; a shared one is given half as much again.
    assert best <= 0.45, f"{best:.2f} s of CPU for --help"


def test_there_is_one_version(root: Path) -> None:
    stated = re.search(r'(?m)^version = "(.+)"$', (root / "pyproject.toml").read_text())
    written = re.search(r'__version__ = "(.+)"', (root / "src/overdeliver/__init__.py").read_text())
    assert stated and written and stated[1] == written[1]
