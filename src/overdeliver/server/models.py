"""What the server remembers of itself: who works, and which nights were done."""

from django.db import models


class WorkerBeat(models.Model):
    """One worker that is alive, and what it did last."""

    name = models.CharField(max_length=100, unique=True)  # host and process
    at = models.DateTimeField()
    started_at = models.DateTimeField()
    did = models.JSONField(default=dict)  # job -> how much since the start
    failed = models.JSONField(default=dict)  # job -> name of the last error
    version = models.CharField(max_length=20)
