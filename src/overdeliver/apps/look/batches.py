"""Many rows in one call, each answered by itself."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import OperationalError, transaction
from ninja import Schema
from pydantic import Field

from overdeliver.apps.look.schemas import Unread
from overdeliver.vocabulary.errors import OverdeliverError


class RowAnswer(Schema):
    """What became of one row: its reference, or why it was refused."""

    row: int = Field(description="Its place in the call, from 0")
    reference: str = Field("", description="Of what was written down, or what the row named")
    verdict: str = Field("", description="How the promise stands, where it was about an outcome")
    refused: str = Field("", description="Why; empty where it was stored")


class BatchOut(Schema):
    """Rows in are rows stored and rows refused: nothing is lost."""

    stored: int
    refused: int
    answers: list[RowAnswer]


#: Rows written down together: other writers get their turn in between.
_TOGETHER = 50
_GONE = "not stored: the database cannot be used just now; send this row again"


def each(rows: Sequence[Any], names: str, work: Callable[[Any], tuple[str, str]]) -> dict[str, Any]:
    """Do the work of each row; a row that is refused leaves nothing behind and stops no other.

    ``names``: the field by which a row that cannot be read names itself. ``work`` answers a
    reference and a verdict. Should the database fail midway, the rows from there on are refused;
    OperationalError: it failed before any row was stored.
    """
    answers: list[dict[str, str]] = []
    for start in range(0, len(rows), _TOGETHER):
        try:
            with transaction.atomic():
                part = [_answer(row, names, work) for row in rows[start : start + _TOGETHER]]
        except OperationalError:
            if not start:
                raise
            answers += [{"reference": _named(row, names), "refused": _GONE} for row in rows[start:]]
            break
        answers += part
    refused = sum(bool(one["refused"]) for one in answers)
    told = [{"row": number, **one} for number, one in enumerate(answers)]
    return {"stored": len(told) - refused, "refused": refused, "answers": told}


def _answer(row: Any, names: str, work: Callable[[Any], tuple[str, str]]) -> dict[str, str]:
    if isinstance(row, Unread):
        return {"reference": _named(row, names), "refused": row.why}
    try:
        with transaction.atomic():
            reference, verdict = work(row)
    except OverdeliverError as error:
        return {"reference": _named(row, names), "refused": str(error)}
    return {"reference": reference, "verdict": verdict, "refused": ""}


def _named(row: Any, names: str) -> str:
    said = row.given.get(names) if isinstance(row, Unread) else getattr(row, names)
    return said[:200] if isinstance(said, str) else ""
