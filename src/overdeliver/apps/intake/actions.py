"""What a person or a program does with a file."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.intake import events, uploads
from overdeliver.apps.intake.models import Upload
from overdeliver.apps.intake.rules.asking import with_answers
from overdeliver.apps.intake.rules.steps import step
from overdeliver.apps.journal.actions import actor, record
from overdeliver.vocabulary.errors import Conflict, NotFound

#: What `answer` takes; everything else about a file is found out.
ANSWERS = (
    "mapping",
    "exact",
    "extras",
    "lever",
    "unit",
    "zone",
    "date_order",
    "encoding",
    "delimiter",
    "classes",
    "rules",
    "service",
    "kind",
)


def upload(sent: Iterable[uploads.Sent], *, through: bool = False, **answers: Any) -> str:
    """Take files of one export in and let them be looked at; returns the reference.

    ``through``: import without asking, unless a question stands in the way. InputError,
    LimitExceeded: no file, an empty one, too many or too large.
    """
    reference, files = uploads.keep(sent)
    name = str(files[0]["name"]) if len(files) == 1 else f"{files[0]['name']} +{len(files) - 1}"
    size = sum(int(str(one["size"])) for one in files)
    try:
        with transaction.atomic():
            Upload.objects.create(
                reference=reference,
                name=name[:300],
                files=files,
                size=size,
                sha256=uploads.digest(files),
                state="looking",
                settings=with_answers({"through": True} if through else {}, answers)[0],
                by=actor(),
            )
            record(events.FileUploaded(subject=f"import:{reference}", size=size))
    except BaseException:
        _drop_unknown(reference)
        raise
    return reference


def earlier(reference: str) -> str:
    """The reference of an upload of the very same bytes before this one; empty: there is none."""
    row = _row(reference)
    same = Upload.objects.filter(sha256=row.sha256, pk__lt=row.pk)
    found = same.exclude(state__in=("dropped", "undone")).order_by("-pk").first()
    return found.reference if found else ""


def answer(reference: str, answers: Mapping[str, Any], *, go: bool = True) -> None:
    """Keep what was said about a file and look again; with ``go`` its rows are checked next.

    Conflict: the file is at a step where nothing can be said.
    """
    row = _row(reference)
    said = {name: value for name, value in answers.items() if name in ANSWERS}
    merged, _ = with_answers(row.settings, said)
    _move(row, "looking", settings={**merged, "go": go}, error="")


def start(reference: str) -> None:
    """Import what was checked. Conflict: it was not checked."""
    row = _row(reference)
    total = row.report.get("to_store", 0)
    _move(row, "importing", done=row.done if row.state == "failed" else 0, total=total, error="")


def undo(reference: str) -> None:
    """Take back everything an import brought. Conflict: it brought nothing."""
    _move(_row(reference), "undoing", error="")


def again(reference: str) -> None:
    """Look at a file once more, after a failure or an undo. Conflict: not at this step."""
    _move(_row(reference), "looking", error="", done=0)


def drop(reference: str) -> None:
    """Forget a file that was not imported, its bytes too. Conflict: it is imported or at work."""
    row = _row(reference)
    if row.state == "failed" and row.done:
        raise Conflict("part of the file is imported: undo it first")
    with transaction.atomic():
        _move(row, "dropped", settings={}, preview={}, files=[])
    uploads.forget(reference)


def refused_seen(reference: str) -> None:
    """Somebody has opened an import that is done: its refused rows are no longer news."""
    unseen = Upload.objects.filter(reference=reference, state="done", refused_seen_at=None)
    unseen.update(refused_seen_at=timezone.now())


def keep_service_of(row: Upload) -> str:
    """The service an upload's rows belong to, made now if a new one was asked for."""
    wanted = row.settings.get("service") or ""
    if not wanted.startswith("new:"):
        return str(wanted)
    # Loaded here: the ground of business is needed by this one answer only.
    from overdeliver.apps.business import actions as business_actions

    name = wanted.removeprefix("new:").strip()
    known = next((one.slug for one in business.services(active=False) if one.name == name), "")
    report = row.report
    return known or business_actions.keep_service(
        name=name,
        lever=report["lever"],
        unit=report["unit"],
        whole=report["whole"],
        classes=tuple(row.settings.get("classes") or ()),
    )


def _drop_unknown(reference: str) -> None:
    """Remove files that no row names; where the database cannot say, they stay."""
    with suppress(DatabaseError):
        if not Upload.objects.filter(reference=reference).exists():
            uploads.forget(reference)


def _row(reference: str) -> Upload:
    row = Upload.objects.filter(reference=reference).first()
    if row is None:
        raise NotFound(f"import {reference!r}: there is none of that reference")
    return row


def _move(row: Upload, to: str, **changes: Any) -> None:
    """To the next state, unless somebody else moved it at the same moment."""
    step(row.state, to)
    moved = Upload.objects.filter(pk=row.pk, state=row.state).update(
        state=to, attempts=0, lease_until=None, changed_at=timezone.now(), **changes
    )
    if not moved:
        raise Conflict("somebody else has moved this file on at the same moment; look again")
