"""The business's tables. Private to this chapter."""

from django.db import models

LEVERS = [("time", "time"), ("cost", "cost"), ("service", "service")]


class Business(models.Model):
    """The one business this installation serves."""

    # One row at most, whoever starts at the same time: the database says no to a second.
    only = models.BooleanField(default=True, unique=True, editable=False)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=30)  # webshop, dentist, carservice, pizza, taxi, salon, b2b
    country = models.CharField(max_length=2)  # ISO 3166-1 alpha-2: its holidays
    zone = models.CharField(max_length=64)  # IANA
    currency = models.CharField(max_length=3)  # ISO 4217
    language = models.CharField(max_length=5, default="en")  # of its customers, by default
    logo = models.CharField(max_length=64, blank=True, default="")  # the name of the one in use
    demo = models.BooleanField(default=False)
    # Made-up data: empty, "asked" by the wizard, "filling", "done".
    made_up = models.CharField(max_length=10, blank=True)
    made_up_until = models.DateTimeField(null=True)  # the lease of whoever fills it in
    created_at = models.DateTimeField(auto_now_add=True)


class Logo(models.Model):
    """A picture of the business's; its name is the beginning of its SHA-256."""

    name = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10)  # png, jpeg
    data = models.BinaryField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()


class Service(models.Model):
    """What is promised about: a shipping method, a treatment, a repair, a ride."""

    slug = models.SlugField(max_length=80, unique=True, allow_unicode=True)
    name = models.CharField(max_length=200)
    lever = models.CharField(max_length=10, choices=LEVERS, default="time")
    unit = models.CharField(max_length=10, default="days")  # a unit of time, a currency, "class"
    whole = models.BooleanField(default=True)  # promises are whole units, as calendar days are
    tolerance = models.FloatField(default=0)  # in the unit: so much better is met, not exceeded
    fallback = models.FloatField(null=True)  # the stated promise while there is too little data
    position = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)


class ServiceClass(models.Model):
    """A class of a service lever, in order: economy 1, business 2."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="classes")
    name = models.CharField(max_length=100)
    rank = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "rank"], name="one_class_per_rank"),
            models.UniqueConstraint(fields=["service", "name"], name="one_rank_per_class"),
        ]
        ordering = ["rank"]


class LeverChoice(models.Model):
    """The one active lever of a segment; an empty segment is everybody else."""

    segment = models.CharField(max_length=100, blank=True, unique=True)
    lever = models.CharField(max_length=10, choices=LEVERS)


class Touchpoint(models.Model):
    """Where customers meet the business, from the first advertisement to the first use."""

    slug = models.SlugField(max_length=80, unique=True, allow_unicode=True)
    name = models.CharField(max_length=200)
    phase = models.CharField(max_length=30)  # before, order, wait, delivery, use, after
    owner = models.CharField(max_length=200, blank=True)
    can_go_wrong = models.TextField(blank=True)
    expected = models.TextField(blank=True)
    information = models.TextField(blank=True)  # what customers are told there
    information_until = models.DateField(null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)


class Shift(models.Model):
    """Open from, until, on a weekday (Monday 0); an end at or before the start is past midnight."""

    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="weekday_of_seven"),
            models.UniqueConstraint(fields=["weekday", "opens"], name="one_shift_per_opening"),
        ]


class SpecialDay(models.Model):
    """A day with hours of its own, or none: both times empty is closed."""

    day = models.DateField()
    name = models.CharField(max_length=200, blank=True)
    opens = models.TimeField(null=True, blank=True)
    closes = models.TimeField(null=True, blank=True)

    class Meta:
        ordering = ["day", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opens__isnull=True, closes__isnull=True)
                | models.Q(opens__isnull=False, closes__isnull=False),
                name="both_times_or_none",
            )
        ]


class Policy(models.Model):
    """One version of one policy; append-only, the highest version is in force."""

    kind = models.CharField(max_length=50)  # promising, reassuring, ...
    version = models.PositiveIntegerField()
    data = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=100)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="one_policy_per_version")
        ]
