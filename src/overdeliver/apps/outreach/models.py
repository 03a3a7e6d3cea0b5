"""Messages out and where they go. Private to this chapter."""

from django.db import models
from django.db.models import Q


class Message(models.Model):
    """One message on its way: written in the same transaction as its reason.

    The ways from one status to another stand in `rules.statuses`.
    """

    key = models.CharField(max_length=200, unique=True)  # the same reason twice is one message
    channel = models.CharField(max_length=20)  # mail, webhook, letter, call, gift
    lane = models.CharField(max_length=40)  # whose turn it waits for: mail, webhook:7
    purpose = models.CharField(max_length=50)  # service, reassurance, asking ...
    template = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=5, blank=True)
    address = models.CharField(max_length=500)
    customer = models.ForeignKey("people.Customer", models.PROTECT, null=True, related_name="+")
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    message_id = models.CharField(max_length=200)  # the same at every try: doubles can be told
    because = models.CharField(max_length=300)  # "why did I get this?": a word's key
    about = models.CharField(max_length=250, blank=True)  # the journal's subject: promise:p-17
    cause = models.BigIntegerField(null=True)  # the journal's event
    zone = models.CharField(max_length=64, blank=True)  # whose quiet hours count; empty: none
    not_before = models.DateTimeField()
    not_after = models.DateTimeField(null=True)
    next_at = models.DateTimeField()  # of the next try
    status = models.CharField(max_length=10, default="queued")
    was = models.CharField(max_length=10, blank=True)  # before a person acted: the way back
    released = models.BooleanField(default=False)  # a person said: send it anyway
    lease = models.CharField(max_length=40, blank=True)  # who has it
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=60, blank=True)  # a short code, never a text from outside
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    cost = models.DecimalField(max_digits=12, decimal_places=4, null=True)  # once it is sent
    currency = models.CharField(max_length=3, blank=True)  # of the cost
    print_run = models.ForeignKey("PrintRun", models.PROTECT, null=True, related_name="letters")

    class Meta:
        indexes = [
            models.Index(
                fields=["lane", "next_at"], name="message_due", condition=Q(status="queued")
            ),
            models.Index(
                fields=["lease_until"], name="message_leased", condition=Q(status="leased")
            ),
            models.Index(fields=["status", "-id"]),
            models.Index(fields=["customer", "-id"]),
        ]


class PrintRun(models.Model):
    """Letters printed together. A letter is in one run at a time, so none is printed twice."""

    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)  # an actor of the journal: staff:7
    status = models.CharField(max_length=10, default="printing")  # printing, posted, undone
    settled_at = models.DateTimeField(null=True)


class Try(models.Model):
    """One try to deliver a webhook, for the endpoint's log; nothing of the answer's text."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    took_ms = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)  # of HTTP, where there was an answer
    error = models.CharField(max_length=60, blank=True)


class Lane(models.Model):
    """A way out that is in trouble; one that works has no row."""

    name = models.CharField(max_length=40, unique=True)
    failures = models.PositiveIntegerField(default=0)  # one after the other
    down_since = models.DateTimeField()
    paused_until = models.DateTimeField()
    because = models.CharField(max_length=60)


class Suppressed(models.Model):
    """An address that must not be written to; only its hash is kept, so it outlives an erasure."""

    hash = models.CharField(max_length=64, unique=True)  # SHA-256 of the folded address
    reason = models.CharField(max_length=20)  # hard_bounce, complaint, by_hand
    at = models.DateTimeField()


class SoftBounce(models.Model):
    """An address that could not be reached just then; many within a month let it rest."""

    hash = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField()
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hash", "message"], name="one_bounce_per_message")
        ]


class Template(models.Model):
    """A text of a message in one language, where the business has its own."""

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
    old_secrets = models.JSONField(default=list)  # {secret, until}: they sign too for a day
    events = models.JSONField(default=list)  # names; empty: all that may be told
    active = models.BooleanField(default=True)
    disabled_because = models.CharField(max_length=60, blank=True)  # by_hand, gone, failing
    created_at = models.DateTimeField(auto_now_add=True)
