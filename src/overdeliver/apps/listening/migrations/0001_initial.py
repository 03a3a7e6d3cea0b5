"""What customers said, and the one question after an order."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0004_cache_table"),
        ("promises", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Feedback",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=200, unique=True)),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=20)),
                ("score", models.FloatField(null=True)),
                ("scale_min", models.FloatField(null=True)),
                ("scale_max", models.FloatField(null=True)),
                ("text", models.TextField(blank=True)),
                ("language", models.CharField(blank=True, max_length=10)),
                ("channel", models.CharField(blank=True, max_length=50)),
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
                        related_name="+",
                        to="promises.order",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Ask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("arm", models.CharField(max_length=10)),
                ("question", models.CharField(max_length=10)),
                ("due_at", models.DateTimeField()),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("hash", models.CharField(blank=True, db_index=True, max_length=64)),
                ("message", models.BigIntegerField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.customer",
                    ),
                ),
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="promises.order",
                    ),
                ),
                (
                    "feedback",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="listening.feedback",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="feedback",
            index=models.Index(fields=["-at"], name="listening_f_at_05c238_idx"),
        ),
        migrations.AddIndex(
            model_name="feedback",
            index=models.Index(fields=["order"], name="listening_f_order_i_432db5_idx"),
        ),
        migrations.AddIndex(
            model_name="ask",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["due_at"], name="ask_due"
            ),
        ),
        migrations.AddIndex(
            model_name="ask",
            index=models.Index(
                fields=["customer", "-due_at"], name="listening_a_custome_9ea010_idx"
            ),
        ),
    ]
