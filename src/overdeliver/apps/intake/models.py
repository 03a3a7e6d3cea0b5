"""Files and webhooks that came in. Private to this chapter."""

from django.db import models


class Upload(models.Model):
    """One file on its way into the ledger, step by step; every step can be taken again.

    uploaded -> recognising -> mapped (a person looks) -> checking -> checked (dry run seen)
    -> importing -> done -> undone; or failed, with what to do.
    """

    reference = models.CharField(max_length=60, unique=True)  # also the batch of its rows
    name = models.CharField(max_length=300)
    path = models.CharField(max_length=500)  # in the data folder
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=30, blank=True)  # olist, shopify, woocommerce, table, xes
    state = models.CharField(max_length=15, default="uploaded")
    settings = models.JSONField(default=dict)  # mapping, lever, unit, zone, answers
    preview = models.JSONField(default=dict)  # columns, first rows, what was recognised, questions
    report = models.JSONField(default=dict)  # rows in = stored + rejected; reject file
    done = models.BigIntegerField(default=0)  # rows so far, of `total`
    total = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
    by = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    lease_until = models.DateTimeField(null=True)


class Source(models.Model):
    """A system that calls us: its secret, and how to read what it says."""

    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=20)  # shopify, woocommerce, generic
    secret = models.CharField(max_length=200)
    service = models.CharField(max_length=80, blank=True)  # what its orders are promised as
    active = models.BooleanField(default=True)
    last_seen_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)


class Received(models.Model):
    """One call as it came: stored raw, answered, then processed."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="received")
    key = models.CharField(max_length=200)  # the sender's id of the call: twice is once
    topic = models.CharField(max_length=100, blank=True)
    body = models.TextField()
    at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True)
    given_up = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="once_per_call")]
        indexes = [
            models.Index(
                fields=["next_at"],
                name="received_due",
                condition=models.Q(processed_at__isnull=True, given_up=False),
            )
        ]
