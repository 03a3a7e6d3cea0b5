"""From a file to the ledger: dry run, import, books, undo."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import time_machine
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business import actions as business
from overdeliver.apps.intake import actions, jobs
from overdeliver.apps.intake.models import Upload
from overdeliver.apps.intake.rules.asking import balanced
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.journal.models import Event
from overdeliver.apps.people.models import Customer
from overdeliver.apps.people.rules import RetentionPolicy
from overdeliver.apps.promises.models import Order, Outcome, Promise, Standing
from overdeliver.apps.quoting.models import LearningRun

from .conftest import ORDERS, worked

Bring = Callable[..., Upload]


def test_a_file_goes_in_and_the_books_close(bring: Bring) -> None:
    row = bring(ORDERS)
    assert row.state == "done", row.error
    report = row.report
    assert (report["rows"], report["stored"], report["rejected"]) == (5, 3, 2)
    assert balanced(report)
    verdicts = dict(Standing.objects.values_list("order__reference", "verdict"))
    assert verdicts == {"1001": "exceeded", "1002": "broken", "1003": "broken"}
    order = Order.objects.get(reference="1001")
    assert (order.service, order.features, order.currency) == ("parcel", {"region": "north"}, "EUR")
    assert order.batch == row.reference


def test_nothing_is_written_by_the_dry_run(bring: Bring) -> None:
    row = bring(ORDERS, through=False)
    assert row.state == "mapped" and row.preview["question"] is None
    actions.answer(row.reference, {})
    row = worked(row.reference)
    assert row.state == "checked"
    assert (row.report["to_store"], row.report["rejected"]) == (3, 2)
    assert {one["reason"] for one in row.report["sample"]}
    assert not Order.objects.exists() and not Customer.objects.exists()


def test_undo_leaves_nothing(bring: Bring) -> None:
    row = bring(ORDERS.replace("currency\n", "currency;score\n").replace("EUR\n", "EUR;4\n"))
    assert Order.objects.exists() and Customer.objects.exists()
    actions.undo(row.reference)
    row = worked(row.reference)
    assert row.state == "undone"
    for model in (Order, Promise, Outcome, Standing, Customer):
        assert not model.objects.exists(), model
    from overdeliver.apps.listening.models import Feedback
    from overdeliver.apps.promises.models import Encounter

    assert not Feedback.objects.exists() and not Encounter.objects.exists()


def test_the_same_file_again_is_said_and_changes_nothing(bring: Bring) -> None:
    first = bring(ORDERS)
    again = bring(ORDERS)
    assert actions.earlier(again.reference) == first.reference
    assert (again.report["stored"], again.report["known"]) == (0, 3)
    assert balanced(again.report)
    assert Order.objects.count() == 3 and Outcome.objects.count() == 2


def test_an_import_is_one_event(bring: Bring) -> None:
    bring(ORDERS)
    names = list(Event.objects.order_by("id").values_list("name", flat=True))
    assert names == ["intake.file_uploaded", "intake.import_finished"]


def test_the_reject_file_can_be_corrected_and_sent_again(
    bring: Bring, folder: Path, tmp_path: Path
) -> None:
    row = bring(ORDERS)
    text = (folder / row.reference / "rejected.csv").read_text("utf-8-sig")
    assert "soon" in text and "reject reason" in text
    fixed = tmp_path / "fixed.csv"
    fixed.write_text(text.replace("soon", "2026-02-14"), encoding="utf-8")
    second = bring(fixed)
    assert second.state == "done", second.error
    assert second.report["stored"] == 1 and second.report["known"] == 1
    assert Order.objects.filter(reference="1004").exists()
    assert "reject reason" not in Order.objects.get(reference="1004").features


def test_the_marketplace_comes_in_whole(bring: Bring, shared_data: Path) -> None:
    files = sorted((shared_data / "olist").glob("*.parquet"))
    row = bring(*files, zone="")
    assert row.state == "done", row.error
    assert row.kind == "olist" and balanced(row.report)
    assert Order.objects.count() == row.report["rows"] == 19_757
    assert Standing.objects.filter(verdict="open").count() == 0
    actions.undo(row.reference)
    assert worked(row.reference).state == "undone"
    assert not Order.objects.exists()


def test_history_is_learned_from_at_once(bring: Bring) -> None:
    row = bring(ORDERS)
    while deliver_due():
        pass
    keys = list(LearningRun.objects.values_list("key", flat=True))
    assert keys == [f"import:{row.reference}"]
    bring(ORDERS)  # nothing new came in
    while deliver_due():
        pass
    assert LearningRun.objects.count() == 1


def test_files_go_after_a_while_and_their_report_stays(
    bring: Bring, folder: Path, signed_in: Callable[[str], Client]
) -> None:
    row = bring(ORDERS)
    waiting = bring(ORDERS, through=False)
    assert jobs.prune_uploads() == 0 and (folder / row.reference).is_dir()
    with time_machine.travel(timezone.now() + timedelta(days=181)):
        assert jobs.prune_uploads() == 2
        assert jobs.prune_uploads() == 0
    assert not (folder / row.reference).exists() and not (folder / waiting.reference).exists()
    row.refresh_from_db()
    waiting.refresh_from_db()
    assert (row.state, row.report["stored"], row.report["rejected"]) == ("done", 3, 2)
    assert waiting.state == "dropped"
    kept = json.dumps([row.preview, row.report, waiting.preview])
    assert "soon" not in kept and "120.50" not in kept
    owner = signed_in("owner")
    assert owner.get(f"/imports/{row.reference}/").status_code == 200
    assert owner.get(f"/imports/{row.reference}/rejected.csv").status_code == 404
    actions.undo(row.reference)
    assert worked(row.reference).state == "undone" and not Order.objects.exists()


def test_a_policy_of_no_days_keeps_files_for_ever(bring: Bring, folder: Path) -> None:
    business.set_policy(RetentionPolicy(uploads_days=0))
    row = bring(ORDERS)
    with time_machine.travel(timezone.now() + timedelta(days=4_000)):
        assert jobs.prune_uploads() == 0
    assert (folder / row.reference).is_dir()


def test_the_reject_file_holds_what_the_ledger_refused_as_well(
    bring: Bring, folder: Path, signed_in: Callable[[str], Client]
) -> None:
    row = bring(ORDERS)
    later = 'line,column,value,reason\r\n7,promised,=1+1,"it stands for other terms"\r\n'
    (folder / row.reference / "rejected-00000.csv").write_text(later)
    answer = signed_in("owner").get(f"/imports/{row.reference}/rejected.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 4 and {len(one) for one in rows} == {len(rows[0])}
    assert rows[3][-3:] == ["7", "promised", "it stands for other terms"]
    assert rows[3][0] == "'=1+1"
