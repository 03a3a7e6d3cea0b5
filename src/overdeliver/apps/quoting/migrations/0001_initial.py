"""The tables of quotes, learned models, runs and alarms."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The chapter's tables as they are now."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Watch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("service", models.CharField(max_length=80, unique=True)),
                ("looked_at", models.DateTimeField()),
                ("seen", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="DriftAlarm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("service", models.CharField(max_length=80)),
                ("raised_at", models.DateTimeField()),
                ("covered", models.FloatField()),
                ("low", models.FloatField()),
                ("high", models.FloatField()),
                ("level", models.FloatField()),
                ("n", models.PositiveIntegerField(default=0)),
                ("because", models.CharField(max_length=500)),
                ("decision", models.BigIntegerField(null=True)),
                ("cleared_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cleared_at__isnull", True)),
                        fields=("service",),
                        name="one_alarm_per_service",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LearnedModel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("service", models.CharField(max_length=80)),
                ("version", models.PositiveIntegerField()),
                ("artefact", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("metrics", models.JSONField(default=dict)),
                ("status", models.CharField(max_length=12)),
                ("because", models.JSONField(default=list)),
                ("reasons", models.JSONField(default=list)),
                ("decision", models.BigIntegerField(null=True)),
                ("learned_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("service", "version"), name="one_model_per_version"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "published")),
                        fields=("service",),
                        name="one_published_per_service",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LearningRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=60, unique=True)),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("service", models.CharField(blank=True, max_length=80)),
                ("asked_by", models.CharField(max_length=100)),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("holder", models.CharField(blank=True, max_length=40)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("step", models.CharField(blank=True, max_length=100)),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("report", models.JSONField(default=list)),
                ("error", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=["asked_at"],
                        name="learning_unfinished",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Quote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=60, unique=True)),
                ("service", models.CharField(max_length=80)),
                ("lever", models.CharField(max_length=10)),
                ("unit", models.CharField(max_length=10)),
                ("whole", models.BooleanField(default=False)),
                ("level", models.FloatField(null=True)),
                ("features", models.JSONField(default=dict)),
                ("promised", models.FloatField(null=True)),
                ("low", models.FloatField(null=True)),
                ("high", models.FloatField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("words", models.CharField(blank=True, max_length=300)),
                ("language", models.CharField(default="en", max_length=5)),
                ("shown", models.BooleanField()),
                ("reasons", models.JSONField(default=list)),
                ("because", models.JSONField(default=list)),
                ("model", models.CharField(blank=True, max_length=100)),
                ("decision", models.BigIntegerField(null=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("order", models.CharField(blank=True, max_length=200)),
                ("promise", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-made_at"], name="quoting_quo_made_at_b42388_idx"),
                    models.Index(fields=["order"], name="quoting_quo_order_62466f_idx"),
                ],
            },
        ),
    ]
