"""Runs of learning: claimed once, taken up again, failed visibly, asked for at night."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business import actions as business
from overdeliver.apps.business.models import Service
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.quoting import actions, jobs, learning, reads, runs
from overdeliver.apps.quoting.models import LearnedModel, LearningRun
from overdeliver.apps.quoting.rules.policy import PromisingPolicy
from tests.apps.quoting.conftest import Simulated, simulate
from tests.processes import await_until

Door = Callable[[str], Client]


@pytest.mark.django_db
def test_below_the_minimum_it_says_what_is_missing_and_learns_nothing(
    shop: object, signed_in: Door
) -> None:
    Service.objects.filter(slug="courier").update(fallback=60)
    manager = signed_in("manager")

    def page() -> str:
        return manager.get("/quoting/").content.decode()

    assert "nothing has been learned yet" in page()
    runs.ask_to_learn()
    assert "is being learned right now" in page()
    assert jobs.learn_here() == 1
    line = next(one for one in reads.runs()[0].report if one["service"] == "courier")
    assert (line["state"], line["have"], line["need"]) == ("few", 0, 9)
    assert not LearnedModel.objects.exists()
    assert actions.give_quote("courier").promised == 60
    assert "needs 9 outcomes; 0 so far." in page() and "stated promise: 60 minutes" in page()


@pytest.mark.django_db
@pytest.mark.parametrize(("level", "need"), [(0.8, 4), (0.9, 9), (0.95, 19)])
def test_the_least_history_of_each_level(shop: object, level: float, need: int) -> None:
    business.set_policy(PromisingPolicy(level=level))
    runs.ask_to_learn("courier")
    jobs.learn_here()
    assert reads.runs()[0].report[0]["need"] == need


@pytest.mark.django_db
def test_a_small_past_is_learned_but_waits_for_a_person(shop: object) -> None:
    simulate("webshop", 60, past=0.5, slug="small")
    runs.ask_to_learn("small")
    jobs.learn_here()
    found = reads.newest("small")
    assert found is not None and found.status == "candidate"
    assert reads.published("small") is None
    assert {key for key, _ in found.reasons} & {"thin", "not_judged"}
    assert actions.give_quote("small").model == ""


@pytest.mark.django_db
def test_a_policy_that_asks_a_person_publishes_nothing_by_itself(shop: object) -> None:
    business.set_policy(PromisingPolicy(automatic=False))
    simulate("webshop", 400, slug="sim")
    runs.ask_to_learn("sim")
    jobs.learn_here()
    found = reads.newest("sim")
    assert found is not None and found.status == "candidate"
    assert [key for key, _ in found.reasons][-1] == "manual"
    assert journal.decisions("model:sim")[0].verdict == "wait"


@pytest.mark.django_db
@pytest.mark.one_database
def test_learning_again_makes_the_next_version_and_keeps_the_one_before(shop: object) -> None:
    simulate("webshop", 800, slug="sim")
    for _ in range(2):
        runs.ask_to_learn("sim")
        jobs.learn_here()
    states = dict(LearnedModel.objects.values_list("version", "status"))
    assert sorted(states) == [1, 2] and list(states.values()).count("published") == 1


@pytest.mark.django_db
def test_a_run_is_claimed_by_one(shop: object) -> None:
    run = runs.ask_to_learn()
    assert runs.claim(run, "a") and not runs.claim(run, "b")
    with pytest.raises(runs.Lost):
        runs.renew(run, "b")


@pytest.mark.django_db
def test_a_run_whose_holder_died_is_taken_up_again_and_the_dead_can_change_nothing(
    shop: object,
) -> None:
    run = runs.ask_to_learn()
    assert runs.claim(run, "dead")
    with time_machine.travel(timezone.now() + runs.LEASE + timedelta(seconds=1)):
        assert runs.claim(run, "alive")
        with pytest.raises(runs.Lost):
            learning.carry_out(run, "dead")
        learning.carry_out(run, "alive")
    assert LearningRun.objects.get().state == "done"


@pytest.mark.django_db
def test_a_run_that_stops_three_times_fails_visibly(shop: object, signed_in: Door) -> None:
    run = runs.ask_to_learn()
    for holder in "abc":
        assert runs.claim(run, holder)
        runs.let_go(run, holder)
    assert not runs.claim(run, "d")
    assert LearningRun.objects.get().state == "failed"
    assert runs.unfinished() is None
    assert "stopped 3 times" in signed_in("manager").get("/quoting/").content.decode()
    assert [e.name for e in journal.life(f"learning:{run}")] == ["quoting.learning_failed"]


@pytest.mark.django_db
def test_the_night_is_asked_for_once_and_only_after_three(shop: object) -> None:
    early = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)  # half past two in Almaty
    with time_machine.travel(early, tick=False):
        assert jobs.nightly_due() == 0
    with time_machine.travel(early + timedelta(hours=1), tick=False):
        assert (jobs.nightly_due(), jobs.nightly_due()) == (1, 0)
    with time_machine.travel(early + timedelta(hours=25), tick=False):
        assert jobs.nightly_due() == 1


@pytest.mark.django_db
def test_without_a_business_no_night_is_asked_for() -> None:
    assert jobs.nightly_due() == 0


@pytest.mark.django_db
def test_learn_now_is_a_press_of_a_button(shop: object, signed_in: Door) -> None:
    browser = signed_in("manager")
    assert browser.post("/quoting/learn").status_code == 302
    assert "waits for the worker" in browser.get("/quoting/runs").content.decode()
    assert signed_in("analyst").post("/quoting/learn").status_code == 403
    assert browser.get("/quoting/learn").status_code == 405


_SETUP = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from overdeliver.apps.business.models import Business
Business.objects.create(name="S", kind="webshop", country="KZ", zone="UTC", currency="KZT")
from tests.apps.quoting.conftest import simulate
simulate("webshop", 1000)
from overdeliver.apps.quoting import runs
print(runs.ask_to_learn("sim"))
"""
_LEARN = """
import sys, django; django.setup()
from overdeliver.apps.quoting import jobs
print(jobs.learn_due(), flush=True)
print(jobs._Child.process.pid, flush=True)
jobs._Child.process.wait()
print(jobs.learn_due(), jobs.learn_due(), flush=True)
jobs._Child.process.wait()
print(jobs.learn_due(), flush=True)
from overdeliver.apps.quoting.models import LearningRun, LearnedModel
run = LearningRun.objects.get()
print(run.state, run.attempts, LearnedModel.objects.filter(status="published").count(), flush=True)
"""


