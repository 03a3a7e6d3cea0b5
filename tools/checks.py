"""Every check of the project in one run, cheapest first, stopping at the first that fails.

    ./od test                    all of it
    ./od test --fast             without documents, examples, wheel and the slow tests
    ./od test --only NAME ...    some of: tidy types laws tests postgres docs examples wheel
    ./od test --full             the whole figures of docs/explanation/reliability.md; takes long
    ./od test --keep-going       do not stop at the first failure

What the system cannot run is left out and named in the last lines; with CI=true that is a failure.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools.postgres import server, usable  # noqa: E402

PYTHON = sys.executable
BIN = Path(PYTHON).parent
CACHE = ROOT / ".cache"
LIBRARY_COVERAGE = 95.0
#: One more than cores, for many tests wait for processes they have started; each takes a gigabyte.
PROCESSES = os.environ.get("OD_PROCESSES") or str(min((os.cpu_count() or 1) + 1, 4))
LONG = {"postgres", "docs", "examples", "wheel"}
#: What runs on both databases.
APPLICATION = ("tests/apps", "tests/story", "tests/faults")

#: What a suite needs from the system: (marker, is it there?, how to get it).
NEEDS = [
    ("browser", lambda: chromium() is not None, "apt install chromium fonts-noto-core"),
    ("postgres", usable, "apt install postgresql"),
    ("spark", lambda: shutil.which("java") is not None, "apt install default-jre-headless"),
    (
        "real",
        lambda: (ROOT.parent / "shared" / "data").is_dir(),
        "lay the data sets beside the checkout as ../shared/data",
    ),
]


class Failed(Exception):
    """A check did not pass."""


def chromium() -> str | None:
    """The system's own Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def run(*command: str | Path, cwd: Path = ROOT, **env: str) -> None:
    """Run a command of the environment; a failure stops the check."""
    words = [str(word) for word in command]
    if (BIN / words[0]).exists():
        words[0] = str(BIN / words[0])
    done = subprocess.run(words, cwd=cwd, env={**os.environ, **env}, check=False)
    if done.returncode:
        raise Failed(f"{Path(words[0]).name} {' '.join(words[1:3])} ... exit {done.returncode}")


def tidy(options: argparse.Namespace) -> None:
    """Format and lint."""
    run("ruff", "format", "--check", "--quiet", ".")
    run("ruff", "check", "--quiet", ".")


def types(options: argparse.Namespace) -> None:
    """Types, strict for the whole package."""
    run("mypy")


def laws(options: argparse.Namespace) -> None:
    """Who may import whom."""
    run("lint-imports", "--no-logo", PYTHONPATH="src")


def tests(options: argparse.Namespace) -> None:
    """The tests, with branch coverage of the library."""
    absent = [f"not {marker}" for marker, *_ in left_out() if marker != "postgres"]
    if options.fast:
        absent.append("not slow")
    CACHE.mkdir(exist_ok=True)
    run(
        "pytest",
        *("-q", "-n", PROCESSES, "--dist", "loadgroup"),
        *("--cov", "--cov-report=", "--durations=10", f"--junitxml={CACHE / 'tests.xml'}"),
        *(("-m", " and ".join(absent)) if absent else ()),
    )
    if not options.fast:
        run(
            *("coverage", "report", "--omit=*/overdeliver/cli/*"),
            f"--fail-under={LIBRARY_COVERAGE}",
        )


def postgres(options: argparse.Namespace) -> None:
    """The application's tests again, on a PostgreSQL of their own."""
    if not usable():
        print("left out: no PostgreSQL server here (apt install postgresql)", flush=True)
        return
    folders = [str(path) for path in APPLICATION if (ROOT / path).exists()]
    with server() as url:
        run(
            "pytest",
            *("-q", "-n", PROCESSES, "--dist", "loadgroup"),
            *("--no-cov", "-p", "no:cacheprovider", "-m", "not one_database"),
            *folders,
            OVERDELIVER_DATABASE_URL=url,
        )


def docs(options: argparse.Namespace) -> None:
    """The pages, strictly: a broken link or a page nobody names is a failure."""
    site = CACHE / "site"
    shutil.rmtree(site, ignore_errors=True)
    run("sphinx-build", "-q", "-W", "--keep-going", "-b", "html", "docs", site)
    fetched = re.compile(
        r"""<(?:script|img|link|iframe)[^>]+(?:src|href)=["'](?:https?:)?//[^>]*"""
    )
    for page in site.rglob("*.html"):
        if found := fetched.search(page.read_text("utf-8")):
            raise Failed(f"{page.relative_to(site)} loads {found[0]}: pages load nothing")


