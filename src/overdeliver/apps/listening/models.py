"""What customers said. Private to this chapter."""

from django.db import models


class Feedback(models.Model):
    """A score, a text, or both."""

    reference = models.CharField(max_length=200, unique=True)
    customer = models.ForeignKey("people.Customer", models.PROTECT, null=True, related_name="+")
    order = models.ForeignKey("promises.Order", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)  # survey, review, complaint
    score = models.FloatField(null=True)
    scale_min = models.FloatField(null=True)
    scale_max = models.FloatField(null=True)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    channel = models.CharField(max_length=50, blank=True)
    batch = models.CharField(max_length=60, blank=True, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["-at"]), models.Index(fields=["order"])]
