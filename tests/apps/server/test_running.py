"""Web and worker as one: real processes, small ones."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from overdeliver.server import running
from overdeliver.server.running import Running, free, web_command, worker_command

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Starting takes the signals over; the next test gets its own back."""
    kept = {sign: signal.getsignal(sign) for sign in SIGNALS}
    yield
    for sign, known in kept.items():
        signal.signal(sign, known)


def script(code: str) -> list[str]:
    return [sys.executable, "-c", f"import os, signal, sys, time\n{code}"]


LONG = script("time.sleep(60)")


def until(said: str, file: Path, times: int = 1) -> None:
    """Wait until a process has written this, so often."""
    for _ in range(200):
        if file.exists() and file.read_text().count(said) >= times:
            return
        time.sleep(0.05)
    raise AssertionError(f"{said!r} was not said {times} times")


def test_a_port_in_use_is_seen_before_anything_starts() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not free("127.0.0.1", port)
    assert free("127.0.0.1", port)


def test_commands_call_this_very_python() -> None:
    web = web_command(8123, "127.0.0.1", 3, 5)
    assert (web[0], worker_command()[0]) == (sys.executable, sys.executable)
    text = " ".join(web)
    assert "--bind 127.0.0.1:8123" in text and "--workers 3 --threads 5" in text


def test_a_worker_that_dies_is_started_again(tmp_path: Path) -> None:
    said = tmp_path / "said"
    worker = script(f"open({str(said)!r}, 'a').write('begun ')\nsys.exit(3)")
    both = Running(LONG, worker)
    both.start()
    stopper = threading.Thread(target=lambda: (until("begun", said, 2), both._stop()))
    stopper.start()
    assert both.wait() == 0
    stopper.join(20)
    assert said.read_text().count("begun") >= 2
    assert all(process.poll() is not None for process in both.processes.values())


def test_without_the_web_process_all_ends(tmp_path: Path) -> None:
    said = tmp_path / "said"
    worker = script(
        f"file = open({str(said)!r}, 'a', buffering=1)\n"
        "signal.signal(15, lambda *_: (file.write('asked'), sys.exit(0)))\n"
        "time.sleep(60)"
    )
    both = Running(script("time.sleep(1.5); sys.exit(1)"), worker)
    both.start()
    assert both.wait() == 1
    assert both.processes["worker"].poll() is not None
    assert said.read_text() == "asked"


def test_a_signal_ends_all_in_order(tmp_path: Path) -> None:
    both = Running(LONG, LONG)
    both.start()
    threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
    assert both.wait() == 0
    assert [p.returncode for p in both.processes.values()] == [-signal.SIGTERM, -signal.SIGTERM]


def test_who_does_not_end_by_itself_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_GRACE", 0.5)
    said = tmp_path / "said"
    deaf = script(
        f"signal.signal(15, lambda *_: None)\nopen({str(said)!r}, 'w').write('deaf')\n"
        "while True: time.sleep(1)"
    )
    both = Running(LONG, deaf)
    both.start()
    until("deaf", said)
    both.end()
    assert both.processes["worker"].returncode == -signal.SIGKILL