def examples(options: argparse.Namespace) -> None:
    """Each example ends in a number it asserts."""
    for script in sorted((ROOT / "examples").glob("*.py")):
        print(f"-- {script.relative_to(ROOT)}", flush=True)
        run(PYTHON, script)


def wheel(options: argparse.Namespace) -> None:
    """Build it, install it where nothing else is, and use it."""
    with tempfile.TemporaryDirectory() as folder:
        away = Path(folder)
        run(PYTHON, "-m", "build", "--wheel", "--no-isolation", "--outdir", away, ROOT)
        clean = away / "clean"
        uv = shutil.which("uv")
        built = next(away.glob("*.whl"))
        print(f"{built.name}: {built.stat().st_size / 1e6:.2f} MB", flush=True)
        if uv:
            run(uv, "venv", "--quiet", "--python", PYTHON, clean)
            install = [uv, "pip", "install", "--quiet", "--python", clean / "bin" / "python"]
        else:
            venv.create(clean, with_pip=True)
            install = [clean / "bin" / "python", "-m", "pip", "install", "--quiet"]
        run(*install, "-c", ROOT / "constraints.txt", built)
        command = clean / "bin" / "overdeliver"
        run(command, "--help", cwd=away)
        (away / "orders.csv").write_text(tiny_orders())
        run(command, "audit", "orders.csv", "--json", "audit.json", "--html", "a.html", cwd=away)
        if '"overdeliver.audit/1"' not in (away / "audit.json").read_text():
            raise Failed("the installed program wrote no report")


def tiny_orders() -> str:
    """Forty promises a stranger could type."""
    rows = ["order_id,placed_at,promised_at,delivered_at"]
    for day in range(1, 41):
        placed = f"2026-{1 + day // 28:02d}-{1 + day % 28:02d}"
        kept = f"2026-{3 + day % 2:02d}-{1 + day % 27:02d}"
        rows.append(f"{day},{placed},2026-03-28,{kept}")
    return "\n".join(rows) + "\n"


CHECKS: list[Callable[[argparse.Namespace], None]] = [
    tidy,
    types,
    laws,
    tests,
    postgres,
    docs,
    examples,
    wheel,
]


def left_out() -> Iterator[tuple[str, str]]:
    """The suites the system cannot run, and how to get them."""
    for marker, there, remedy in NEEDS:
        if not there():
            yield marker, remedy


def counts() -> str:
    """The line of the last test run: 'N passed, N failed, N skipped'."""
    suite = next(ElementTree.parse(CACHE / "tests.xml").getroot().iter("testsuite"))
    total, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
    failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    return f"{total - failed - skipped} passed, {failed} failed, {skipped} skipped"


def main() -> int:
    """Run the checks and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__, prog="./od test")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    names = [check.__name__ for check in CHECKS]
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--keep-going", action="store_true")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", default=names)
    options = parser.parse_args()
    if options.full:
        os.environ.update(OD_FULL="1", PYTEST_TIMEOUT="0")
    results: list[tuple[str, float, str]] = []
    for check in CHECKS:
        name = check.__name__
        if name not in options.only or (options.fast and name in LONG):
            continue
        print(f"\n== {name}: {check.__doc__}", flush=True)
        begin, outcome = time.monotonic(), "ok"
        try:
            check(options)
        except Failed as problem:
            outcome = f"FAILED: {problem}"
        results.append((name, time.monotonic() - begin, outcome))
        if outcome != "ok" and not options.keep_going:
            break
    return report(results)


def report(results: list[tuple[str, float, str]]) -> int:
    """The closing lines: durations, what was left out, the count of tests."""
    print("\n== summary")
    for name, seconds, outcome in results:
        print(f"{name:10}{seconds:8.1f} s  {outcome}")
    failed = any(outcome != "ok" for _, _, outcome in results)
    ran = [name for name, _, _ in results]
    if "tests" in ran:
        for marker, remedy in left_out():
            print(f"left out: the {marker} tests. To get them: {remedy}")
            failed = failed or os.environ.get("CI") == "true"
        if (CACHE / "tests.xml").exists():
            print(counts())
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
