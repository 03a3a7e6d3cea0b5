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


class Ask(models.Model):
    """One question to one customer after an order, or one of those who are never asked."""

    order = models.OneToOneField("promises.Order", models.PROTECT, related_name="+")
    customer = models.ForeignKey("people.Customer", models.PROTECT, related_name="+")
    arm = models.CharField(max_length=10)  # asked, control
    question = models.CharField(max_length=10)  # nps, csat, ces
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="waiting")  # waiting, sent, unreached, control
    hash = models.CharField(max_length=64, blank=True, db_index=True)  # of the link's token
    message = models.BigIntegerField(null=True)  # of the outbox
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    feedback = models.OneToOneField(Feedback, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="ask_due", condition=models.Q(state="waiting")),
            models.Index(fields=["customer", "-due_at"]),
        ]
