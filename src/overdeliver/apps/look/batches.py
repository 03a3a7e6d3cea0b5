"""Many rows in one call: each answered by itself, all written down together."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
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


def each(rows: Iterable[Any], names: str, work: Callable[[Any], tuple[str, str]]) -> dict[str, Any]:
    """Do the work of each row; a row that is refused leaves nothing behind and stops no other.

    ``names``: the field by which a row that cannot be read names itself. ``work`` answers a
    reference and a verdict. Should the database fail, none of the rows was stored.
    """
    answers = []
    with transaction.atomic():
        for number, row in enumerate(rows):
            answers.append({"row": number, **_answer(row, names, work)})
    refused = sum(bool(one["refused"]) for one in answers)
    return {"stored": len(answers) - refused, "refused": refused, "answers": answers}


def _answer(row: Any, names: str, work: Callable[[Any], tuple[str, str]]) -> dict[str, str]:
    if isinstance(row, Unread):
        said = row.given.get(names)
        return {"reference": said[:200] if isinstance(said, str) else "", "refused": row.why}
    try:
        with transaction.atomic():
            reference, verdict = work(row)
    except OverdeliverError as error:
        return {"reference": str(getattr(row, names)), "refused": str(error)}
    return {"reference": reference, "verdict": verdict, "refused": ""}
