"""What the worker does for messages: each lane is swept by a thread of its own.

A receiver that does not answer holds up its own lane and no other; the sweep that started the
lanes waits for them only a moment.
"""

import threading
import time
from datetime import datetime

from django.db import close_old_connections, connection

from overdeliver.apps.outreach import hooks, lanes, mail, outbox
from overdeliver.apps.outreach.carriers import Carrier, carrier_of
from overdeliver.apps.outreach.clock import Clock, database_now
from overdeliver.apps.outreach.mail import post

AT_ONCE = 16  # lanes of this process
_BURST = 200  # messages of a lane before it makes room
_SECONDS = 20.0
_WAIT = 1.0
_RUNNING: dict[str, "Sweep"] = {}
_LOCK = threading.Lock()


def send_due(now: datetime | None = None, *, threads: bool = True) -> int:
    """Send what is due, each lane by itself; returns how much was done, so far.

    Safe beside other workers. ``now`` stands still for the whole sweep, for tests and rehearsals;
    without ``threads`` everything happens here, one lane after the other. RuntimeError: called
    inside a transaction, where nothing may be sent.
    """
    clock: Clock = database_now if now is None else lambda: now
    at = clock()
    done = outbox.return_leases(at)
    ready: list[str] = []
    for lane in outbox.due_lanes(at):
        reason = outbox.why_by_hand(lane)
        if reason:
            done += outbox.hand_over(lane, reason, at)
        else:
            ready.append(lane)
    if not threads:
        return done + sum(sweep(lane, clock) for lane in ready)
    if connection.in_atomic_block:
        raise RuntimeError("messages are sent outside any transaction")
    return done + _in_threads(ready, clock)


def sweep(lane: str, clock: Clock, counted: "Sweep | None" = None) -> int:
    """Send what is due in one lane, up to a burst; returns how much."""
    found, until, done = outbox.Found.now(), time.monotonic() + _SECONDS, 0
    name, mine = lane.partition(":")[0], lanes.Turn(lane, clock())
    with post() as by:
        own = carrier_of(name)
        carry: Carrier | None = (lambda parcel: mail.send(parcel, by)) if own is mail.carry else own
        while carry and done < _BURST and time.monotonic() < until and _main_lives():
            if mine.over(clock()) or not outbox.send_one(lane, carry, clock, found):
                break
            done += 1
            if counted is not None:
                counted.done = done
    mine.end(clock())
    hooks.after_sweep(lane, clock())
    return done


class Sweep(threading.Thread):
    """One lane at work."""

    def __init__(self, lane: str, clock: Clock) -> None:
        super().__init__(name=f"lane {lane}")
        self.lane, self.clock, self.done, self.told = lane, clock, 0, 0

    def run(self) -> None:
        """Until the lane is empty or the burst is over."""
        close_old_connections()
        try:
            sweep(self.lane, self.clock, self)
        finally:
            connection.close()

    def news(self) -> int:
        """What was done since the last look."""
        new, self.told = self.done - self.told, self.done
        return new


def _in_threads(ready: list[str], clock: Clock) -> int:
    with _LOCK:
        ended = [one for one in _RUNNING.values() if not one.is_alive()]
        done = sum(one.news() for one in ended)
        for one in ended:
            del _RUNNING[one.lane]
        free = AT_ONCE - len(_RUNNING)
        fresh = [lane for lane in ready if lane not in _RUNNING][: max(free, 0)]
        started = [Sweep(lane, clock) for lane in fresh]
        for one in started:
            _RUNNING[one.lane] = one
            one.start()
    until = time.monotonic() + _WAIT
    for one in started:
        one.join(max(until - time.monotonic(), 0))
    return done + sum(one.news() for one in started)


def _main_lives() -> bool:
    """When the process ends, the message in hand is finished and no other begun."""
    return threading.main_thread().is_alive()
