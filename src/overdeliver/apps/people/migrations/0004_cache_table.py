"""The table in which failed sign-ins are counted across processes."""

from typing import Any

from django.core.management import call_command
from django.db import migrations


def make(apps: Any, schema_editor: Any) -> None:
    """Make the table where it is missing; it belongs to Django's cache, not to a model."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


def drop(apps: Any, schema_editor: Any) -> None:
    """Take the table away; what it held lives for minutes."""
    schema_editor.execute("DROP TABLE people_cache")


class Migration(migrations.Migration):
    """The cache's table."""

    dependencies = [("people", "0003_calls")]
    operations = [migrations.RunPython(make, drop)]
