"""The steps of a file, each taken by the worker that holds its lease."""

import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from overdeliver.apps.business import actions as business_actions
from overdeliver.apps.business import reads as business
from overdeliver.apps.intake import child_process, events, uploads
from overdeliver.apps.intake.actions import keep_service_of
from overdeliver.apps.intake.holding import LEASE, beat_of
from overdeliver.apps.intake.ledger_in import store_part
from overdeliver.apps.intake.models import Upload
from overdeliver.apps.intake.reading.check import ROWS
from overdeliver.apps.intake.reading.flat import PART, Terms, tables_of
from overdeliver.apps.intake.reading.look import problem_of
from overdeliver.apps.intake.reading.task import Task
from overdeliver.apps.intake.rules.asking import question
from overdeliver.apps.journal.actions import record
from overdeliver.apps.listening.bulk import withdraw_feedback
from overdeliver.apps.people.bulk import withdraw_customers
from overdeliver.apps.promises import bulk, undo
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound

_AT_ONCE = 3.0  # seconds of writing before other files have their turn
_SECONDS = 600


def look(row: Upload) -> None:
    """Find out what is in the file; then a person looks, or the check follows at once."""
    found = child_process.read(_task(row, "look"), beat_of(row))
    asked = question(found, row.settings, business.services())
    wanted = row.settings.get("go") or row.settings.get("through")
    found["question"] = {"code": asked.code, **asked.values} if asked else None
    to = "checking" if wanted and asked is None else "mapped"
    _move(row, to, kind=found["kind"], preview=found)


def check(row: Upload) -> None:
    """Judge every row and say what an import would do; nothing is written into the ledger."""
    try:
        report = child_process.read(_task(row, "check"), beat_of(row))
    except InputError as error:
        text = str(error)
        asked = {"code": problem_of(text), "told": text}
        _move(row, "mapped", error=text, preview={**row.preview, "question": asked})
        return
    rows = uploads.folder_of(row.reference) / ROWS
    report |= {"stored": 0, "known": 0, "written": {}, "known_before": _known(rows)}
    to = "importing" if row.settings.get("through") else "checked"
    _move(row, to, report=report, total=report["to_store"], done=0, kind=report["kind"])


