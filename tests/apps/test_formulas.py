"""Tables that are downloaded: no spreadsheet runs anything of them, whatever parts its cells."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from overdeliver.apps.business.models import Business
from overdeliver.apps.intake import actions as intake
from overdeliver.apps.intake import jobs as intake_jobs
from overdeliver.apps.intake import reads as intake_reads
from overdeliver.apps.journal.append_only import lifted
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises.models import Order, Promise, Standing
from overdeliver.tables.rejects import safe_cell
from tests.apps.everything import MARCH
from tests.apps.payloads import FORMULAS

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def owner(
    shop: Business, tmp_path: Path, settings: Any, signed_in: Callable[[str], Client]
) -> Client:
    """The owner of the shop at the browser."""
    settings.UPLOADS = tmp_path
    return signed_in("owner")


def test_no_downloaded_table_holds_a_formula(owner: Client) -> None:
    """Whichever separator the reader's spreadsheet goes by; what is a number stays one."""
    for number in range(len(FORMULAS) // 4):
        order = promises.place_order(f"x{number}", placed_at=MARCH, service="parcel")
        promises.make_promise(order, lever="time", unit="days", promised=3, made_at=MARCH)
    rows = Standing.objects.filter(order__reference__startswith="x").select_related("promise")
    texts = [one.replace("\x00", "") for one in FORMULAS]
    with transaction.atomic(), lifted():
        for number, row in enumerate(rows):
            four = texts[4 * number : 4 * number + 4]
            names = ("segment", "channel", "team")
            Standing.objects.filter(pk=row.pk).update(**dict(zip(names, four[1:], strict=True)))
            for model, pk in ((Order, row.order_id), (Promise, row.promise_id)):
                model.objects.filter(pk=pk).update(reference=f"{four[0]}{number}")
    answer = owner.get("/promises.csv")
    found = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert len(list(csv.reader(io.StringIO(found)))) > len(FORMULAS) // 4
    assert evaluated(found) == []
    assert "3.0" in found and "'3.0" not in found


@given(
    st.lists(
        st.sampled_from([*FORMULAS, "-12.50", "Anna", *"=+-@;,\t\r\n\"' \u00a0a1"]), max_size=8
    )
)
def test_no_text_becomes_a_formula_in_any_cell(parts: list[str]) -> None:
    out = io.StringIO()
    csv.writer(out).writerow(["a", safe_cell("".join(parts)), "b"])
    assert evaluated(out.getvalue()) == []


def test_refused_rows_and_their_columns_hold_no_formula(owner: Client) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    texts = [one.replace("\x00", "") for one in FORMULAS]
    names = [f"{one}{number}" for number, one in enumerate(texts[::14]) if one.strip()]
    writer.writerow(["order id", "ordered on", "promised for", "delivered on", *names])
    for number, one in enumerate(texts):
        cells = [texts[(number + at) % len(texts)] for at in range(len(names))]
        writer.writerow([f"{number}", "2026-02-02", "never", one, *cells])
    sent = SimpleUploadedFile("formulas.csv", out.getvalue().encode())
    told = {"service": "parcel", "zone": "UTC", "delimiter": ";", "through": True}
    mapping = {"order_id": "order id", "placed_at": "ordered on", "promised_at": "promised for"}
    reference = intake.upload([sent], mapping=mapping, exact=True, **told)
    while intake_jobs.import_due(reference):
        pass
    answer = owner.get(f"/imports/{reference}/rejected.csv")
    assert answer.status_code == 200, intake_reads.file(reference).error
    found = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert len(list(csv.reader(io.StringIO(found, newline="")))) > 100
    assert evaluated(found) == []


def evaluated(text: str) -> list[str]:
    """Cells that a spreadsheet would run, whatever it takes for the separator."""
    return [
        cell
        for separator in (",", ";", "\t")
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        for cell in row
        if re.match(r"[\s\"`]*[=+\-@\uff1d\uff0b\uff0d\uff20]", cell)
        and not re.fullmatch(r"[-+]?[0-9]+([.,][0-9]+)?", cell)
    ]
