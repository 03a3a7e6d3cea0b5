"""The tables of the business itself."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The chapter's tables as they are now."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Business",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("only", models.BooleanField(default=True, editable=False, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=30)),
                ("country", models.CharField(max_length=2)),
                ("zone", models.CharField(max_length=64)),
                ("currency", models.CharField(max_length=3)),
                ("language", models.CharField(default="en", max_length=5)),
                ("demo", models.BooleanField(default=False)),
                ("made_up", models.CharField(blank=True, max_length=10)),
                ("made_up_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="LeverChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("segment", models.CharField(blank=True, max_length=100, unique=True)),
                (
                    "lever",
                    models.CharField(
                        choices=[("time", "time"), ("cost", "cost"), ("service", "service")],
                        max_length=10,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(allow_unicode=True, max_length=80, unique=True)),
                ("name", models.CharField(max_length=200)),
                (
                    "lever",
                    models.CharField(
                        choices=[("time", "time"), ("cost", "cost"), ("service", "service")],
                        default="time",
                        max_length=10,
                    ),
                ),
                ("unit", models.CharField(default="days", max_length=10)),
                ("whole", models.BooleanField(default=True)),
                ("tolerance", models.FloatField(default=0)),
                ("fallback", models.FloatField(null=True)),
                ("position", models.PositiveIntegerField(default=0)),
                ("active", models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name="Touchpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(allow_unicode=True, max_length=80, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("phase", models.CharField(max_length=30)),
                ("owner", models.CharField(blank=True, max_length=200)),
                ("can_go_wrong", models.TextField(blank=True)),
                ("expected", models.TextField(blank=True)),
                ("information", models.TextField(blank=True)),
                ("information_until", models.DateField(blank=True, null=True)),
                ("position", models.PositiveIntegerField(default=0)),
                ("active", models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name="Policy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=50)),
                ("version", models.PositiveIntegerField()),
                ("data", models.JSONField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("by", models.CharField(max_length=100)),
                ("note", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "version"), name="one_policy_per_version"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Shift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weekday", models.PositiveSmallIntegerField()),
                ("opens", models.TimeField()),
                ("closes", models.TimeField()),
            ],
            options={
                "ordering": ["weekday", "opens"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("weekday__lte", 6)), name="weekday_of_seven"
                    ),
                    models.UniqueConstraint(
                        fields=("weekday", "opens"), name="one_shift_per_opening"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SpecialDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("name", models.CharField(blank=True, max_length=200)),
                ("opens", models.TimeField(blank=True, null=True)),
                ("closes", models.TimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["day", "opens"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closes__isnull", True), ("opens__isnull", True)),
                            models.Q(("closes__isnull", False), ("opens__isnull", False)),
                            _connector="OR",
                        ),
                        name="both_times_or_none",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceClass",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("rank", models.PositiveIntegerField()),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="classes",
                        to="business.service",
                    ),
                ),
            ],
            options={
                "ordering": ["rank"],
                "constraints": [
                    models.UniqueConstraint(fields=("service", "rank"), name="one_class_per_rank"),
                    models.UniqueConstraint(fields=("service", "name"), name="one_rank_per_class"),
                ],
            },
        ),
    ]
