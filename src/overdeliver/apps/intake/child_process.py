"""Runs the reading of a file in a process of its own; brings back the answer or one sentence."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from overdeliver.apps.intake.reading.task import Task
from overdeliver.vocabulary.errors import InputError, LimitExceeded, UnreadableFile

_RESULT = "result.json"
_CHILD = "overdeliver.apps.intake.reading.child"
_BEAT = 5.0  # seconds between two signs of life
_LOOK = 0.05


def read(task: Task, beat: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """The answer of a task. ``beat`` is called every few seconds while the child works.

    InputError: what the child says is wrong with the file; LimitExceeded: it took too much time or
    memory; UnreadableFile: it ended without an answer. Nothing of the child survives.
    """
    result = task.out / _RESULT
    result.unlink(missing_ok=True)
    child = _start(task)
    try:
        _wait(child, task.seconds, beat)
    finally:
        _end(child)
    if not result.is_file():
        raise _crash(child.returncode, task)
    answer: dict[str, Any] = json.loads(result.read_text("utf-8"))
    if "crashed" in answer:
        raise UnreadableFile("the file cannot be read: reading it ended without an answer")
    if "refused" in answer:
        raise InputError(answer["refused"])
    found: dict[str, Any] = answer["answer"]
    return found


def _start(task: Task) -> subprocess.Popen[bytes]:
    package = str(Path(__file__).resolve().parents[3])
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "LANG": "C.UTF-8",
        "PYTHONPATH": package,
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(task.out),
        "MALLOC_ARENA_MAX": "2",  # each arena reserves address space, which is what is limited
        **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")},
    }
    child = subprocess.Popen(
        [sys.executable, "-m", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=task.out,
        start_new_session=True,
    )
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError), child.stdin as pipe:
        pipe.write(json.dumps(task.data()).encode())
    return child


def _wait(child: subprocess.Popen[bytes], seconds: int, beat: Callable[[], None]) -> None:
    started = last = time.monotonic()
    while child.poll() is None:
        now = time.monotonic()
        if now - started > seconds:
            raise LimitExceeded(f"reading the file took longer than {seconds} seconds; split it")
        if now - last > _BEAT:
            beat()
            last = now
        time.sleep(_LOOK)


def _end(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _crash(status: int, task: Task) -> InputError:
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return LimitExceeded("reading the file took too much time or memory; split it")
    if status in (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, 1, 120):
        return LimitExceeded(
            f"the file cannot be read within the {task.memory_mb} MB an import may use; split it,"
            " or save it as CSV"
        )
    return UnreadableFile("the file cannot be read: reading it ended without an answer")
