"""From the SQLite of the data folder into a new PostgreSQL: every row, and looked at again.

All of it is one transaction there, while the file's write lock is held here: nothing that was
acknowledged stays behind, and what fails leaves the new database as it was.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection, connections, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from psycopg.types.json import Jsonb

from overdeliver.server import knobs
from overdeliver.server.models import WorkerBeat
from overdeliver.vocabulary.errors import InputError, OverdeliverError

#: A table's name, and how many tables of all are done.
Tell = Callable[[str, float], None]
Model: TypeAlias = type[models.Model]

_OLD = "before_the_move"  # Django's name of the SQLite meanwhile
_PART = 5_000  # rows read at once
_ALIVE = timedelta(minutes=1)
#: What `migrate` fills itself; the old rows take the place of the new ones.
_FILLED = ("auth_permission", "django_content_type")


def move(tell: Tell | None = None) -> dict[str, int]:
    """Copy every table into the empty PostgreSQL of the settings; table -> rows.

    Each table's rows are counted and summed up on both sides. Afterwards the file bears another
    name, so that nobody goes on with it by mistake. InputError: the settings name no PostgreSQL,
    it is not empty, there is no such file, its tables are of another release, or a worker is at
    work on it. OverdeliverError: a row does not fit; nothing was moved.
    """
    file = Path(settings.DATA) / "overdeliver.sqlite3"
    _check_goal()
    if not file.is_file():
        raise InputError(f"{file}: there is no such file; OVERDELIVER_DATA names its folder")
    try:
        with _opened():
            _check_source(file)
            with transaction.atomic(using=_OLD), transaction.atomic():
                moved = _all_copied(tell or (lambda name, share: None))
    except DatabaseError as error:
        raise OverdeliverError(f"{_said(error)}; nothing was moved") from None
    file.rename(kept_as(file))
    return moved


def kept_as(file: Path) -> Path:
    """The name a moved database goes by.

    >>> str(kept_as(Path("/data/overdeliver.sqlite3")))
    '/data/moved.sqlite3'
    """
    return file.with_name("moved.sqlite3")


@contextmanager
def _opened() -> Iterator[None]:
    """The file as a second database of Django's."""
    given = {"default": knobs.database("", Path(settings.DATA))}
    connections.databases[_OLD] = connections.configure_settings(given)["default"]
    try:
        yield
    finally:
        connections[_OLD].close()
        del connections[_OLD]
        del connections.databases[_OLD]


def _check_goal() -> None:
    if connection.vendor != "postgresql":
        raise InputError("OVERDELIVER_DATABASE_URL: name the new, empty PostgreSQL in it")
    for model in _models():
        if model._meta.db_table not in _FILLED and model._base_manager.exists():
            raise InputError(
                f"the database {settings.DATABASES['default']['NAME']} is not empty"
                f" ({model._meta.db_table}): make a new one (createdb NAME) and name it in"
                " OVERDELIVER_DATABASE_URL"
            )


def _check_source(file: Path) -> None:
    theirs, ours = (
        {key for key in MigrationRecorder(one).applied_migrations() if key[0] in _apps()}
        for one in (connections[_OLD], connection)
    )
    if theirs != ours:
        raise InputError(
            f"{file}: its tables are of another release; run overdeliver migrate with"
            " OVERDELIVER_DATABASE_URL unset, then move again"
        )
    beat = WorkerBeat.objects.using(_OLD).order_by("-at").first()
    if beat is not None and timezone.now() - beat.at < _ALIVE:
        raise InputError(
            f"{file}: a worker is at work on it; stop overdeliver first (one that was killed is"
            " forgotten after a minute)"
        )


def _all_copied(tell: Tell) -> dict[str, int]:
    """Every table, without the triggers that ask for an order of writing; foreign keys hold."""
    found, chosen = {}, _models()
    tables = [model._meta.db_table for model in chosen]
    with _without_triggers(tables):
        for place, model in enumerate(chosen):
            tell(model._meta.db_table, place / len(chosen))
            found[model._meta.db_table] = _copied(model)
    _go_on_counting(tables)
    return found


