"""Counts for Prometheus, read at each call: the same whichever process answers."""

from collections.abc import Mapping

from django.utils import timezone
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from overdeliver.apps.journal import reads as journal
from overdeliver.apps.look import missed
from overdeliver.apps.outreach import reads as outreach
from overdeliver.apps.promises import reads as promises
from overdeliver.apps.quoting import reads as quoting
from overdeliver.server import disk
from overdeliver.server.models import WorkerBeat
from overdeliver.server.release import VERSION
from overdeliver.server.system import ALIVE, database_bytes


def exposition() -> bytes:
    """The text format of Prometheus; nothing in it is personal."""
    shown = Shown()
    shown.by("promises", "Promises in force, by how they stand", "verdict", _promises())
    shown.by("messages", "Messages out, by status", "status", outreach.counts())
    shown.one("messages_late", "Messages due that no worker has taken", outreach.late())
    shown.one("deliveries_waiting", "Events on their way to listeners", journal.undelivered())
    shown.one("deliveries_stuck", "Events not delivered in time", journal.stuck())
    shown.one("drift_alarms", "Services that keep less than they say", len(quoting.alarms()))
    shown.one("missed_links", "Links of the last hour that lead nowhere", missed.within_hour())
    _workers(shown)
    shown.one("database_bytes", "Size of the database", database_bytes())
    shown.one("disk_free_bytes", "Room where the data lie", disk.room())
    shown.by("build", "The running program", "version", {VERSION: 1})
    return generate_latest(shown.registry)


class Shown:
    """Collects figures under the prefix of the house."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

    def one(self, name: str, about: str, value: float) -> None:
        """A single figure."""
        Gauge(f"overdeliver_{name}", about, registry=self.registry).set(value)

    def by(self, name: str, about: str, label: str, values: Mapping[str, float]) -> None:
        """A figure for each value of a label."""
        gauge = Gauge(f"overdeliver_{name}", about, [label], registry=self.registry)
        for key, value in values.items():
            gauge.labels(key).set(value)


def _promises() -> Mapping[str, int]:
    return promises.tally(promises.Filter())


def _workers(shown: Shown) -> None:
    """How many are alive, and how long ago one last said so; no worker ever: no age."""
    now = timezone.now()
    beats = list(WorkerBeat.objects.order_by("-at"))
    alive = [beat for beat in beats if now - beat.at < ALIVE]
    shown.one("workers", "Workers that are alive", len(alive))
    failing = {name for beat in alive for name in beat.failed}
    shown.by("jobs_failing", "Jobs of the worker that fail", "job", dict.fromkeys(failing, 1))
    if beats:
        age = (now - beats[0].at).total_seconds()
        shown.one("worker_age_seconds", "Since the last sign of life of a worker", age)
