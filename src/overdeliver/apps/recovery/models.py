"""Complaints, their steps, causes and changes. Private to this chapter.

Steps are append-only, and a complaint's state changes only with its step: the database refuses
everything else (`guards`).
"""

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import F, Q

from overdeliver.apps.recovery.rules.loop import PAIRS, STATES


class Cause(models.Model):
    """Why complaints come: found once, linked to each of them."""

    name = models.CharField(max_length=200, unique=True)
    about = models.TextField(blank=True)
    found_at = models.DateTimeField()


class Change(models.Model):
    """A change of how the work is done: who sees to it, from which day on, what."""

    cause = models.ForeignKey(Cause, models.PROTECT, related_name="changes")
    what = models.CharField(max_length=500)
    owner = models.CharField(max_length=200)
    since = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(what="") & ~Q(owner=""), name="change_says_who")
        ]
        indexes = [models.Index(fields=["cause", "since"])]


class Case(models.Model):
    """One complaint; its number is the row's."""

    token = models.CharField(max_length=64, unique=True)  # of the customer's own page
    customer = models.ForeignKey("people.Customer", models.PROTECT, null=True, related_name="+")
    order = models.CharField(max_length=200, blank=True)  # the ledger's reference
    touchpoint = models.CharField(max_length=80, blank=True)
    object = models.CharField(max_length=10, default="other")
    severity = models.CharField(max_length=10, default="normal")
    first = models.BooleanField(null=True)  # it reached us before anybody else; null: not said
    channel = models.CharField(max_length=10)  # page, mail, phone, api
    language = models.CharField(max_length=5, blank=True)
    text = models.TextField()
    name = models.CharField(max_length=200, blank=True)
    contact = models.CharField(max_length=320, blank=True)
    seconds = models.PositiveIntegerField(null=True)  # from opening the form to sending it
    key = models.CharField(max_length=200, unique=True, null=True)  # the same twice is one
    status = models.CharField(max_length=12, default="received")
    steps = models.PositiveIntegerField(default=0)  # how many were done
    reopened = models.PositiveIntegerField(default=0)
    owner = models.ForeignKey("people.Staff", models.SET_NULL, null=True, related_name="+")
    received_at = models.DateTimeField()
    answer_by = models.DateTimeField()  # the first answer, as promised
    step_since = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # of the next step; null: there is none
    escalated_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    cause = models.ForeignKey(Cause, models.PROTECT, null=True, related_name="cases")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    choice = models.CharField(max_length=10, blank=True)  # the remedy the customer chose
    alike = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")  # the failure
    review_asked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=STATES), name="case_known_status"),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False)
                | (~Q(status="closed") & Q(closed_at__isnull=True)),
                name="case_closed_at_its_end",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="case_not_into_itself",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "due_at"]),
            models.Index(fields=["customer", "-id"]),
            models.Index(fields=["order", "-id"]),
            models.Index(fields=["cause", "received_at"]),
        ]


class Step(models.Model):
    """A step that was done, with what shows it; append-only."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="log")
    number = models.PositiveIntegerField()
    before = models.CharField(max_length=12)
    after = models.CharField(max_length=12)
    words = models.TextField()
    cause = models.ForeignKey(Cause, models.PROTECT, null=True, related_name="+")
    change = models.ForeignKey(Change, models.PROTECT, null=True, related_name="+")
    by = models.CharField(max_length=100)  # an actor of the journal
    at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # when it should have been done

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="one_step_per_number"),
            models.UniqueConstraint(fields=["case", "change"], name="each_change_counts_once"),
            models.CheckConstraint(condition=~Q(words=""), name="step_shows_words"),
            models.CheckConstraint(
                condition=~Q(after="cause_found") | Q(cause__isnull=False), name="step_names_cause"
            ),
            models.CheckConstraint(
                condition=~Q(after="changed") | Q(change__isnull=False), name="step_names_change"
            ),
            models.CheckConstraint(
                condition=reduce(or_, (Q(before=before, after=after) for before, after in PAIRS)),
                name="step_legal",
            ),
        ]


class Attachment(models.Model):
    """A file that came with a complaint, under a name of ours, handed out as a download."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="files")
    path = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=20)  # what its bytes say: png, jpeg, pdf
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()


class Incoming(models.Model):
    """A mail as it came in, kept before it is read; the same Message-ID comes in once."""

    message_id = models.CharField(max_length=250, unique=True)
    raw = models.BinaryField()
    at = models.DateTimeField()
    status = models.CharField(max_length=10, default="waiting")  # opened, ignored, failed
    because = models.CharField(max_length=40, blank=True)
    case = models.ForeignKey(Case, models.SET_NULL, null=True, related_name="mails")
    tries = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
