"""A backup older than an erasure is brought back: the erasure is done again before all else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import Installation, empty_installation

MADE = """
from overdeliver.apps.business import actions as business
from overdeliver.apps.people import actions as people
business.begin("webshop", "en", "Shop", "KZ", "Asia/Almaty", "KZT")
for one in ("c-1", "c-2"):
    people.keep_customer(one, name=f"Zhanerke {one}", email=f"{one}@example.org")
print("true")
"""
ERASED = """
from overdeliver.apps.people import actions as people
from overdeliver.server.worker import work
people.erase_customer("c-1")
work(once=True)
print("true")
"""
BROUGHT_BACK = """
import json
from django.db import transaction
from overdeliver.apps.outreach.actions import Draft, enqueue
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.people import reads as people
from overdeliver.apps.journal import reads as journal
from overdeliver.server.worker import work
before = people.customer("c-1").name
with transaction.atomic():
    enqueue(Draft(key="due", channel="mail", purpose="service", address="c-1@example.org",
        customer=people.customer("c-1").id, subject="S", text="Zhanerke", because="b"))
work(once=True)
message = Message.objects.get()
told = [one.data["because"] for one in journal.life("customer:c-1") if "because" in one.data]
print(json.dumps([before, people.customer("c-1").name, people.customer("c-2").name,
    message.status, message.text, message.attempts, told]))
"""


@pytest.fixture
def again(tmp_path: Path) -> Iterator[Installation]:
    """A new machine: an empty folder, an empty database."""
    with empty_installation(tmp_path / "again") as found:
        found.knobs["OVERDELIVER_MAIL_URL"] = "smtp://127.0.0.1:9"
        yield found


def test_who_was_erased_after_the_backup_is_erased_again_before_mail_goes(
    shop: Installation, again: Installation, tmp_path: Path
) -> None:
    shop.python(MADE)
    shop.command("backup", str(tmp_path / "kept.tar.gz"))
    shop.python(ERASED)
    log = shop.folder / "erased.jsonl"
    said = again.command(
        *("restore", str(tmp_path / "kept.tar.gz"), "--data", str(again.folder)),
        *("--erased", str(log)),
    )
    assert "--erased" not in said
    before, erased, other, status, text, attempts, told = again.python(BROUGHT_BACK)
    assert (before, erased, other) == ("Zhanerke c-1", "", "Zhanerke c-2")
    assert (status, text, attempts) == ("cancelled", "", 0)
    assert told == ["restored"]
