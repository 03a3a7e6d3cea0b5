"""The tables of this chapter."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """First form."""

    initial = True

    dependencies = [
        ("people", "0004_cache_table"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=40, unique=True)),
                ("moment", models.CharField(max_length=30)),
                ("name", models.CharField(blank=True, max_length=100)),
                ("active", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name="Share",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order", models.CharField(max_length=200, unique=True)),
                ("token", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Feed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hash", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                (
                    "staff",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Material",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("language", models.CharField(max_length=5)),
                ("title", models.CharField(max_length=200)),
                ("text", models.TextField()),
                ("source", models.CharField(blank=True, max_length=300)),
                ("consent", models.CharField(blank=True, max_length=300)),
                ("service", models.CharField(blank=True, max_length=80)),
                ("until", models.DateField(null=True)),
                ("active", models.BooleanField(default=True)),
                ("changed_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=300, unique=True)),
                ("version", models.PositiveIntegerField()),
                ("order", models.CharField(max_length=200)),
                ("moment_at", models.DateTimeField()),
                ("arm", models.CharField(max_length=10)),
                ("decision", models.BigIntegerField(null=True)),
                ("complained_at", models.DateTimeField(null=True)),
                ("made_up", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.customer",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="care.plan",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Due",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("step", models.JSONField()),
                ("channel", models.CharField(max_length=10)),
                ("content", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                ("not_after", models.DateTimeField()),
                ("next_at", models.DateTimeField()),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("reason", models.CharField(blank=True, max_length=20)),
                ("released", models.BooleanField(default=False)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("message", models.BigIntegerField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dues",
                        to="care.run",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("sequence", models.PositiveIntegerField(default=0)),
                ("kind", models.CharField(max_length=10)),
                ("content", models.CharField(max_length=80)),
                ("order", models.CharField(max_length=200)),
                ("due_at", models.DateTimeField()),
                ("not_after", models.DateTimeField()),
                ("status", models.CharField(default="open", max_length=10)),
                ("outcome", models.CharField(blank=True, max_length=20)),
                ("note", models.CharField(blank=True, max_length=1000)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                ("done_by", models.CharField(blank=True, max_length=60)),
                ("cost", models.DecimalField(decimal_places=4, max_digits=12, null=True)),
                ("changed_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.customer",
                    ),
                ),
                (
                    "due",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="task",
                        to="care.due",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlanVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("steps", models.JSONField()),
                ("made_at", models.DateTimeField()),
                ("made_by", models.CharField(max_length=60)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="care.plan",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "version"), name="one_plan_version")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["plan", "-moment_at"], name="care_run_plan_id_b57e93_idx"),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                fields=["customer", "-moment_at"], name="care_run_custome_2e9a2d_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["order"], name="care_run_order_f238a5_idx"),
        ),
        migrations.AddIndex(
            model_name="due",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["next_at"], name="care_step_due"
            ),
        ),
        migrations.AddIndex(
            model_name="due",
            index=models.Index(fields=["state", "at"], name="care_due_state_72c814_idx"),
        ),
        migrations.AddConstraint(
            model_name="due",
            constraint=models.UniqueConstraint(fields=("run", "number"), name="one_due_per_step"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("status", "open")), fields=["due_at"], name="task_open"
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["customer", "-due_at"], name="care_task_custome_0e9eac_idx"),
        ),
    ]
