"""Counts for Prometheus, read at each call: the same whichever process answers."""

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from overdeliver.apps.journal import reads as journal


def exposition() -> bytes:
    """The text format of Prometheus."""
    registry = CollectorRegistry()
    stuck = Gauge("overdeliver_deliveries_stuck", "Events not delivered in time", registry=registry)
    stuck.set(journal.stuck())
    return generate_latest(registry)