@contextmanager
def _without_triggers(tables: Sequence[str]) -> Iterator[None]:
    """The loop of complaints is written step by step; what is copied went through it already."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        for table in _FILLED:
            cursor.execute(f'DELETE FROM "{table}"')
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # now, as triggers wait for nothing
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


def _copied(model: Model) -> int:
    """Copy a table and read it again; returns its rows. OverdeliverError: a row does not fit."""
    table, fields = model._meta.db_table, model._meta.concrete_fields
    names = ", ".join(f'"{field.column}"' for field in fields)
    count = total = 0
    try:
        with connection.cursor() as cursor:
            copy: Any = cursor.copy
            with copy(f'COPY "{table}" ({names}) FROM STDIN') as into:
                for row in _rows(model, _OLD):
                    into.write_row([_given(f, v) for f, v in zip(fields, row, strict=True)])
                    count, total = count + 1, _added(total, row)
    except (psycopg.Error, DatabaseError) as error:
        told = f"{table}: a row does not fit ({_said(error)}); nothing was moved"
        raise OverdeliverError(told) from None
    check_same(table, (count, total), summed(_rows(model, "default")))
    return count


def check_same(table: str, old: tuple[int, int], new: tuple[int, int]) -> None:
    """OverdeliverError: count and sum of a table's rows are not the same on both sides.

    >>> check_same("t", (2, 7), (2, 8))
    Traceback (most recent call last):
    overdeliver.vocabulary.errors.OverdeliverError: t: 2 rows went, 2 others came; nothing was moved
    """
    if old != new:
        other = "others " if old[0] == new[0] else ""
        told = f"{table}: {old[0]} rows went, {new[0]} {other}came; nothing was moved"
        raise OverdeliverError(told)


def summed(rows: Iterator[tuple[Any, ...]]) -> tuple[int, int]:
    """How many rows, and the sum of their hashes: the same whatever their order.

    >>> summed(iter([(1, "a"), (2, "b")])) == summed(iter([(2, "b"), (1, "a")]))
    True
    >>> summed(iter([(1, "a")])) == summed(iter([(1, "b")]))
    False
    """
    count = total = 0
    for row in rows:
        count, total = count + 1, _added(total, row)
    return count, total


def _added(total: int, row: Sequence[Any]) -> int:
    spelled = repr([_spelled(value) for value in row]).encode()
    return (total + int.from_bytes(hashlib.sha256(spelled).digest(), "big")) % 2**256


def _spelled(value: Any) -> object:
    """A value as both databases give it back: no zone's name, no order of keys."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return bytes(value) if isinstance(value, memoryview) else value


def _given(field: Any, value: Any) -> Any:
    if isinstance(field, models.JSONField):
        return None if value is None and field.null else Jsonb(value)
    return value


def _rows(model: Model, alias: str) -> Iterator[tuple[Any, ...]]:
    names = [field.attname for field in model._meta.concrete_fields]
    rows = model._base_manager.using(alias).order_by().values_list(*names)
    return rows.iterator(chunk_size=_PART)


def _go_on_counting(tables: Sequence[str]) -> None:
    """New rows get numbers that none ever had, those of rows that have gone among them."""
    with connections[_OLD].cursor() as old:
        old.execute("SELECT name, seq FROM sqlite_sequence")
        last = dict(old.fetchall())
    with connection.cursor() as cursor:
        for table in tables:
            if last.get(table):
                asked = "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)"
                cursor.execute(asked, [f'"{table}"', last[table]])


def _models() -> list[Model]:
    """One for every table of ours and of what we stand on."""
    found = apps.get_models(include_auto_created=True)
    return [one for one in found if one._meta.managed and not one._meta.proxy]


def _said(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _apps() -> set[str]:
    return {one.label for one in apps.get_app_configs()}
