"""The journal's tables. Private to this chapter."""

from django.db import models
from django.db.models import Q


class Event(models.Model):
    """Something that happened; append-only."""

    at = models.DateTimeField()
    name = models.CharField(max_length=100)
    subject = models.CharField(max_length=250)
    data = models.JSONField(default=dict)
    actor = models.CharField(max_length=100)  # staff:7, key:3, worker, command
    cause = models.ForeignKey("self", models.PROTECT, null=True, related_name="effects")
    decision = models.ForeignKey("Decided", models.PROTECT, null=True, related_name="events")

    class Meta:
        indexes = [
            models.Index(fields=["subject", "id"]),
            models.Index(fields=["name", "id"]),
        ]


class Decided(models.Model):
    """A decision, with its reasons and the policy that was in force; append-only."""

    at = models.DateTimeField()
    rule = models.CharField(max_length=100)  # overdeliver.apps.quoting.rules.choose_promise
    verdict = models.CharField(max_length=100)
    because = models.JSONField()
    policy = models.PositiveIntegerField()
    inputs = models.JSONField(default=dict)
    subject = models.CharField(max_length=250)
    cause = models.ForeignKey("Event", models.PROTECT, null=True, related_name="decisions")

    class Meta:
        indexes = [models.Index(fields=["subject", "id"])]


class Delivery(models.Model):
    """One event on its way to one listener."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="deliveries")
    listener = models.CharField(max_length=100)
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True)
    given_up = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "listener"], name="once_per_listener")
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                name="delivery_due",
                condition=Q(done_at__isnull=True, given_up=False),
            )
        ]


class Unlock(models.Model):
    """A row here, inside one transaction, lets a named procedure change append-only rows."""
