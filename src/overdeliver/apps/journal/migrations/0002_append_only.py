"""The database itself refuses to change or remove these rows."""

from django.db import migrations

from overdeliver.apps.journal.append_only import AppendOnly


class Migration(migrations.Migration):
    """Triggers."""

    dependencies = [
        ("journal", "0001_initial"),
    ]
    operations = [
        AppendOnly("journal_event"),
        AppendOnly("journal_decided"),
    ]
