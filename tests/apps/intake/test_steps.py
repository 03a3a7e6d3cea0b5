"""The worker's steps with a file: parts, services, other workers, what fails and what is undone."""

import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.models import Business
from overdeliver.apps.intake import actions, child_process, jobs, steps
from overdeliver.apps.intake.forms import answers_of, mapping_of, rules_of
from overdeliver.apps.intake.models import Upload
from overdeliver.apps.intake.reading import flat
from overdeliver.apps.intake.reading.check import check
from overdeliver.apps.intake.reading.look import look
from overdeliver.apps.intake.reading.task import File, Task
from overdeliver.apps.intake.uploads import OnDisk, folder_of
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises.models import Order, Promise
from overdeliver.vocabulary.errors import Conflict, InputError, LimitExceeded, UnreadableFile

from .conftest import ORDERS, worked

pytestmark = pytest.mark.one_database

Bring = Callable[..., Upload]
NAMED = """order id,ordered on,promised for,delivered on,service
1,2026-02-02,2026-02-10,2026-02-09,PARCEL
2,2026-02-03,2026-02-10,2026-02-13,Вечерний курьер
3,2026-02-04,2026-02-11,2026-02-12,
"""


@pytest.fixture(autouse=True)
def near(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files are read in this process: what a process of its own adds is tried in test_hostile."""

    def read(task: Task, beat: Callable[[], None] = lambda: None) -> Mapping[str, Any]:
        beat()
        with tempfile.TemporaryDirectory() as work:
            step = {"look": look, "check": check}[task.step]
            return step(task, Path(work))

    monkeypatch.setattr(child_process, "read", read)
    yield


def test_services_that_a_file_names_are_found_or_made(bring: Bring) -> None:
    row = bring(NAMED, service="courier")
    assert row.state == "done", row.error
    made = dict(Order.objects.values_list("reference", "service"))
    assert (made["1"], made["3"]) == ("parcel", "courier")
    evening = business.service(made["2"])
    assert (evening.name, evening.lever, evening.unit) == ("Вечерний курьер", "time", "days")
    again = bring(NAMED.replace("\n1,", "\n11,").replace("\n2,", "\n12,"), service="courier")
    assert again.state == "done" and Order.objects.get(reference="12").service == made["2"]
    assert len(business.services()) == 3  # made once


def test_a_new_service_is_made_when_the_file_is_imported_and_once(bring: Bring) -> None:
    for number in (1, 2):
        text = ORDERS.replace("100", f"{number}00")
        row = bring(text, service="new: Evening ")
        assert row.state == "done", row.error
    assert [one.name for one in business.services()] == ["Parcel", "Courier", "Evening"]
    assert set(Order.objects.values_list("service", flat=True)) == {"evening"}


def test_a_file_without_anything_to_store_is_done_and_makes_no_service(bring: Bring) -> None:
    text = "order id,ordered on,promised for,delivered on\n1,2026-02-02,soon,2026-02-14\n"
    fields = {"order_id": "order id", "placed_at": "ordered on", "promised_at": "promised for"}
    row = bring(text, service="new:Evening", mapping=fields, exact=True)
    assert row.state == "done", (row.error, row.preview)
    assert (row.report["stored"], row.report["rejected"]) == (0, 1)
    assert len(business.services()) == 2


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows a part, and a worker's turn that is over after one: a large file in small."""
    monkeypatch.setattr(flat, "PART", 2)
    monkeypatch.setattr(steps, "PART", 2)
    monkeypatch.setattr(steps, "_AT_ONCE", -1.0)


def test_a_large_file_goes_in_part_by_part_and_others_have_their_turn(
    bring: Bring, in_parts: None
) -> None:
    row = bring(ORDERS, through=False)
    actions.answer(row.reference, {})
    worked(row.reference)
    actions.start(row.reference)
    assert jobs.import_due() == 1
    row.refresh_from_db()
    assert (row.state, row.done, row.total, row.lease_until) == ("importing", 2, 3, None)
    assert Order.objects.count() == 2
    assert worked(row.reference).state == "done"
    assert Order.objects.count() == 3


def test_a_worker_that_was_overtaken_writes_nothing_more(bring: Bring, in_parts: None) -> None:
    row = bring(ORDERS, through=False)
    actions.answer(row.reference, {})
    worked(row.reference)
    actions.start(row.reference)
    slow = Upload.objects.get(reference=row.reference)
    steps.bring_in(Upload.objects.get(reference=row.reference))
    with pytest.raises(Conflict, match="another worker"):
        steps.bring_in(slow)
    assert Order.objects.count() == 2
    assert worked(row.reference).report["stored"] == 3


def test_a_file_forgotten_while_it_was_read_stays_forgotten(
    bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = bring(ORDERS, through=False)
    actions.again(row.reference)
    slow = Upload.objects.get(reference=row.reference)
    read = child_process.read

    def forgotten(task: Task, beat: Callable[[], None]) -> Any:
        found = read(task, beat)
        actions.drop(row.reference)
        return found

    monkeypatch.setattr(child_process, "read", forgotten)
    with pytest.raises(Conflict, match="somebody else"):
        steps.look(slow)
    assert Upload.objects.get().state == "dropped"


def test_what_the_check_cannot_read_is_asked_about(
    bring: Bring, monkeypatch: pytest.MonkeyPatch, signed_in: Callable[[str], Client]
) -> None:
    """A file may be read in parts and yet be too large as a whole: only the check finds out."""
    row = bring(ORDERS, through=False)
    actions.answer(row.reference, {})
    read = child_process.read

    def small(task: Task, beat: Callable[[], None]) -> Any:
        if task.step == "check":
            raise LimitExceeded("the file is too large; split it")
        return read(task, beat)

    monkeypatch.setattr(child_process, "read", small)
    row = worked(row.reference)
    assert (row.state, row.error) == ("mapped", "the file is too large; split it")
    assert row.preview["question"]["code"] == "other"
    page = signed_in("manager").get(f"/imports/{row.reference}/").content.decode()
    assert "the file is too large; split it" in page


def test_rows_that_the_ledger_has_with_other_terms_are_kept_for_the_person(
    bring: Bring, signed_in: Callable[[str], Client]
) -> None:
    bring(ORDERS)
    row = bring(ORDERS.replace("2026-02-10;2026-02-09", "2026-02-20;2026-02-09"))
    assert row.state == "done", row.error
    assert row.report["rejected"] == 3
    assert (folder_of(row.reference) / "rejected-00000.csv").is_file()
    answer = signed_in("manager").get(f"/imports/{row.reference}/rejected.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "stands in the ledger with other terms" in text


def test_undoing_a_file_that_brought_nothing_new_takes_nothing_away(bring: Bring) -> None:
    bring(ORDERS)
    again = bring(ORDERS)
    actions.undo(again.reference)
    assert worked(again.reference).state == "undone"
    assert Order.objects.count() == 3


def test_what_later_work_hangs_on_is_not_undone_and_the_page_says_why(
    bring: Bring, signed_in: Callable[[str], Client]
) -> None:
    row = bring(ORDERS)
    promises.record_outcome("1003.time", happened_at=timezone.now())
    actions.undo(row.reference)
    row = worked(row.reference)
    assert row.state == "done" and "outcomes that came later" in row.error
    assert Order.objects.count() == 3 and Promise.objects.count() == 3
    page = signed_in("manager").get(f"/imports/{row.reference}/").content.decode()
    assert "outcomes that came later" in page


def test_a_step_that_breaks_is_tried_again_and_then_said(
    bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = bring(ORDERS, through=False)
    actions.again(row.reference)

    def broken(*_: object) -> None:
        raise RuntimeError("a secret of the library")

    monkeypatch.setattr(child_process, "read", broken)
    for tries in (1, 2):
        assert jobs.import_due() == 1
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("looking", tries)
        assert jobs.import_due() == 0  # not at once
        Upload.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert jobs.import_due() == 1
    row.refresh_from_db()
    assert row.state == "failed" and "RuntimeError" in row.error and "secret" not in row.error
    assert journal.life(f"import:{row.reference}")[-1].name == "intake.import_failed"


def test_a_step_whose_workers_were_killed_is_given_up(bring: Bring) -> None:
    row = bring(ORDERS, through=False)
    actions.again(row.reference)
    over = timezone.now() - timedelta(seconds=1)
    Upload.objects.update(attempts=3, lease_until=over)
    assert jobs.import_due() == 0
    row.refresh_from_db()
    assert row.state == "failed" and "never ended" in row.error
    actions.again(row.reference)  # whoever knows better may try again
    assert worked(row.reference).state == "mapped"


def test_a_failed_import_of_which_part_is_in_cannot_be_forgotten(
    bring: Bring, in_parts: None, signed_in: Callable[[str], Client]
) -> None:
    row = bring(ORDERS, through=False)
    actions.answer(row.reference, {})
    worked(row.reference)
    actions.start(row.reference)
    jobs.import_due()
    jobs.fail(Upload.objects.get(), "the disk is full")
    page = f"/imports/{row.reference}/step"
    manager = signed_in("manager")
    answer = manager.post(page, {"step": "drop"})
    assert answer.status_code == 409 and "undo it first" in answer.content.decode()
    assert manager.post(page, {"step": "start"}).status_code == 302  # it goes on where it was
    assert worked(row.reference).report["stored"] == 3


def test_a_file_that_was_not_imported_is_forgotten_with_its_bytes(
    bring: Bring, signed_in: Callable[[str], Client]
) -> None:
    row = bring(ORDERS, through=False)
    manager = signed_in("manager")
    page = f"/imports/{row.reference}/"
    assert manager.post(f"{page}step", {"step": "drop"}).headers["Location"] == "/imports/"
    assert not folder_of(row.reference).exists()
    assert manager.get(page).status_code == 404
    assert manager.post(f"{page}step", {"step": "dance"}).status_code == 422


def test_an_answer_that_is_none_is_said_and_the_file_waits(
    bring: Bring, signed_in: Callable[[str], Client]
) -> None:
    row = bring(ORDERS, through=False, service=None)
    manager = signed_in("manager")
    page = f"/imports/{row.reference}/answer"
    twice = {"mapped": "1", "field-order_id": "region", "field-segment": "region"}
    for wrong in (twice, {"service": "new:"}, {"rule:Express": "soon"}, {"rule-unit": "parsec"}):
        answer = manager.post(page, wrong)
        assert answer.status_code == 422 and answer.context["error"], wrong
    assert Upload.objects.get().state == "mapped"
    assert manager.post(page, {"service": "new:", "new_service": " Evening "}).status_code == 302
    assert worked(row.reference).settings["service"] == "new:Evening"


def test_rejected_rows_are_not_found_where_every_row_was_taken(
    bring: Bring, signed_in: Callable[[str], Client]
) -> None:
    row = bring(ORDERS, through=False)
    manager = signed_in("manager")
    assert manager.get(f"/imports/{row.reference}/rejected.csv").status_code == 404
    assert manager.get("/imports/nothing/rejected.csv").status_code == 404
    assert manager.get("/imports/nothing/").status_code == 404


def test_the_same_file_again_is_said_on_the_page(
    bring: Bring, signed_in: Callable[[str], Client]
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    bring(ORDERS)
    file = SimpleUploadedFile("again.csv", ORDERS.encode())
    shown = signed_in("manager").post("/imports/new", {"files": file}, follow=True)
    assert "orders.csv" in shown.content.decode()


def test_files_of_one_export_are_one_upload_with_one_sum(shop: Business, tmp_path: Path) -> None:
    one, two = tmp_path / "a.csv", tmp_path / "b.csv"
    one.write_text("a,b\n1,2\n")
    two.write_text("c,d\n3,4\n")
    first = actions.upload([OnDisk(one), OnDisk(two)])
    second = actions.upload([OnDisk(two), OnDisk(one)])
    assert Upload.objects.get(reference=first).name == "a.csv +1"
    assert actions.earlier(second) == first and actions.earlier(first) == ""


def form(**given: str) -> QueryDict:
    query = QueryDict(mutable=True)
    query.update(
        {name.replace("__", ":").replace("_of_", "-"): text for name, text in given.items()}
    )
    return query


def test_what_is_answered_on_the_page_is_read_as_it_is_meant() -> None:
    said = answers_of(
        form(
            classes=" Low \n\nHigh", zone=" Asia/Almaty ", rule__Express="1,5", rule_of_unit="hours"
        )
    )
    assert said == {
        "classes": ["Low", "High"],
        "zone": "Asia/Almaty",
        "rules": {"Express": [1.5, "hours"]},
    }
    assert answers_of(form()) == {}
    assert rules_of(form(rule__Express=" ", rule__Slow="3")) == {"Slow": [3.0, "days"]}
    chosen = mapping_of(form(field_of_order_id="no", extra_of_team="crew", field_of_text=""))
    assert chosen == {"mapping": {"order_id": "no"}, "exact": True, "extras": {"team": "crew"}}
    with pytest.raises(InputError, match="no number of days"):
        rules_of(form(rule__Express="-1"))


def a_task(folder: Path, step: str = "look") -> Task:
    (folder / "in.csv").write_text(ORDERS)
    return Task(step, (File(str(folder / "in.csv"), "in.csv"),), {}, str(folder), "d" * 64)


@pytest.mark.parametrize(
    ("status", "kind", "told"),
    [
        (-signal.SIGXCPU, LimitExceeded, "too much time or memory"),
        (-signal.SIGKILL, LimitExceeded, "too much time or memory"),
        (-signal.SIGSEGV, LimitExceeded, "2048 MB"),
        (1, LimitExceeded, "2048 MB"),
        (7, UnreadableFile, "ended without an answer"),
    ],
)
def test_however_the_reading_dies_there_is_a_sentence(
    tmp_path: Path, status: int, kind: type[Exception], told: str
) -> None:
    error = child_process._crash(status, a_task(tmp_path))
    assert type(error) is kind and told in str(error)
