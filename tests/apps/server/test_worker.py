"""The worker as it runs: it shows signs of life, survives its database, and ends when it must."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.db.models.signals import post_save
from django.utils import timezone

from overdeliver.server import worker
from overdeliver.server.models import WorkerBeat
from overdeliver.server.schedule import Job
from overdeliver.server.worker import Sweep, work

pytestmark = pytest.mark.django_db(transaction=True)
Jobs = dict[str, Callable[[], int]]


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """The worker takes the signals over; the next test gets its own back."""
    kept = {sign: signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT)}
    yield
    for sign, known in kept.items():
        signal.signal(sign, known)


@pytest.fixture
def beats() -> Iterator[list[WorkerBeat]]:
    """Every sign of life the worker wrote down."""
    found: list[WorkerBeat] = []

    def saw(instance: WorkerBeat, **_: Any) -> None:
        found.append(instance)

    post_save.connect(saw, sender=WorkerBeat)
    yield found
    post_save.disconnect(saw, sender=WorkerBeat)


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> Jobs:
    """What the worker has to do: functions by name, of the quick sweep and of the slow one."""
    given: Jobs = {"quick": lambda: 0, "slow": lambda: 0}
    monkeypatch.setattr(worker, "QUICK", (Job("x.here.jobs.quick", 0.01),))
    monkeypatch.setattr(worker, "SLOW", (Job("x.here.jobs.slow", 0.01),))
    monkeypatch.setattr(worker, "function_of", lambda job: given[job.path.rpartition(".")[2]])
    monkeypatch.setattr(worker, "_BEAT", 0.02)
    monkeypatch.setattr(worker, "_IDLE", 0.01)
    return given


def sweep_of(*names: str, stop: threading.Event | None = None) -> Sweep:
    found = [Job(f"x.here.jobs.{name}", 0.01) for name in names or ("quick",)]
    return Sweep("test", found, stop or threading.Event())


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_told_to_stop_ends_in_order_and_leaves_no_sign_of_life(
    jobs: Jobs, beats: list[WorkerBeat], sign: signal.Signals
) -> None:
    done: list[str] = []

    def quick() -> int:
        done.append("quick")
        if len(done) == 5:
            os.kill(os.getpid(), sign)
        return 1

    jobs.update(quick=quick)
    work()
    assert len(done) >= 5
    assert beats and beats[0].name.endswith(f":{os.getpid()}")
    assert not WorkerBeat.objects.exists()
    assert not [one for one in threading.enumerate() if isinstance(one, Sweep)]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_whose_sweep_has_died_ends_so_that_it_is_started_anew(
    jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    def dies() -> int:
        raise SystemExit

    jobs.update(slow=dies)
    work()
    assert "a sweep has died" in caplog.text


def test_a_worker_that_hangs_shows_no_sign_of_life(jobs: Jobs) -> None:
    quick, slow = sweep_of(), sweep_of()
    began = timezone.now()
    assert worker._beat(began, [quick, slow])
    WorkerBeat.objects.all().delete()
    quick.turned = time.monotonic() - 301
    assert not worker._beat(began, [quick, slow])
    assert not WorkerBeat.objects.exists()


def test_a_sign_of_life_says_what_was_done_and_what_fails(jobs: Jobs) -> None:
    rounds = iter([3, 0])
    jobs.update(quick=lambda: next(rounds))
    quick, slow = sweep_of(), sweep_of()
    quick.once()
    jobs.update(quick=lambda: 1 // 0)
    slow.once()
    WorkerBeat.objects.create(
        name="gone:1",
        at=timezone.now() - timedelta(days=2),
        started_at=timezone.now() - timedelta(days=3),
        version="0",
    )
    worker._beat(timezone.now(), [quick, slow])
    row = WorkerBeat.objects.get()  # the one of two days ago is forgotten
    assert (row.did, row.failed) == ({"here.quick": 3}, {"here.quick": "ZeroDivisionError"})


def test_without_its_database_the_worker_shows_no_sign_of_life_and_goes_on(jobs: Jobs) -> None:
    def gone(*_: Any) -> Any:
        raise OperationalError("the server is away")

    with connection.execute_wrapper(gone):
        assert not worker._beat(timezone.now(), [sweep_of()])
    assert worker._beat(timezone.now(), [sweep_of()])


@pytest.mark.parametrize(
    ("error", "level", "said"),
    [
        (OperationalError("Анна"), logging.WARNING, "the database cannot be used just now"),
        (IntegrityError("Анна"), logging.ERROR, "here.quick failed"),
    ],
)
def test_a_job_the_database_fails_waits_and_is_done_later(
    jobs: Jobs, caplog: pytest.LogCaptureFixture, error: Exception, level: int, said: str
) -> None:
    def fails() -> int:
        raise error

    jobs.update(quick=fails)
    sweep = sweep_of()
    assert sweep.once() == 0 and sweep.failed == {"here.quick": type(error).__name__}
    assert [(one.levelno, said in one.getMessage()) for one in caplog.records] == [(level, True)]
    jobs.update(quick=lambda: 2)
    assert sweep.once() == 0  # not at once
    sweep.next = dict.fromkeys(sweep.jobs, 0.0)
    assert sweep.once() == 2 and not sweep.failed


def test_after_the_word_to_stop_no_other_job_is_begun(jobs: Jobs) -> None:
    stop = threading.Event()
    sweep = sweep_of("quick", "slow", stop=stop)
    done: list[str] = []

    def quick() -> int:
        done.append("quick")
        stop.set()
        return 1

    def slow() -> int:
        done.append("slow")
        return 1

    jobs.update(quick=quick, slow=slow)
    sweep.run()
    assert done == ["quick"]
