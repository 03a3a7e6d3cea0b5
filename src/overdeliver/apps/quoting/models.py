"""Quotes and learned models. Private to this chapter."""

from django.db import models


class Quote(models.Model):
    """What was offered before purchase, and whether it was shown."""

    reference = models.CharField(max_length=60, unique=True)
    service = models.CharField(max_length=80)
    lever = models.CharField(max_length=10)
    unit = models.CharField(max_length=10)
    level = models.FloatField()
    features = models.JSONField(default=dict)
    promised = models.FloatField(null=True)  # empty: nothing honest could be said
    low = models.FloatField(null=True)  # the range: usually from ...
    high = models.FloatField(null=True)  # ... to
    due_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=300, blank=True)
    shown = models.BooleanField()
    because = models.JSONField(default=list)
    model = models.CharField(max_length=100, blank=True)  # service and version, or the rule
    decision = models.BigIntegerField(null=True)  # the journal's
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    promise = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-made_at"])]


class LearnedModel(models.Model):
    """One version of what was learned for one service: an artefact that runs no code."""

    service = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    artefact = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    metrics = models.JSONField(default=dict)
    status = models.CharField(max_length=12)  # candidate, published, retired, refused
    because = models.JSONField(default=list)
    learned_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "version"], name="one_model_per_version"),
            models.UniqueConstraint(
                fields=["service"],
                condition=models.Q(status="published"),
                name="one_published_per_service",
            ),
        ]


class LearningRun(models.Model):
    """One night (or one press of the button) of learning, all of it visible."""

    state = models.CharField(max_length=10, default="waiting")  # waiting, running, done, failed
    asked_by = models.CharField(max_length=100)
    asked_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    step = models.CharField(max_length=100, blank=True)
    report = models.JSONField(default=list)  # one entry per service: learned, judged, published
    error = models.CharField(max_length=300, blank=True)


class DriftAlarm(models.Model):
    """Kept promises fell below what was said, for one service."""

    service = models.CharField(max_length=80)
    raised_at = models.DateTimeField()
    covered = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    level = models.FloatField()
    because = models.CharField(max_length=500)
    cleared_at = models.DateTimeField(null=True)
