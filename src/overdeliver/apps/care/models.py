"""The tables of care. Private to this chapter."""

import uuid

from django.db import models
from django.db.models import Q


class Plan(models.Model):
    """A short list of dated steps after a moment; its steps stand in its versions."""

    slug = models.SlugField(max_length=40, unique=True)
    moment = models.CharField(max_length=30)
    name = models.CharField(max_length=100, blank=True)  # empty: that of its moment
    active = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)


class PlanVersion(models.Model):
    """The steps of a plan as they once stood; never changed."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    steps = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)  # an actor of the journal

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "version"], name="one_plan_version")]


class Run(models.Model):
    """A plan that a moment set off for somebody."""

    key = models.CharField(max_length=300, unique=True)  # the same moment twice is one run
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="runs")
    version = models.PositiveIntegerField()
    order = models.CharField(max_length=200)  # its reference
    customer = models.ForeignKey("people.Customer", models.PROTECT, null=True, related_name="+")
    moment_at = models.DateTimeField()
    arm = models.CharField(max_length=10)
    decision = models.BigIntegerField(null=True)  # the journal's, of the arm
    complained_at = models.DateTimeField(null=True)  # as other chapters told
    made_up = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["plan", "-moment_at"]),
            models.Index(fields=["customer", "-moment_at"]),
            models.Index(fields=["order"]),
        ]


class Due(models.Model):
    """A step of a run with its dates. The row is the queue: whoever changes it first does it."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="dues")
    number = models.PositiveIntegerField()  # in its plan, from 0
    step = models.JSONField()
    channel = models.CharField(max_length=10)
    content = models.CharField(max_length=80)
    at = models.DateTimeField()
    not_after = models.DateTimeField()
    next_at = models.DateTimeField()  # of the next try
    state = models.CharField(max_length=10, default="waiting")  # waiting, done, held, dropped
    reason = models.CharField(max_length=20, blank=True)  # a code: why it is held or dropped
    released = models.BooleanField(default=False)  # a person said: send it anyway
    attempts = models.PositiveIntegerField(default=0)
    message = models.BigIntegerField(null=True)  # the outbox's
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="one_due_per_step")]
        indexes = [
            models.Index(fields=["next_at"], name="care_step_due", condition=Q(state="waiting")),
            models.Index(fields=["state", "at"]),
        ]


class Task(models.Model):
    """A call or a personal thank-you, for a person to do."""

    due = models.OneToOneField(Due, models.CASCADE, related_name="task")
    uid = models.UUIDField(default=uuid.uuid4, unique=True)  # of the calendar
    sequence = models.PositiveIntegerField(default=0)  # of the calendar: one more per change
    kind = models.CharField(max_length=10)  # call, thanks
    content = models.CharField(max_length=80)
    customer = models.ForeignKey("people.Customer", models.PROTECT, null=True, related_name="+")
    order = models.CharField(max_length=200)
    owner = models.ForeignKey("people.Staff", models.PROTECT, null=True, related_name="+")
    due_at = models.DateTimeField()
    not_after = models.DateTimeField()
    status = models.CharField(max_length=10, default="open")  # open, done, dropped
    outcome = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    tries = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=60, blank=True)  # an actor of the journal
    cost = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="task_open", condition=Q(status="open")),
            models.Index(fields=["customer", "-due_at"]),
        ]


class Material(models.Model):
    """Something to put into a customer's hands."""

    kind = models.CharField(max_length=20)  # testimonial, summary, memo, guide
    language = models.CharField(max_length=5)
    title = models.CharField(max_length=200)
    text = models.TextField()
    source = models.CharField(max_length=300, blank=True)  # who said it, where and when
    customer = models.ForeignKey("people.Customer", models.PROTECT, null=True, related_name="+")
    consent = models.CharField(max_length=300, blank=True)  # how a yes was given, without customer
    service = models.CharField(max_length=80, blank=True)  # a service's slug; empty: every one
    until = models.DateField(null=True)  # the last day it is shown
    active = models.BooleanField(default=True)
    changed_at = models.DateTimeField()


class Share(models.Model):
    """The page of materials of an order, for whoever decides with the customer."""

    order = models.CharField(max_length=200, unique=True)
    token = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)


class Feed(models.Model):
    """A calendar feed of a member of staff; of its address only the hash is kept."""

    staff = models.OneToOneField("people.Staff", models.CASCADE, related_name="+")
    hash = models.CharField(max_length=64, unique=True)  # SHA-256 of the token
    made_at = models.DateTimeField()
