"""Files and webhooks that came in. Private to this chapter."""

from django.db import models


class Upload(models.Model):
    """One file, or several of one export, on the way into the ledger (`rules.STEPS`)."""

    reference = models.CharField(max_length=60, unique=True)  # also the batch of its rows
    name = models.CharField(max_length=300)
    files = models.JSONField(default=list)  # name, path below UPLOADS, size, sha256
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)  # of all files, whatever their order
    kind = models.CharField(max_length=30, blank=True)  # olist, shopify, woocommerce, table, xes
    state = models.CharField(max_length=15, default="looking")
    settings = models.JSONField(default=dict)  # mapping, lever, unit, zone, answers
    preview = models.JSONField(default=dict)  # columns, first rows, what was recognised, questions
    report = models.JSONField(default=dict)  # rows in = stored + known + joined + rejected
    done = models.BigIntegerField(default=0)  # rows so far, of `total`
    total = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)  # at the step it is at
    by = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    refused_seen_at = models.DateTimeField(null=True)  # somebody opened it with its refused rows
    lease_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "id"]), models.Index(fields=["-created_at"])]


class Source(models.Model):
    """A system that calls us: its secret, and how to read what it says."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)  # shopify, woocommerce, generic
    secret = models.CharField(max_length=200)  # signatures are checked with it: it must be readable
    settings = models.JSONField(default=dict)  # what is promised per shipping method, and as what
    active = models.BooleanField(default=True)
    last_seen_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)


class Received(models.Model):
    """One call as it came: stored raw, answered, then processed."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="received")
    key = models.CharField(max_length=200)  # the sender's id of the call: twice is once
    topic = models.CharField(max_length=100, blank=True)
    subject = models.CharField(max_length=200, blank=True)  # the order it speaks of, once read
    body = models.TextField()
    at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=20, blank=True)  # done, ignored, unknown
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
            ),
            models.Index(fields=["source", "-at"]),
        ]