def _step(folder: Path) -> str:
    """The service that is being learned, asked of the database itself."""
    with closing(sqlite3.connect(folder / "overdeliver.sqlite3", timeout=60)) as there:
        return str(there.execute("SELECT step FROM quoting_learningrun").fetchone()[0])


@pytest.mark.one_database  # it has a SQLite of its own
def test_a_learning_process_that_is_killed_is_taken_up_again(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    env = {
        **os.environ,
        "OVERDELIVER_DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "overdeliver.server.settings",
        "PYTHONPATH": f"{root}:{root / 'src'}",
    }
    env.pop("OVERDELIVER_DATABASE_URL", None)
    subprocess.run([sys.executable, "-c", _SETUP], env=env, check=True, stdout=subprocess.DEVNULL)
    worker = subprocess.Popen(
        [sys.executable, "-c", _LEARN], env=env, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    assert worker.stdout.readline().strip() == "1"
    child = int(worker.stdout.readline())
    await_until(lambda: _step(tmp_path) == "sim", 60, 0.2)  # it is in the middle of it
    os.kill(child, signal.SIGKILL)
    assert worker.stdout.readline().strip() == "1 1"  # seen dead, begun again
    assert worker.stdout.readline().strip() == "1"
    assert worker.stdout.readline().strip() == "done 2 1"
    assert worker.wait(30) == 0


@pytest.mark.django_db
def test_learned_quotes_say_what_was_learned(learned: Simulated, signed_in: Door) -> None:
    page = signed_in("analyst").get("/quoting/of/sim/?try=1&f:seller=seller-004").content.decode()
    assert "by " in page and "Learned from" in page
    assert "Publish" not in page  # an analyst looks, and publishes nothing