def bring_in(row: Upload) -> None:
    """Write parts until the time is up or all is in; each part is one transaction."""
    rows = uploads.folder_of(row.reference) / ROWS
    report = dict(row.report)
    if row.total and "services_are" not in report:
        report["services_are"] = _services(row)
    until = time.monotonic() + _AT_ONCE
    while row.done < row.total:
        part = pq.ParquetFile(rows).read_row_group(row.done // PART)
        report = _write_among_others(row, part, report)
        if time.monotonic() > until and row.done < row.total:
            Upload.objects.filter(pk=row.pk, state="importing").update(lease_until=None)
            return
    with transaction.atomic():
        _move(row, "done", report=report, refused_seen_at=None)
        counted = {name: report[name] for name in ("rows", "stored", "known", "joined", "rejected")}
        record(events.ImportFinished(subject=f"import:{row.reference}", **counted))


def take_back(row: Upload) -> None:
    """Undo: feedback, then the ledger, then customers nobody speaks of; all or nothing."""
    try:
        with transaction.atomic():
            withdraw_feedback(row.reference)
            try:
                orders = undo.withdraw_batch(row.reference).orders
            except NotFound:  # every row was there before the import
                orders = 0
            withdraw_customers(row.reference)
            _move(row, "undone", done=0)
            record(events.ImportUndone(subject=f"import:{row.reference}", orders=orders))
    except Conflict as error:
        _move(row, "done", error=str(error))


def _write_among_others(row: Upload, part: pa.Table, report: dict[str, Any]) -> dict[str, Any]:
    """One part; should a shop or a program tell of one of its orders at that very moment, alone."""
    try:
        return _write(row, part, report)
    except IntegrityError:
        return _write(row, part, report, alone=True)


def _write(
    row: Upload, part: pa.Table, report: dict[str, Any], *, alone: bool = False
) -> dict[str, Any]:
    """One part and the place behind it, together: killed in between, neither is there."""
    with transaction.atomic():
        behind = row.done + part.num_rows
        held = Upload.objects.filter(pk=row.pk, state="importing", done=row.done).update(
            done=behind, lease_until=timezone.now() + LEASE, attempts=0
        )
        if not held:
            raise Conflict("another worker has taken this import up")
        tables = tables_of(_with_slugs(part, report["services_are"]), _terms(report))
        counts = store_part(tables, row.reference, zone=report["zone"], alone=alone)
        refused = len(set(counts.rejects["line"].to_pylist()))
        report = {
            **report,
            "stored": report["stored"] + part.num_rows - counts.untouched - refused,
            "known": report["known"] + counts.untouched,
            "rejected": report["rejected"] + refused,
            "written": {
                name: report["written"].get(name, 0) + count
                for name, count in counts.written.items()
            },
        }
        Upload.objects.filter(pk=row.pk).update(report=report)
    if refused:
        name = f"rejected-{row.done // PART:05}.csv"
        _keep_rejects(uploads.folder_of(row.reference) / name, counts.rejects)
    row.done = behind
    return report


def _terms(report: dict[str, Any]) -> Terms:
    scale = tuple(report["scale"]) if report["scale"] else None
    return Terms(
        report["lever"],
        report["unit"],
        report["whole"],
        scale,
        "standard",
        report["services_are"].get("", ""),
    )


def _services(row: Upload) -> dict[str, str]:
    """What the file calls a service -> its slug; ``""`` is what rows without a name belong to."""
    found = {"": keep_service_of(row)}
    known = business.services(active=False)
    by_name = {one.name.casefold(): one.slug for one in known} | {
        one.slug: one.slug for one in known
    }
    report = row.report
    for name in report["services"]:
        slug = by_name.get(name.casefold()) or by_name.get(slugify(name, allow_unicode=True))
        found[name] = slug or business_actions.keep_service(
            name=name[:200], lever=report["lever"], unit=report["unit"], whole=report["whole"]
        )
    return found


def _with_slugs(part: pa.Table, services: dict[str, str]) -> pa.Table:
    if "service" not in part.column_names:
        return part
    slugs = [
        services.get(name or "") or slugify(name or "", allow_unicode=True)[:80]
        for name in part["service"].to_pylist()
    ]
    at = part.column_names.index("service")
    return part.set_column(at, "service", pa.array(slugs, pa.string()))


def _known(rows: Path) -> int:
    if not rows.stat().st_size:
        return 0
    file = pq.ParquetFile(rows)
    return sum(
        bulk.known_orders(file.read_row_group(n, columns=["reference"])["reference"].to_pylist())
        for n in range(file.num_row_groups)
    )


def _keep_rejects(path: Path, rejects: pa.Table) -> None:
    part = path.with_suffix(".part")
    pa.csv.write_csv(rejects.drop_columns(["table"]), part)
    part.replace(path)


def _task(row: Upload, step: str) -> Task:
    said = dict(row.settings)
    said.setdefault("extras", row.preview.get("extras", {}))
    said["zone"] = said.get("zone") or business.zone()
    return Task(
        step=step,
        files=uploads.files_of(row.files),
        settings=said,
        folder=str(uploads.folder_of(row.reference)),
        digest=row.sha256,
        memory_mb=settings.KNOBS["import_memory"],
        seconds=_SECONDS,
        size_mb=settings.KNOBS["import_size"],
    )


def _move(row: Upload, to: str, **changes: Any) -> None:
    moved = Upload.objects.filter(pk=row.pk, state=row.state).update(
        state=to, attempts=0, lease_until=None, changed_at=timezone.now(), **changes
    )
    if not moved:
        raise Conflict("somebody else has moved this file on")
