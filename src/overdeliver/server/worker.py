"""The worker: sweeps what is due, again and again, until it is told to stop."""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone

from overdeliver.apps.journal.actions import acting
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.people import erasure_log
from overdeliver.server.models import WorkerBeat
from overdeliver.server.release import VERSION
from overdeliver.server.schedule import QUICK, SLOW, Job, function_of

_LOG = logging.getLogger("overdeliver.worker")
_BEAT = 10.0  # seconds between two signs of life
_IDLE = 0.5
_WAIT = 2.0  # seconds until a database that cannot be used is tried again
_STUCK = 300.0  # seconds in which the quick sweep must come round


class Sweep(threading.Thread):
    """One thread that runs its jobs in turn, each when its time has come."""

    def __init__(self, name: str, jobs: Sequence[Job], stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.jobs, self.stopped = jobs, stop
        self.next = dict.fromkeys(jobs, 0.0)
        self.did: dict[str, int] = {}
        self.failed: dict[str, str] = {}
        self.turned = time.monotonic()  # when it last began a round

    def run(self) -> None:
        """Until told to stop; what fails is logged and tried again later."""
        while not self.stopped.is_set():
            if not self.once():
                self.stopped.wait(_IDLE)
        connection.close()

    def once(self) -> int:
        """Run every job that is due; returns how much was done."""
        close_old_connections()
        self.turned = time.monotonic()
        return sum(self._job(job) for job in self.jobs if time.monotonic() >= self.next[job])

    def _job(self, job: Job) -> int:
        if self.stopped.is_set():
            return 0
        try:
            done = function_of(job)()
        except Exception as error:  # noqa: BLE001 - one job's failure must not stop the others
            self.failed[job.name] = type(error).__name__
            self.next[job] = time.monotonic() + max(job.every, 10)
            if isinstance(error, DatabaseError):
                connection.close()
            if isinstance(error, OperationalError | InterfaceError):
                _LOG.warning("%s waits: the database cannot be used just now", job.name)
            else:
                _LOG.exception("%s failed", job.name)
            return 0
        self.failed.pop(job.name, None)
        self.did[job.name] = self.did.get(job.name, 0) + done
        # What had work may have more: look again at once.
        self.next[job] = time.monotonic() + (0 if done else job.every)
        return done


def work(*, once: bool = False) -> None:
    """Run until SIGTERM or SIGINT; with ``once`` every job one time, here and now."""
    stop = threading.Event()
    sweeps = [Sweep("quick", QUICK, stop), Sweep("slow", SLOW, stop)]
    if once:
        erase_again()
        while sum(sweep.once() for sweep in sweeps):
            for sweep in sweeps:
                sweep.next = dict.fromkeys(sweep.jobs, 0.0)
        return
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    while not stop.is_set() and not _erased_again():
        stop.wait(_WAIT)
    for sweep in sweeps:
        sweep.start()
    _LOG.info("worker is up")
    began = timezone.now()
    while not stop.wait(_BEAT if _beat(began, sweeps) else 1.0):
        if not all(sweep.is_alive() for sweep in sweeps):
            _LOG.error("a sweep has died; the worker ends so that it is started anew")
            stop.set()
    for sweep in sweeps:
        sweep.join(timeout=25)
    WorkerBeat.objects.filter(name=_name()).delete()
    _LOG.info("worker has ended")


def erase_again() -> None:
    """Before anything else: whom a backup has brought back is erased anew, nothing is sent to him.

    OSError: the log of erasures cannot be read; then the worker ends, rather than write to somebody
    who was erased.
    """
    with acting("worker"):
        again = erasure_log.replay()
    if again:
        _LOG.warning("%s customers that a backup brought back are erased again", again)
        while deliver_due():
            pass


def _erased_again() -> bool:
    try:
        erase_again()
    except DatabaseError:
        connection.close()
        _LOG.warning("the worker waits: the database cannot be used just now")
        return False
    return True


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _beat(began: datetime, sweeps: Sequence[Sweep]) -> bool:
    if time.monotonic() - sweeps[0].turned > _STUCK:
        return False  # something hangs: no sign of life, so that it is seen
    did = {name: n for sweep in sweeps for name, n in list(sweep.did.items()) if n}
    failed = {name: what for sweep in sweeps for name, what in list(sweep.failed.items())}
    try:
        close_old_connections()
        WorkerBeat.objects.update_or_create(
            name=_name(),
            defaults={
                "at": timezone.now(),
                "started_at": began,
                "did": did,
                "failed": failed,
                "version": VERSION,
            },
        )
        day_ago = timezone.now() - timedelta(days=1)
        WorkerBeat.objects.filter(at__lt=day_ago).delete()
    except DatabaseError:
        connection.close()
        return False
    return True
