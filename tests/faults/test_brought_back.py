"""A backup of PostgreSQL brought back: by the commands, with what the ledger relies on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.test_killed import ORDER, PROMISE, SHOP
from tests.processes import Installation, empty_installation

DUE = """
from django.db import transaction
from overdeliver.apps.outreach.actions import Draft, enqueue
with transaction.atomic():
    enqueue(Draft(key="due", channel="mail", purpose="service", address="anna@example.org",
        subject="by Friday", text="Hello", because="outreach.because.promise_made"))
print("true")
"""
#: What the database itself refuses, table by table.
REFUSED = """
import json
from django.db import Error, connection, transaction
refused = []
for table, column in (("promises_promise", "reference"), ("journal_event", "subject")):
    for words in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(words)
        except Error:
            refused.append(words.split()[0])
print(json.dumps(refused))
"""
SWEPT = """
import json
from overdeliver.apps.outreach.jobs import send_due
from overdeliver.apps.outreach.models import Message
send_due(threads=False)
print(json.dumps(list(Message.objects.values_list("status", "error"))))
"""


pytestmark = pytest.mark.skipif(
    not os.environ.get("OVERDELIVER_DATABASE_URL"),
    reason="of a file: test_serving.py and test_outbox.py, by the same command",
)


@pytest.fixture
def again(tmp_path: Path) -> Iterator[Installation]:
    """A new machine: an empty folder, an empty database."""
    with empty_installation(tmp_path / "again") as found:
        found.knobs["OVERDELIVER_MAIL_URL"] = "smtp://127.0.0.1:9"
        yield found


@pytest.fixture
def kept(shop: Installation, tmp_path: Path) -> Path:
    """A backup of a shop with a promise, an upload, and a message that is due."""
    shop.python(SHOP)
    key = shop.key()
    shop.web(1)
    assert shop.call("/orders", ORDER, key=key)[0] == 201
    assert shop.call("/promises", PROMISE, key=key)[0] == 201
    shop.python(DUE)
    (shop.folder / "uploads").mkdir(exist_ok=True)
    (shop.folder / "uploads" / "orders.csv").write_text("order_id\nA-1\n")
    shop.command("backup", str(tmp_path / "kept.tar.gz"))
    return tmp_path / "kept.tar.gz"


def test_what_a_backup_holds_works_on_as_before(
    kept: Path, shop: Installation, again: Installation
) -> None:
    again.command("restore", str(kept), "--data", str(again.folder))
    assert (again.folder / "secret-key").read_text() == (shop.folder / "secret-key").read_text()
    assert (again.folder / "uploads" / "orders.csv").read_text() == "order_id\nA-1\n"
    again.command("migrate")  # nothing is missing, nothing is there twice
    assert again.python(REFUSED) == ["UPDATE", "DELETE", "UPDATE", "DELETE"]
    key = again.key()
    again.web(1)
    assert again.call("/promises", PROMISE, key=key)[0] == 201  # its number is a new one


def test_mail_that_was_due_waits_for_a_person(kept: Path, again: Installation) -> None:
    again.command("restore", str(kept), "--data", str(again.folder))
    assert again.python(SWEPT) == [["held", "restored"]]


def test_a_filled_database_is_written_over_by_nothing(
    kept: Path, shop: Installation, again: Installation, tmp_path: Path
) -> None:
    if not shop.database_url:
        pytest.skip("a database of SQLite lies in the folder, which must be empty")
    shop.folder = tmp_path / "other"
    with pytest.raises(AssertionError, match="is not empty: make a new one"):
        shop.command("restore", str(kept), "--data", str(shop.folder))
    url, again.database_url = again.database_url, ""
    with pytest.raises(AssertionError, match="empty database in OVERDELIVER_DATABASE_URL"):
        again.command("restore", str(kept), "--data", str(again.folder))
    assert not any(again.folder.iterdir())
    again.database_url = url
    again.command("restore", str(kept), "--data", str(again.folder))
