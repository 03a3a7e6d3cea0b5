"""The loop as the database holds it: a complaint's state changes with its step and not otherwise.

A step must begin where its complaint stands, with the next number; the complaint then goes where
the step leads. So nobody skips a step or closes early, whatever he writes the SQL with.
"""

from typing import Any

from django.db.migrations.operations.base import Operation

_STANDS = (
    "SELECT 1 FROM recovery_case c WHERE c.id = NEW.case_id AND c.status = NEW.before"
    " AND c.steps + 1 = NEW.number AND c.merged_into_id IS NULL"
)
_DONE = (
    "SELECT 1 FROM recovery_step s WHERE s.case_id = NEW.id AND s.number = NEW.steps"
    " AND s.before = OLD.status AND s.after = NEW.status"
)
_UNLOCKED = "EXISTS (SELECT 1 FROM journal_unlock)"
_SQLITE = (
    f"""CREATE TRIGGER recovery_step_in_order BEFORE INSERT ON recovery_step
WHEN NOT EXISTS ({_STANDS})
BEGIN SELECT RAISE(ABORT, 'recovery_step: not the next step of this complaint'); END""",
    """CREATE TRIGGER recovery_case_begins BEFORE INSERT ON recovery_case
WHEN NEW.status <> 'received' OR NEW.steps <> 0 OR NEW.reopened <> 0
BEGIN SELECT RAISE(ABORT, 'recovery_case: a complaint begins as received'); END""",
    f"""CREATE TRIGGER recovery_case_in_order BEFORE UPDATE ON recovery_case
WHEN NEW.id <> OLD.id OR ((NEW.status <> OLD.status OR NEW.steps <> OLD.steps)
 AND NOT (NEW.steps = OLD.steps + 1 AND EXISTS ({_DONE})))
BEGIN SELECT RAISE(ABORT, 'recovery_case: the state changes with its step only'); END""",
    f"""CREATE TRIGGER recovery_case_stays BEFORE DELETE ON recovery_case
WHEN NOT {_UNLOCKED}
BEGIN SELECT RAISE(ABORT, 'recovery_case: DELETE refused'); END""",
)
_POSTGRES = (
    f"""CREATE FUNCTION recovery_step_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS ({_STANDS}) THEN
    RAISE EXCEPTION 'recovery_step: not the next step of this complaint'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$""",
    "CREATE TRIGGER recovery_step_in_order BEFORE INSERT ON recovery_step"
    " FOR EACH ROW EXECUTE FUNCTION recovery_step_in_order()",
    f"""CREATE FUNCTION recovery_case_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF {_UNLOCKED} THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'recovery_case: DELETE refused'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'received' OR NEW.steps <> 0 OR NEW.reopened <> 0 THEN
      RAISE EXCEPTION 'recovery_case: a complaint begins as received'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.id <> OLD.id OR ((NEW.status <> OLD.status OR NEW.steps <> OLD.steps)
      AND NOT (NEW.steps = OLD.steps + 1 AND EXISTS ({_DONE}))) THEN
    RAISE EXCEPTION 'recovery_case: the state changes with its step only'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$""",
    "CREATE TRIGGER recovery_case_in_order BEFORE INSERT OR UPDATE OR DELETE ON recovery_case"
    " FOR EACH ROW EXECUTE FUNCTION recovery_case_in_order()",
)


class InOrder(Operation):
    """Lay the triggers of the loop, on SQLite and PostgreSQL."""

    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models stay as they are."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Lay the triggers."""
        lite = schema_editor.connection.vendor == "sqlite"
        for statement in _SQLITE if lite else _POSTGRES:
            schema_editor.execute(statement)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Take the triggers away."""
        if schema_editor.connection.vendor == "sqlite":
            for name in ("step_in_order", "case_begins", "case_in_order", "case_stays"):
                schema_editor.execute(f"DROP TRIGGER recovery_{name}")
            return
        for table in ("step", "case"):
            schema_editor.execute(f"DROP TRIGGER recovery_{table}_in_order ON recovery_{table}")
            schema_editor.execute(f"DROP FUNCTION recovery_{table}_in_order()")

    def describe(self) -> str:
        """What `migrate` prints."""
        return "Hold complaints to their loop"
