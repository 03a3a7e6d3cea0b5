"""The tables of this chapter."""

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
            name="Cause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, unique=True)),
                ("about", models.TextField(blank=True)),
                ("found_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.CharField(max_length=64, unique=True)),
                ("order", models.CharField(blank=True, max_length=200)),
                ("touchpoint", models.CharField(blank=True, max_length=80)),
                ("object", models.CharField(default="other", max_length=10)),
                ("severity", models.CharField(default="normal", max_length=10)),
                ("first", models.BooleanField(null=True)),
                ("channel", models.CharField(max_length=10)),
                ("language", models.CharField(blank=True, max_length=5)),
                ("text", models.TextField()),
                ("name", models.CharField(blank=True, max_length=200)),
                ("contact", models.CharField(blank=True, max_length=320)),
                ("seconds", models.PositiveIntegerField(null=True)),
                ("key", models.CharField(max_length=200, null=True, unique=True)),
                ("status", models.CharField(default="received", max_length=12)),
                ("steps", models.PositiveIntegerField(default=0)),
                ("reopened", models.PositiveIntegerField(default=0)),
                ("received_at", models.DateTimeField()),
                ("answer_by", models.DateTimeField()),
                ("step_since", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("escalated_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("choice", models.CharField(blank=True, max_length=10)),
                ("review_asked_at", models.DateTimeField(null=True)),
                (
                    "alike",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="recovery.case",
                    ),
                ),
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
                    "merged_into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="recovery.case",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cause",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="recovery.cause",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.CharField(max_length=100, unique=True)),
                ("kind", models.CharField(max_length=20)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="recovery.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.CharField(max_length=500)),
                ("owner", models.CharField(max_length=200)),
                ("since", models.DateField()),
                ("made_at", models.DateTimeField()),
                (
                    "cause",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="recovery.cause",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Incoming",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("message_id", models.CharField(max_length=250, unique=True)),
                ("raw", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("status", models.CharField(default="waiting", max_length=10)),
                ("because", models.CharField(blank=True, max_length=40)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("next_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="mails",
                        to="recovery.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("before", models.CharField(max_length=12)),
                ("after", models.CharField(max_length=12)),
                ("words", models.TextField()),
                ("by", models.CharField(max_length=100)),
                ("at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="log",
                        to="recovery.case",
                    ),
                ),
                (
                    "cause",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="recovery.cause",
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="recovery.change",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["status", "due_at"], name="recovery_ca_status_47297f_idx"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["customer", "-id"], name="recovery_ca_custome_610658_idx"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["order", "-id"], name="recovery_ca_order_5143cc_idx"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["cause", "received_at"], name="recovery_ca_cause_i_e1e3d6_idx"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        (
                            "received",
                            "admitted",
                            "apologised",
                            "cause_found",
                            "changed",
                            "invited",
                            "reopened",
                            "good",
                            "lesson",
                            "closed",
                        ),
                    )
                ),
                name="case_known_status",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", False), ("status", "closed")),
                    models.Q(
                        models.Q(("status", "closed"), _negated=True), ("closed_at__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="case_closed_at_its_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into__isnull", True),
                    models.Q(("merged_into", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="case_not_into_itself",
            ),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(fields=["cause", "since"], name="recovery_ch_cause_i_c8967b_idx"),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("what", ""), _negated=True), models.Q(("owner", ""), _negated=True)
                ),
                name="change_says_who",
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.UniqueConstraint(
                fields=("case", "number"), name="one_step_per_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.UniqueConstraint(
                fields=("case", "change"), name="each_change_counts_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.CheckConstraint(
                condition=models.Q(("words", ""), _negated=True), name="step_shows_words"
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("after", "cause_found"), _negated=True),
                    ("cause__isnull", False),
                    _connector="OR",
                ),
                name="step_names_cause",
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("after", "changed"), _negated=True),
                    ("change__isnull", False),
                    _connector="OR",
                ),
                name="step_names_change",
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("after", "admitted"), ("before", "received")),
                    models.Q(("after", "apologised"), ("before", "admitted")),
                    models.Q(("after", "cause_found"), ("before", "apologised")),
                    models.Q(("after", "changed"), ("before", "cause_found")),
                    models.Q(("after", "changed"), ("before", "reopened")),
                    models.Q(("after", "invited"), ("before", "changed")),
                    models.Q(("after", "good"), ("before", "invited")),
                    models.Q(("after", "reopened"), ("before", "invited")),
                    models.Q(("after", "lesson"), ("before", "good")),
                    models.Q(("after", "closed"), ("before", "lesson")),
                    _connector="OR",
                ),
                name="step_legal",
            ),
        ),
    ]
