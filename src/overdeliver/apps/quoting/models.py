"""Quotes and learned models. Private to this chapter."""

from django.db import models
from django.db.models import Q


class Quote(models.Model):
    """What was offered before purchase, and whether it was shown."""

    reference = models.CharField(max_length=60, unique=True)
    service = models.CharField(max_length=80)
    lever = models.CharField(max_length=10)
    unit = models.CharField(max_length=10)
    whole = models.BooleanField(default=False)
    level = models.FloatField(null=True)  # empty: a stated promise, no honest level is known
    features = models.JSONField(default=dict)
    promised = models.FloatField(null=True)  # empty: nothing honest could be said
    low = models.FloatField(null=True)  # the range: eight in ten take from ...
    high = models.FloatField(null=True)  # ... to
    due_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=5, default="en")
    shown = models.BooleanField()
    reasons = models.JSONField(default=list)  # [key, what is filled in], to be said in any language
    because = models.JSONField(default=list)  # the same as sentences in `language`
    model = models.CharField(max_length=100, blank=True)  # service and version, or empty
    decision = models.BigIntegerField(null=True)  # the journal's
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    order = models.CharField(max_length=200, blank=True)  # the order it was accepted for
    promise = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-made_at"]), models.Index(fields=["order"])]


class LearnedModel(models.Model):
    """One version of what was learned for one service: an artefact that runs no code."""

    service = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    artefact = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    metrics = models.JSONField(default=dict)
    status = models.CharField(max_length=12)  # candidate, published, retired, refused
    because = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    decision = models.BigIntegerField(null=True)  # the journal's
    learned_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "version"], name="one_model_per_version"),
            models.UniqueConstraint(
                fields=["service"],
                condition=Q(status="published"),
                name="one_published_per_service",
            ),
        ]


class LearningRun(models.Model):
    """One night (or one press of the button) of learning, all of it visible."""

    key = models.CharField(max_length=60, unique=True)  # night:2026-11-24, or made up
    state = models.CharField(max_length=10, default="waiting")  # waiting, running, done, failed
    service = models.CharField(max_length=80, blank=True)  # only this one; empty: all
    asked_by = models.CharField(max_length=100)
    asked_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    holder = models.CharField(max_length=40, blank=True)  # whoever claimed it last
    attempts = models.PositiveIntegerField(default=0)
    step = models.CharField(max_length=100, blank=True)  # the service being learned
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=list)  # one entry per service: learned, judged, published
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["asked_at"],
                name="learning_unfinished",
                condition=Q(state__in=["waiting", "running"]),
            )
        ]


class DriftAlarm(models.Model):
    """Kept promises fell below what was said, for one service."""

    service = models.CharField(max_length=80)
    raised_at = models.DateTimeField()
    covered = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    level = models.FloatField()
    n = models.PositiveIntegerField(default=0)
    because = models.CharField(max_length=500)
    decision = models.BigIntegerField(null=True)  # the journal's
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service"],
                condition=Q(cleared_at__isnull=True),
                name="one_alarm_per_service",
            )
        ]


class Watch(models.Model):
    """The latest look at how a service keeps its recent promises."""

    service = models.CharField(max_length=80, unique=True)
    looked_at = models.DateTimeField()
    seen = models.JSONField(default=dict)  # level, covered, low, high, n, open; or have, need
