"""Tables whose rows are never changed or removed: the database itself refuses.

`AppendOnly` is a migration step. The one way round is `lifted`, for the named procedures that
erase a person's data or undo an import; they leave an event behind.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.migrations.operations.base import Operation

UNLOCK = "journal_unlock"

_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
WHEN NOT EXISTS (SELECT 1 FROM journal_unlock)
BEGIN SELECT RAISE(ABORT, '{table} is append-only: {verb} refused'); END
"""
# REPLACE removes the old row without asking the trigger above, unless triggers are recursive.
_SQLITE_REPLACE = """
CREATE TRIGGER {table}_no_REPLACE BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)
 AND NOT EXISTS (SELECT 1 FROM journal_unlock)
BEGIN SELECT RAISE(ABORT, '{table} is append-only: REPLACE refused'); END
"""
_FUNCTION = """
CREATE OR REPLACE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE filled boolean;
BEGIN
  IF EXISTS (SELECT 1 FROM journal_unlock) THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'TRUNCATE' THEN
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', TG_TABLE_NAME) INTO filled;
    IF NOT filled THEN RETURN NULL; END IF;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP;
END $$
"""
_POSTGRES = (
    "CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION journal_refuse()",
    "CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()",
)


class AppendOnly(Operation):
    """Refuse UPDATE, DELETE and TRUNCATE on a table of this chapter, on SQLite and PostgreSQL."""

    reversible = True

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models stay as they are."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Lay the triggers."""
        if schema_editor.connection.vendor == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                schema_editor.execute(_SQLITE.format(table=self.table, verb=verb))
            schema_editor.execute(_SQLITE_REPLACE.format(table=self.table))
            return
        schema_editor.execute(_FUNCTION.replace("%", "%%"), ())
        for statement in _POSTGRES:
            schema_editor.execute(statement.format(table=self.table))

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Take the triggers away."""
        if schema_editor.connection.vendor == "sqlite":
            for verb in ("UPDATE", "DELETE", "REPLACE"):
                schema_editor.execute(f"DROP TRIGGER {self.table}_no_{verb}")
            return
        for name in ("change", "truncate"):
            schema_editor.execute(f"DROP TRIGGER {self.table}_no_{name} ON {self.table}")

    def describe(self) -> str:
        """What `migrate` prints."""
        return f"Make {self.table} append-only"


@contextmanager
def lifted() -> Iterator[None]:
    """Allow changes to append-only rows inside, for this transaction alone.

    Only for the named procedures (erasure, undo of an import) and never from a page: other
    transactions still find every row locked.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {UNLOCK} (id) VALUES (%s)", [1])
        yield
        cursor.execute(f"DELETE FROM {UNLOCK} WHERE id = %s", [1])
