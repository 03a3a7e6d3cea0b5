"""The ledger's tables. Private to this chapter.

Promises and outcomes are append-only: the database refuses to change or remove them. What may
change, and can be drawn anew from them at any time, stands in `Standing`.
"""

from django.db import models
from django.db.models import Q


class Order(models.Model):
    """What was bought, and what was known when the promise was made."""

    reference = models.CharField(max_length=200, unique=True)
    customer = models.ForeignKey("people.Customer", models.PROTECT, null=True, related_name="+")
    service = models.CharField(max_length=80, blank=True)  # a business service's slug
    segment = models.CharField(max_length=100, blank=True)
    channel = models.CharField(max_length=100, blank=True)
    team = models.CharField(max_length=100, blank=True)
    placed_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    amount = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, blank=True)
    features = models.JSONField(default=dict)  # known when the promise was made
    token = models.CharField(max_length=64, unique=True)  # of the public status page
    next_step = models.CharField(max_length=300, blank=True)  # "what happens next", for that page
    batch = models.CharField(max_length=60, blank=True, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["-placed_at"]),
            models.Index(fields=["customer", "-placed_at"]),
            models.Index(fields=["service", "-placed_at"]),
        ]


class Promise(models.Model):
    """One promise as it was made; append-only. A revision is a promise that names the original."""

    reference = models.CharField(max_length=200, unique=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="promises")
    lever = models.CharField(max_length=10)
    promised = models.FloatField()  # in the unit; time counts from made_at; service: the rank
    unit = models.CharField(max_length=10)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # the last moment at which it is kept (time only)
    whole = models.BooleanField(default=False)  # a date: kept until the end of that day
    zone = models.CharField(max_length=64, blank=True)
    tolerance = models.FloatField(default=0)  # the service's when it was made, in the unit
    level = models.FloatField(null=True)
    source = models.CharField(max_length=20)  # quote, contract, advertisement, standard, staff
    made_by = models.CharField(max_length=100, blank=True)
    words = models.CharField(max_length=300, blank=True)  # as the customer read it
    quote = models.CharField(max_length=60, blank=True)
    revises = models.ForeignKey(  # always the original, however often it is revised
        "self", models.PROTECT, null=True, related_name="revisions"
    )
    batch = models.CharField(max_length=60, blank=True, db_index=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lever__in=["time", "cost", "service"]), name="known_lever"
            ),
            models.CheckConstraint(
                condition=Q(level__isnull=True) | Q(level__gt=0, level__lt=1), name="level_is_share"
            ),
            models.CheckConstraint(condition=Q(promised__gte=0), name="promised_not_negative"),
        ]


class Outcome(models.Model):
    """What came of a promise; append-only. A correction is a later row."""

    promise = models.ForeignKey(Promise, models.PROTECT, related_name="outcomes")
    actual = models.FloatField()  # in the promise's unit
    observed_at = models.DateTimeField()
    happened_at = models.DateTimeField(null=True)  # the moment itself, for a promise of time
    recorded_by = models.CharField(max_length=100, blank=True)
    key = models.CharField(max_length=200, unique=True)  # the same report twice is one outcome
    batch = models.CharField(max_length=60, blank=True, db_index=True)
    recorded_at = models.DateTimeField(auto_now_add=True)


class Standing(models.Model):
    """How a promise stands now; drawn from the ledger, never the source of anything.

    What lists filter and sort by is repeated here, so that a page of a million promises reads one
    table.
    """

    promise = models.OneToOneField(Promise, models.PROTECT, related_name="standing")
    order = models.ForeignKey(Order, models.PROTECT, related_name="standings")
    verdict = models.CharField(max_length=10)  # broken, met, exceeded, open, unknown
    gap = models.FloatField(null=True)  # positive in the customer's favour, in the unit
    actual = models.FloatField(null=True)
    settled_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    lever = models.CharField(max_length=10)
    service = models.CharField(max_length=80, blank=True)
    segment = models.CharField(max_length=100, blank=True)
    channel = models.CharField(max_length=100, blank=True)
    team = models.CharField(max_length=100, blank=True)
    original = models.BooleanField(default=True)  # not a revision
    latest = models.BooleanField(default=True)  # no revision follows
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        indexes = [
            models.Index(fields=["-made_at", "-promise"], name="standing_made"),
            models.Index(fields=["verdict", "-made_at", "-promise"], name="standing_verdict"),
            models.Index(fields=["service", "-made_at", "-promise"], name="standing_service"),
            models.Index(fields=["due_at", "promise"], name="standing_due"),
            models.Index(fields=["gap", "promise"], name="standing_gap"),
            models.Index(fields=["settled_at"], name="standing_settled"),
        ]


class Encounter(models.Model):
    """The journey as it happened, one row per contact."""

    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="encounters")
    customer = models.ForeignKey("people.Customer", models.PROTECT, null=True, related_name="+")
    touchpoint = models.CharField(max_length=80)
    at = models.DateTimeField()
    team = models.CharField(max_length=100, blank=True)
    expected = models.FloatField(null=True)
    received = models.FloatField(null=True)
    batch = models.CharField(max_length=60, blank=True, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["order", "at"])]
