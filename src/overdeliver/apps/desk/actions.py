"""Lines of the Today page are set aside and brought back."""

from datetime import datetime

from django.db import transaction

from overdeliver.apps.desk.events import LineBroughtBack, LineMarked
from overdeliver.apps.desk.models import Mark
from overdeliver.apps.journal.actions import actor, record
from overdeliver.vocabulary.errors import InputError

#: The first part of a line's key.
KINDS = (
    "broken",
    "risk",
    "message",
    "case",
    "care",
    "import",
    "privacy",
    "drift",
    "stale",
    "quiet",
    "moved",
    "guessed",
)


def mark(key: str, state: str, *, until: datetime | None = None, note: str = "") -> None:
    """Set a line aside. InputError: no line, or a state that is none; later needs its moment."""
    if key.partition(":")[0] not in KINDS or ":" not in key or len(key) > 250:
        raise InputError("today: there is no such line")
    if state not in ("done", "later") or (state == "later") != (until is not None):
        raise InputError("today: say done, or until when")
    with transaction.atomic():
        Mark.objects.update_or_create(
            key=key, defaults={"state": state, "until": until, "by": actor(), "note": note[:500]}
        )
        record(LineMarked(subject=_subject(key), state=state))


def bring_back(key: str) -> None:
    """Undo a mark: the line stands on the page again."""
    with transaction.atomic():
        if Mark.objects.filter(key=key).delete()[0]:
            record(LineBroughtBack(subject=_subject(key)))


def _subject(key: str) -> str:
    """The journal's subject of a line: what the line was about."""
    kind, _, reference = key.partition(":")
    if kind in ("broken", "risk"):
        return f"promise:{reference}"
    if kind == "message":
        return key
    if kind == "care":  # care_step:17, task:3
        return reference
    if kind in ("case", "import"):  # case:5:2:late, import:REFERENCE:failed:MOMENT
        return f"{kind}:{reference.partition(':')[0]}"
    if kind == "privacy":  # customer:REFERENCE:CALL, source:SLUG:CALL
        return reference.rpartition(":")[0]
    if kind == "moved":  # moved:SECONDS, of all promised days
        return "business:profile"
    name = reference.rpartition(":")[0] or reference
    if kind == "quiet":  # quiet:SLUG:MOMENT
        return f"source:{name}"
    return f"touchpoint:{name}" if kind == "stale" else f"{kind}:{name}"
