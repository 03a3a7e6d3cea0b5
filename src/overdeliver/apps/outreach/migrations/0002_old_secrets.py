"""Several secrets of an endpoint may be on their way out at a time."""

from typing import Any

from django.db import migrations, models


def keep(apps: Any, schema_editor: Any) -> None:
    """The one that still signs goes on signing."""
    endpoints = apps.get_model("outreach", "Endpoint").objects
    for row in endpoints.exclude(old_secret="").exclude(old_until=None):
        row.old_secrets = [{"secret": row.old_secret, "until": row.old_until.isoformat()}]
        row.save(update_fields=["old_secrets"])


class Migration(migrations.Migration):
    dependencies = [("outreach", "0001_initial")]
    operations = [
        migrations.AddField("endpoint", "old_secrets", models.JSONField(default=list)),
        migrations.RunPython(keep, migrations.RunPython.noop),
        migrations.RemoveField("endpoint", "old_secret"),
        migrations.RemoveField("endpoint", "old_until"),
    ]
