"""Bringing files in, for programs."""

import json
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import AfterValidator, Field

from overdeliver.apps.intake import actions, reads
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.schemas import Short
from overdeliver.vocabulary.errors import InputError

router = Router()


def _pairs(text: str) -> str:
    """JSON of an object of texts, or nothing."""
    if text.strip():
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError("write JSON, such as {}") from None
        if not isinstance(found, dict):
            raise ValueError("write a JSON object")
    return text


Pairs = Annotated[str, Field(max_length=10_000), AfterValidator(_pairs)]


class ImportIn(Schema):
    """How a file is to be read; what is left out is found out."""

    mapping: Pairs = Field("", examples=['{"promised_at": "due"}'], description="Field -> column")
    rules: Pairs = Field(
        "", examples=['{"Express": [2, "days"]}'], description="Shipping method -> promise"
    )
    kind: Literal["", "olist", "shopify", "woocommerce", "flights", "table"] = ""
    service: str = Field("", max_length=80, description="What rows without a service belong to")
    lever: Literal["", "time", "cost", "service"] = ""
    unit: str = Field("", max_length=10)
    zone: str = Field("", max_length=64, description="Of clocks that say none, an IANA name")
    date_order: Literal["", "dmy", "mdy"] = ""
    delimiter: Short = ""
    encoding: Short = ""


class ImportOut(Schema):
    """A file on its way: rows = stored + known + joined + rejected once `state` is `done`."""

    reference: str
    name: str
    state: str
    question: str
    error: str
    done: int
    total: int
    rows: int | None
    stored: int | None
    known: int | None
    joined: int | None
    rejected: int | None


@router.post("/imports", response={202: ImportOut}, summary="Bring in the files of one export")
@needs("imports.write")
def bring(
    request: HttpRequest,
    files: File[list[UploadedFile]],
    said: Form[ImportIn],
) -> Any:
    """Takes the files and imports them without asking; ask for the state until it is `done`.

    Where something is not clear the state is `mapped` and `question` says what is missing; answer
    on the page of the import, or send the files again with it.
    """
    if strange := sorted(set(request.POST) - set(ImportIn.model_fields)):
        raise InputError(f"{strange[0][:80]!r} is unknown here")
    answers: dict[str, Any] = {
        name: value
        for name in ("kind", "lever", "unit", "zone", "date_order", "delimiter", "encoding")
        if (value := getattr(said, name))
    }
    answers["service"] = said.service
    for name in ("mapping", "rules"):
        if text := getattr(said, name).strip():
            answers[name] = _checked(name, json.loads(text))
    reference = actions.upload(files, through=True, **answers)
    return Status(202, _out(reference))


@router.get("/imports/{reference}", response=ImportOut, summary="How a file's import stands")
@needs("imports.write")
def state(request: HttpRequest, reference: str) -> ImportOut:
    """The books of the import, and the one question that stands in the way, if one does."""
    return _out(reference)


def _checked(name: str, found: dict[str, Any]) -> dict[str, Any]:
    for key, value in found.items():
        if name == "mapping" and not isinstance(value, str):
            raise InputError(f"mapping: {key} names no column")
        if name == "rules" and not _is_rule(value):
            raise InputError(f'rules: {key} needs an amount and a unit, such as [2, "days"]')
    return found


def _is_rule(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 2:
        return False
    amount, unit = value
    whole = isinstance(amount, int | float) and not isinstance(amount, bool) and amount >= 0
    return whole and unit in ("days", "hours", "minutes")


def _out(reference: str) -> ImportOut:
    card = reads.file(reference)
    report, question = card.report, card.preview.get("question") or {}
    books = {name: report.get(name) for name in ("rows", "stored", "known", "joined", "rejected")}
    return ImportOut(
        reference=card.reference,
        name=card.name,
        state=card.state,
        question=question.get("code", "") if card.state == "mapped" else "",
        error=card.error,
        done=card.done,
        total=card.total,
        **books,
    )
