"""Web and worker as one: started together, watched, ended together."""

import ctypes
import logging
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence

_LOG = logging.getLogger("overdeliver.serve")
_GRACE = 30.0  # seconds that a process has to end by itself


def web_command(port: int, host: str, processes: int, threads: int) -> list[str]:
    """How gunicorn is called; everything else about it stands in `web`."""
    return [
        *(sys.executable, "-m", "gunicorn", "overdeliver.server.wsgi:application"),
        *("--config", "python:overdeliver.server.web", "--bind", f"{host}:{port}"),
        *("--workers", str(processes), "--threads", str(threads)),
    ]


def worker_command() -> list[str]:
    """How the worker is called."""
    return [sys.executable, "-m", "overdeliver", "worker"]


def free(host: str, port: int) -> bool:
    """Whether nobody listens there yet."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _end_with_parent() -> None:
    """Ask the kernel to end this process when whoever watches over it is gone, even by kill -9."""
    if sys.platform == "linux":
        set_death_signal = 1
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGTERM)


class Running:
    """Processes that live and end together; a worker that dies is started again."""

    def __init__(self, web: Sequence[str], worker: Sequence[str]) -> None:
        self.commands = {"web": list(web), "worker": list(worker)}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.begun: dict[str, float] = {}
        self.stopping = False

    def start(self) -> None:
        """Start both; from here on SIGTERM and SIGINT end all of it in order."""
        for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(sign, self._stop)
        for name in self.commands:
            self._start(name)

    def _start(self, name: str) -> None:
        self.processes[name] = subprocess.Popen(
            self.commands[name], stdin=subprocess.DEVNULL, preexec_fn=_end_with_parent
        )
        self.begun[name] = time.monotonic()

    def wait(self) -> int:
        """Until told to stop or the web process ends; returns the exit status."""
        while not self.stopping:
            time.sleep(0.3)
            if self.processes["web"].poll() is not None:
                _LOG.error("the web process has ended")
                self.end()
                return 1
            if (ended := self.processes["worker"].poll()) is not None and not self.stopping:
                _LOG.error("the worker has ended (%s); it is started again", ended)
                time.sleep(max(0.0, 2.0 - (time.monotonic() - self.begun["worker"])))
                self._start("worker")
        self.end()
        return 0

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def end(self) -> None:
        """Ask all to end; who does not within half a minute is killed."""
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + _GRACE
        for process in self.processes.values():
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
