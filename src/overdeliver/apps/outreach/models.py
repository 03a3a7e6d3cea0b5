"""Messages out and where they go. Private to this chapter."""

from django.db import models
from django.db.models import Q


class Message(models.Model):
    """One message on its way: written in the same transaction as its reason.

    queued -> leased -> sent; or failed (given up), held (its moment passed: a person decides),
    unknown (a crash in the window of an at-most-once channel: a person decides), cancelled.
    """

    key = models.CharField(max_length=200, unique=True)  # the same reason twice is one message
    channel = models.CharField(max_length=20)  # mail, webhook
    purpose = models.CharField(max_length=50)  # service, reassurance, asking ...
    address = models.CharField(max_length=500)
    customer = models.ForeignKey("people.Customer", models.PROTECT, null=True, related_name="+")
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    message_id = models.CharField(max_length=200)  # the same at every try: doubles can be told
    because = models.CharField(max_length=300)  # "why did I get this?"
    cause = models.BigIntegerField(null=True)  # the journal's event
    not_before = models.DateTimeField()
    not_after = models.DateTimeField(null=True)
    status = models.CharField(max_length=10, default="queued")
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["not_before"],
                name="message_due",
                condition=Q(status__in=["queued", "leased"]),
            ),
            models.Index(fields=["status", "-created_at"]),
        ]


class Template(models.Model):
    """A text of a message in one language; merge fields only, nothing that runs."""

    name = models.CharField(max_length=80)
    language = models.CharField(max_length=5)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "language"], name="one_text_per_language")
        ]


class Endpoint(models.Model):
    """Where another system wants to hear what happened."""

    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=100)  # whsec_...
    events = models.JSONField(default=list)  # names; empty: all that may be told
    active = models.BooleanField(default=True)
    disabled_because = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
