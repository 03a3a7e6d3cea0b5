"""Running contenders side by side: a fresh process each time, in turn; noise hits all alike.

Every run is measured by the operating system (``wait4``): CPU seconds of all its threads and its
largest resident memory. A contender may print a JSON object as its last line; its numbers are kept,
for example ``work``: CPU seconds without start and imports.
"""

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("OVERDELIVER_DATA", ROOT.parent / "shared" / "data"))


def once(command: Sequence[str | Path]) -> dict[str, Any]:
    """Run a command to its end: ``cpu`` and ``wall`` seconds, ``rss`` in MB, what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with tempfile.TemporaryFile() as out:
        started = time.perf_counter()
        words = [str(word) for word in command]
        files = [(os.POSIX_SPAWN_DUP2, out.fileno(), 1)]
        pid = os.posix_spawn(words[0], words, environment, file_actions=files)
        _, status, used = os.wait4(pid, 0)
        wall = time.perf_counter() - started
        if status:
            raise SystemExit(f"{' '.join(words)} ended with status {status}")
        out.seek(0)
        lines = out.read().decode().strip().splitlines()
    said = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux kB
    cpu = used.ru_utime + used.ru_stime
    return {"cpu": cpu, "wall": wall, "rss": used.ru_maxrss * unit / 1e6, **said}


def compare(
    contenders: Mapping[str, Sequence[str | Path]], repeat: int
) -> dict[str, dict[str, Any]]:
    """Run all contenders in turn, ``repeat`` rounds; the median of every number each gave."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in contenders}
    for _ in range(repeat):
        for name, command in contenders.items():
            runs[name].append(once(command))
    return {name: _medians(found) for name, found in runs.items()}


def _medians(runs: list[dict[str, Any]]) -> dict[str, Any]:
    numbers = [key for key, value in runs[0].items() if isinstance(value, int | float)]
    medians = {key: round(statistics.median(run[key] for run in runs), 4) for key in numbers}
    return {**runs[0], **medians, "runs": len(runs)}


def report(title: str, found: Mapping[str, Mapping[str, Any]], **more: Any) -> None:
    """Print a table of the contenders, then everything as one line of JSON."""
    print(f"\n{title}")
    for name, run in found.items():
        figures = [
            f"{key} {value:,.6g}" for key, value in run.items() if isinstance(value, int | float)
        ]
        print(f"  {name:<34} " + "  ".join(figures))
    for key, value in more.items():
        print(f"  {key}: {value}")
    line = {"bench": title, "results": found, **more, "machine": machine()}
    print(json.dumps(line, ensure_ascii=False))


def machine() -> dict[str, Any]:
    """Where it ran, and how busy that was: shared machines make wall times worthless."""
    name = platform.processor() or platform.machine()
    cpus = Path("/proc/cpuinfo")
    if cpus.exists():
        models = [line for line in cpus.read_text().splitlines() if line.startswith("model name")]
        name = models[0].partition(":")[2].strip() if models else name
    load = round(os.getloadavg()[0], 2)
    return {"cpu": name, "cores": os.cpu_count(), "python": platform.python_version(), "load": load}
