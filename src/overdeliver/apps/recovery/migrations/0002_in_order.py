"""The database itself holds complaints to their loop, and steps are never changed."""

from django.db import migrations

from overdeliver.apps.journal.append_only import AppendOnly
from overdeliver.apps.recovery.guards import InOrder


class Migration(migrations.Migration):
    """Triggers."""

    dependencies = [
        ("recovery", "0001_initial"),
        ("journal", "0002_append_only"),
    ]
    operations = [AppendOnly("recovery_step"), InOrder()]
