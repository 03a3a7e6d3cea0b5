"""Complaints of a made-up business: some just in, one at each step, some made good weeks ago."""

import tomllib
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.promises import reads as promises
from overdeliver.apps.recovery.causes import keep_cause, keep_change
from overdeliver.apps.recovery.models import Case, Change
from overdeliver.apps.recovery.opening import open_case
from overdeliver.apps.recovery.rules.complaint import OBJECTS, Complaint
from overdeliver.apps.recovery.rules.loop import BY_NAME, Shown
from overdeliver.apps.recovery.stepping import write_step

_WAY = ("admit", "apologise", "find_cause", "change", "invite", "good", "write_lesson", "close")
#: Hours ago, and how many steps were done since.
_NOW = ((0.4, 0), (1.2, 0), (3.0, 1), (9.0, 2), (22.0, 3), (31.0, 4), (50.0, 5))
_BEFORE = tuple((24.0 * days, len(_WAY)) for days in range(6, 84, 3))


def fill(language: str) -> int:
    """Open complaints about the latest broken promises; returns how many. Nothing is sent."""
    texts = _texts()[language]
    broken = promises.broken_since(timezone.now() - timedelta(days=90), limit=60)
    plan = (*_NOW, *_BEFORE)
    with transaction.atomic():
        for number, (row, (hours, steps)) in enumerate(zip(broken, plan, strict=False)):
            _case(number, row.order, hours, steps, texts, language)
    return min(len(broken), len(plan))


def _case(
    number: int, order: str, hours: float, steps: int, texts: dict[str, Any], language: str
) -> None:
    if Case.objects.filter(key=f"made-up:{number}").exists():
        return
    at = timezone.now() - timedelta(hours=hours)
    told = texts["said"][number % len(texts["said"])]
    case = open_case(
        Complaint(
            text=told,
            object=OBJECTS[number % len(OBJECTS)],
            channel="phone" if number % 4 == 3 else "page",
            first=number % 5 != 1,
            language=language,
            seconds=21 + 7 * number % 38,
        ),
        order=order,
        at=at,
        key=f"made-up:{number}",
    )
    for place, name in enumerate(_WAY[:steps]):
        moment = at + timedelta(hours=min(1.5 * (place + 1), hours * (place + 1) / (steps + 1)))
        write_step(case.pk, name, _shown(case, name, texts, number, at), at=moment)


def _shown(case: Case, name: str, texts: dict[str, Any], number: int, at: datetime) -> Shown:
    words = texts[name]
    if BY_NAME[name].needs == "cause":
        return Shown(words, cause=keep_cause(texts["causes"][number % len(texts["causes"])]))
    if BY_NAME[name].needs == "change":
        return Shown(words, change=_change(case, texts, number, at))
    return Shown(words)


def _change(case: Case, texts: dict[str, Any], number: int, at: datetime) -> int:
    """The change of the cause, written down once."""
    case.refresh_from_db(fields=["cause"])
    assert case.cause_id is not None  # its cause was found a step before
    known = Change.objects.filter(cause_id=case.cause_id).first()
    if known is not None:
        return known.pk
    what = texts["changes"][number % len(texts["changes"])]
    since = (timezone.now() - timedelta(days=30)).date()
    return keep_change(case.cause_id, what, texts["owner"], min(since, at.date()))


@lru_cache
def _texts() -> dict[str, dict[str, Any]]:
    return tomllib.loads((Path(__file__).parent / "made_up.toml").read_text("utf-8"))
