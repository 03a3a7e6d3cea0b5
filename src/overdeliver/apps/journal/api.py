"""Why? for programs."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from overdeliver.apps.journal import reads
from overdeliver.apps.look.access import needs
from overdeliver.vocabulary.errors import NotFound

router = Router()


class WhyOut(Schema):
    """A decision with its reasons in the order they counted."""

    id: int
    rule: str
    verdict: str
    because: list[str]
    policy: int
    inputs: dict[str, Any]
    at: str


class EntryOut(Schema):
    """One entry of the journal."""

    id: int
    at: str
    name: str
    actor: str
    data: dict[str, Any]
    cause: int | None
    decision: int | None


class LifeOut(Schema):
    """Everything recorded and decided about one thing."""

    subject: str
    events: list[EntryOut]
    decisions: list[WhyOut]


@router.get("/explain/{path:subject}", response=LifeOut)
@needs("journal.see")
def explain(request: HttpRequest, subject: str) -> Any:
    """What happened to `promise:REF`, `order:REF`, `quote:REF` or `service:SLUG`, and why."""
    entries, decisions = reads.life(subject), reads.decisions(subject)
    if not entries and not decisions:
        raise NotFound(f"{subject}: the journal holds nothing about it")
    return {
        "subject": subject,
        "events": [
            {
                **{name: getattr(one, name) for name in ("id", "name", "actor", "data", "cause")},
                "at": one.at.isoformat(),
                "decision": one.why.id if one.why else None,
            }
            for one in entries
        ],
        "decisions": [{**asdict(one), "at": one.at.isoformat()} for one in decisions],
    }
