"""The pages and the API of imports, as a manager and a program use them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from overdeliver.apps.business.models import Business
from overdeliver.apps.intake.models import Upload
from overdeliver.apps.promises.models import Order

from .conftest import ORDERS, worked

pytestmark = pytest.mark.one_database


def sent(client: Client, text: str = ORDERS) -> str:
    file = SimpleUploadedFile("orders.csv", text.encode())
    answer = client.post("/imports/new", {"files": file})
    assert answer.status_code == 302
    return str(answer["Location"]).rstrip("/").rpartition("/")[2]


def test_from_the_file_to_the_undo_on_pages(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    client = signed_in("manager")
    assert client.get("/imports/").status_code == 200
    reference = sent(client)
    page = f"/imports/{reference}/"
    assert "hx-get" in client.get(page).content.decode()
    assert client.get(f"{page}progress").status_code == 200
    worked(reference)
    assert client.get(f"{page}progress").headers["HX-Refresh"] == "true"
    asked = client.get(page).content.decode()
    assert 'value="parcel"' in asked  # the one question: which service
    client.post(f"{page}answer", {"service": "parcel"})
    assert worked(reference).state == "checked"
    report = client.get(page).content.decode()
    assert "soon" in report and not Order.objects.exists()
    client.post(f"{page}step", {"step": "start"})
    assert worked(reference).state == "done"
    assert Order.objects.count() == 3
    refused = client.get(f"{page}rejected.csv")
    assert refused.headers["Content-Disposition"].startswith("attachment")
    assert b"soon" in b"".join(refused.streaming_content)  # type: ignore[attr-defined]
    client.post(f"{page}step", {"step": "undo"})
    assert worked(reference).state == "undone"
    assert not Order.objects.exists()


def test_a_step_that_cannot_follow_is_refused(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    client = signed_in("manager")
    reference = sent(client)
    for wanted in ("start", "undo"):
        answer = client.post(f"/imports/{reference}/step", {"step": wanted})
        assert answer.status_code == 409
        assert "cannot follow" in answer.content.decode()
    assert Upload.objects.get().state == "looking"


def test_the_mapping_of_the_page_is_what_is_read(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    client = signed_in("manager")
    reference = sent(client)
    worked(reference)
    fields = {
        "mapped": "1",
        "field-order_id": "order id",
        "field-placed_at": "ordered on",
        "field-promised_at": "delivered on",  # a strange choice, but the person's own
        "field-delivered_at": "promised for",
        "extra-team": "region",
        "service": "parcel",
    }
    client.post(f"/imports/{reference}/answer", fields)
    assert worked(reference).state == "checked"
    client.post(f"/imports/{reference}/step", {"step": "start"})
    worked(reference)
    order = Order.objects.get(reference="1001")
    assert order.team == "north" and order.customer is None and "region" not in order.features


def test_a_program_brings_a_file_in(shop: Business, api: Callable[..., Client]) -> None:
    client = api("imports.write")
    file = SimpleUploadedFile("orders.csv", ORDERS.encode())
    form = {"files": file, "service": "parcel", "mapping": json.dumps({"order_id": "order id"})}
    answer = client.post("/api/v1/imports", form)
    assert answer.status_code == 202, answer.content
    reference = answer.json()["reference"]
    worked(reference)
    found = client.get(f"/api/v1/imports/{reference}").json()
    assert found["state"] == "done" and found["error"] == ""
    assert (found["rows"], found["stored"], found["rejected"]) == (5, 3, 2)


def test_a_program_is_told_what_is_missing_or_wrong(
    shop: Business, api: Callable[..., Client]
) -> None:
    client = api("imports.write")
    text = "order id;ordered on;promised for\n1;03/04/2026;05/04/2026\n"
    file = SimpleUploadedFile("orders.csv", text.encode())
    reference = client.post("/api/v1/imports", {"files": file}).json()["reference"]
    worked(reference)
    found = client.get(f"/api/v1/imports/{reference}").json()
    assert (found["state"], found["question"]) == ("mapped", "date_order")
    for wrong in ({"mapping": "[1]"}, {"rules": '{"a": 3}'}, {"lever": "luck"}):
        bad = SimpleUploadedFile("orders.csv", b"a")
        assert client.post("/api/v1/imports", {"files": bad, **wrong}).status_code == 422, wrong
    assert client.post("/api/v1/imports", {}).status_code == 422
    assert client.get("/api/v1/imports/nothing").status_code == 404
    assert api("promises.write").get(f"/api/v1/imports/{reference}").status_code == 403


def test_the_command_line_brings_a_folder_in_and_writes_the_ledger_out(
    tmp_path: Path,
) -> None:
    from tests.processes import installation

    with installation(tmp_path / "data") as here:
        (tmp_path / "orders.csv").write_text(ORDERS)
        told = here.command("import", str(tmp_path / "orders.csv"), "--service", "Parcel")
        assert "stored               3" in told and "rejected             2" in told
        again = here.command("import", str(tmp_path / "orders.csv"), "--service", "Parcel")
        assert "known                3" in again
        out = here.command("export", str(tmp_path / "out"), "--csv")
        assert "promises.csv  3 rows" in out
