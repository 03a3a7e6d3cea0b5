"""Makes the application ready for a command: knobs into the environment, Django set up."""

import os
from pathlib import Path

from overdeliver.vocabulary.errors import OverdeliverError


def ready(*, data: Path | None = None, **knobs: str) -> None:
    """Set Django up; ``data`` and ``knobs`` (``url="..."``) go before the environment.

    InputError: a setting is wrong.
    """
    given = {f"OVERDELIVER_{name.upper()}": value for name, value in knobs.items()}
    if data is not None:
        given["OVERDELIVER_DATA"] = str(data)
    os.environ.update(given)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overdeliver.server.settings")
    import django

    django.setup()


def migrated() -> None:
    """Bring the tables up to date. OverdeliverError: no database, or a newer one."""
    from django.core.management import call_command
    from django.db import Error

    try:
        not_newer()
        call_command("migrate", verbosity=0, interactive=False)
    except Error as error:
        raise OverdeliverError(f"the database cannot be used: {one_line(error)}") from None


def not_newer() -> None:
    """Refuse a database that a newer program has written.

    OverdeliverError: it is newer. Error (of Django's): it cannot be asked just now.
    """
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    ours = {app for app, _ in loader.disk_migrations}
    newer = [
        k for k in loader.applied_migrations if k[0] in ours and k not in loader.disk_migrations
    ]
    if newer:
        raise OverdeliverError(
            f"the database is newer than this program ({newer[0][0]} {newer[0][1]}): use the"
            " newer program"
        )


def one_line(error: Exception) -> str:
    """The first line of an error, without addresses of files."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
