"""The tables of this chapter."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """First form."""

    initial = True

    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=200, unique=True)),
                ("service", models.CharField(blank=True, max_length=80)),
                ("segment", models.CharField(blank=True, max_length=100)),
                ("channel", models.CharField(blank=True, max_length=100)),
                ("team", models.CharField(blank=True, max_length=100)),
                ("placed_at", models.DateTimeField()),
                ("completed_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("features", models.JSONField(default=dict)),
                ("token", models.CharField(max_length=64, unique=True)),
                ("next_step", models.CharField(blank=True, max_length=300)),
                ("batch", models.CharField(blank=True, db_index=True, max_length=60)),
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
            ],
        ),
        migrations.CreateModel(
            name="Encounter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("touchpoint", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                ("team", models.CharField(blank=True, max_length=100)),
                ("expected", models.FloatField(null=True)),
                ("received", models.FloatField(null=True)),
                ("batch", models.CharField(blank=True, db_index=True, max_length=60)),
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
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="encounters",
                        to="promises.order",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Promise",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=200, unique=True)),
                ("lever", models.CharField(max_length=10)),
                ("promised", models.FloatField()),
                ("unit", models.CharField(max_length=10)),
                ("made_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("whole", models.BooleanField(default=False)),
                ("zone", models.CharField(blank=True, max_length=64)),
                ("tolerance", models.FloatField(default=0)),
                ("level", models.FloatField(null=True)),
                ("source", models.CharField(max_length=20)),
                ("made_by", models.CharField(blank=True, max_length=100)),
                ("words", models.CharField(blank=True, max_length=300)),
                ("quote", models.CharField(blank=True, max_length=60)),
                ("batch", models.CharField(blank=True, db_index=True, max_length=60)),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="promises",
                        to="promises.order",
                    ),
                ),
                (
                    "revises",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revisions",
                        to="promises.promise",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("actual", models.FloatField()),
                ("observed_at", models.DateTimeField()),
                ("happened_at", models.DateTimeField(null=True)),
                ("recorded_by", models.CharField(blank=True, max_length=100)),
                ("key", models.CharField(max_length=200, unique=True)),
                ("batch", models.CharField(blank=True, db_index=True, max_length=60)),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                (
                    "promise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcomes",
                        to="promises.promise",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Standing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("verdict", models.CharField(max_length=10)),
                ("gap", models.FloatField(null=True)),
                ("actual", models.FloatField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField()),
                ("lever", models.CharField(max_length=10)),
                ("service", models.CharField(blank=True, max_length=80)),
                ("segment", models.CharField(blank=True, max_length=100)),
                ("channel", models.CharField(blank=True, max_length=100)),
                ("team", models.CharField(blank=True, max_length=100)),
                ("original", models.BooleanField(default=True)),
                ("latest", models.BooleanField(default=True)),
                ("changed_at", models.DateTimeField(auto_now=True, db_index=True)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standings",
                        to="promises.order",
                    ),
                ),
                (
                    "promise",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standing",
                        to="promises.promise",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["-placed_at"], name="promises_or_placed__d8ed7e_idx"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["customer", "-placed_at"], name="promises_or_custome_810c70_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["service", "-placed_at"], name="promises_or_service_4692dc_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="encounter",
            index=models.Index(fields=["order", "at"], name="promises_en_order_i_dd4de7_idx"),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(("lever__in", ["time", "cost", "service"])), name="known_lever"
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("level__isnull", True),
                    models.Q(("level__gt", 0), ("level__lt", 1)),
                    _connector="OR",
                ),
                name="level_is_share",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(("promised__gte", 0)), name="promised_not_negative"
            ),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["-made_at", "-promise"], name="standing_made"),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["verdict", "-made_at", "-promise"], name="standing_verdict"),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["service", "-made_at", "-promise"], name="standing_service"),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["due_at", "promise"], name="standing_due"),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["gap", "promise"], name="standing_gap"),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["settled_at"], name="standing_settled"),
        ),
    ]
