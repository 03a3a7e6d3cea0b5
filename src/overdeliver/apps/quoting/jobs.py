"""Work that is due: a night of learning, a run in the queue, a look at recent promises."""

import subprocess
import sys
import time
from secrets import token_hex

from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal.actions import acting
from overdeliver.apps.quoting import drifting, runs
from overdeliver.apps.quoting.erasing import prune_quotes as prune_quotes
from overdeliver.vocabulary.moments import zone_named

#: The hour of the business's day after which the night's learning begins.
NIGHT = 3
#: Seconds after which a learning process is taken for stuck.
LONGEST = 4 * 3600


class _Child:
    """The one learning process this worker has begun."""

    process: subprocess.Popen[bytes] | None = None
    began = 0.0
    run = 0
    holder = ""


def nightly_due() -> int:
    """Ask for the night's learning once a day, after three o'clock; returns how many were asked."""
    if business.business() is None or not business.services():
        return 0
    now = timezone.now().astimezone(zone_named(business.zone()))
    if now.hour < NIGHT or runs.asked(key := f"night:{now.date().isoformat()}"):
        return 0
    with acting("worker"):
        runs.ask_to_learn(key=key)
    return 1


def learn_due(*, wait: bool = False) -> int:
    """Look after learning: take up a run in a process of its own, or see how that process does.

    Returns how many runs were begun or ended. With ``wait`` the run is done here and now.
    """
    if wait:
        return learn_here()
    child = _Child.process
    if child is not None:
        ended = child.poll()
        if ended is None and time.monotonic() - _Child.began > LONGEST:
            child.kill()
            ended = child.wait()
        if ended is None:
            return 0
        _Child.process = None
        if ended not in (0, 1):  # killed, or out of memory: the run is free again
            runs.let_go(_Child.run, _Child.holder)
        return 1
    run = runs.unfinished()
    holder = token_hex(8)
    if run is None or not runs.claim(run, holder):
        return 0
    _Child.run, _Child.holder, _Child.began = run, holder, time.monotonic()
    _Child.process = subprocess.Popen(
        [sys.executable, "-m", "overdeliver.apps.quoting.apart", str(run), holder],
        stdin=subprocess.DEVNULL,
    )
    return 1


def learn_here() -> int:
    """Take up the next run and do it in this process; returns 1 where there was one."""
    run = runs.unfinished()
    holder = token_hex(8)
    if run is None or not runs.claim(run, holder):
        return 0
    try:
        from overdeliver.apps.quoting import learning  # only whoever learns pays for loading it

        with acting("worker"):
            learning.carry_out(run, holder)
    except runs.Lost:
        return 0
    except Exception as error:
        runs.fail(run, holder, runs.said(error))
        raise
    return 1


def watch_due() -> int:
    """Look at the recent promises of services nobody looked at for ten minutes."""
    with acting("worker"):
        return sum(drifting.look_at(service) is not None for service in drifting.due())
