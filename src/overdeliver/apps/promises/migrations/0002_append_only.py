"""The database itself refuses to change or remove these rows."""

from django.db import migrations

from overdeliver.apps.journal.append_only import AppendOnly


class Migration(migrations.Migration):
    """Triggers."""

    dependencies = [
        ("promises", "0001_initial"),
        ("journal", "0002_append_only"),
    ]
    operations = [
        AppendOnly("promises_promise"),
        AppendOnly("promises_outcome"),
    ]
