"""Imports that wait for a person stand on the Today page until one has dealt with them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business.models import Business
from overdeliver.apps.desk import actions, reads
from overdeliver.apps.desk.models import Mark
from overdeliver.apps.intake import actions as intake
from overdeliver.apps.intake import jobs
from overdeliver.apps.intake.models import Upload
from overdeliver.apps.intake.uploads import OnDisk
from overdeliver.apps.journal.models import Event
from overdeliver.apps.people.rules import rights_of_role
from tests.apps.desk.conftest import Make

pytestmark = pytest.mark.django_db

FILE = """order id;customer;ordered on;promised for;delivered on
1001;c1;2026-02-02;2026-02-10;2026-02-09
1002;c2;2026-02-03;2026-02-10;2026-02-13
1003;c1;2026-02-04;2026-02-11;
1004;c3;2026-02-05;2026-02-12;2026-02-04
"""


def a_file(state: str, **more: Any) -> Upload:
    """A file that has come so far."""
    number = Upload.objects.count()
    known = {"files": [{"name": "orders.csv"}], "size": 9, "sha256": "0", "by": "staff:1"}
    return Upload.objects.create(
        reference=f"imp-{number}", name="orders.csv", state=state, **{**known, **more}
    )


def told(role: str = "owner", *, hours: float = 2) -> list[str]:
    """What the lines say after so many hours."""
    at = timezone.now() + timedelta(hours=hours)
    facts = reads.today(at, rights_of_role(role))
    return [fact.because[0] for fact in facts if fact.kind == "import"]


def test_a_file_that_came_in_without_its_sender_stands_there_with_what_is_asked_of_whom(
    shop: Business, tmp_path: Path, settings: Any, signed_in: Callable[[str], Client]
) -> None:
    settings.UPLOADS = tmp_path / "uploads"
    file = tmp_path / "orders.csv"
    file.write_text(FILE, "utf-8")
    reference = intake.upload([OnDisk(file)], through=True, zone="UTC")
    while jobs.import_due(reference):
        pass
    assert told() == ["It waits for an answer: Which service were these promises about?"]
    assert told(hours=0.5) == [], "whoever brought it is still at it"
    intake.answer(reference, {"service": "parcel"})
    while jobs.import_due(reference):
        pass
    assert told() == ["1 row could not be used, and nobody has looked at it yet."]
    signed_in("analyst").get(f"/imports/{reference}/")
    assert len(told()) == 1, "who may not import cannot have dealt with it"
    assert signed_in("manager").get(f"/imports/{reference}/").status_code == 200
    assert told() == []


@pytest.mark.parametrize(
    ("state", "more", "said"),
    [
        ("mapped", {}, "Its columns are recognised."),
        ("checked", {"report": {"to_store": 1}}, "Checked: 1 row can be stored"),
        ("done", {"report": {"rejected": 3}}, "3 rows could not be used"),
    ],
)
def test_what_waits_is_told_after_an_hour(
    shop: Business, state: str, more: dict[str, Any], said: str
) -> None:
    a_file(state, **more)
    (text,) = told()
    assert text.startswith(said)
    assert told(hours=0.9) == []


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (0, "It did not work, and nothing was stored."),
        (40, "It stopped on the way: 40 of 90 rows are stored."),
    ],
)
def test_a_failed_import_stands_there_at_once(shop: Business, done: int, said: str) -> None:
    a_file("failed", done=done, total=90)
    (text,) = told(hours=0.01)
    assert text.startswith(said)


def test_files_at_work_whole_or_gone_need_nobody(shop: Business) -> None:
    for state in ("looking", "checking", "importing", "undoing", "undone", "dropped"):
        a_file(state)
    a_file("done", report={"rejected": 0})
    a_file("done", report={"rejected": 2}, files=[])
    assert told() == []


def test_who_may_not_see_imports_is_not_told_of_them(shop: Business) -> None:
    a_file("failed")
    assert not reads.today(timezone.now(), rights_of_role("owner") - {"imports.see"})


@pytest.mark.parametrize(
    "code", ["fields", "rules", "date_order", "classes", "unit", "placed_at", "zone", "other"]
)
def test_every_question_has_its_words(shop: Business, code: str) -> None:
    a_file("mapped", preview={"question": {"code": code}})
    (text,) = told()
    assert text.startswith("It waits for an answer: ")


def test_a_line_set_aside_comes_back_when_the_file_comes_to_another_step(
    made: Make, signed_in: Callable[[str], Client]
) -> None:
    made(1, ago=5)
    row = a_file("mapped")
    Upload.objects.update(changed_at=timezone.now() - timedelta(hours=3))
    client = signed_in("manager")
    (fact,) = reads.today(timezone.now(), rights_of_role("manager"))
    page = client.get("/").content.decode()
    assert "1 import to look after." in page and f'href="/imports/{row.reference}/"' in page
    client.post("/today/mark", {"key": fact.key, "state": "done"})
    assert not told()
    assert Event.objects.get(name="desk.line_marked").subject == f"import:{row.reference}"
    Upload.objects.update(state="failed")
    assert len(told()) == 1
    actions.bring_back(fact.key)
    assert not Mark.objects.exists()


def test_on_the_first_day_the_waiting_file_is_the_page(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    a_file("mapped")
    client = signed_in("owner")
    assert "Start with what you have promised" in client.get("/").content.decode()
    Upload.objects.update(changed_at=timezone.now() - timedelta(hours=3))
    page = client.get("/").content.decode()
    assert "orders.csv" in page and "Start with what you have promised" not in page
    (fact,) = reads.today(timezone.now(), rights_of_role("owner"))
    why = client.get(f"/today/why/{fact.key}/").content.decode()
    assert "after 1 hour when it waits for an answer" in why
