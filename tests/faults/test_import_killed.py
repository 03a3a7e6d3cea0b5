"""kill -9 in the middle of an import: it goes on where it was, no row lost, none twice."""

import json
from pathlib import Path

import pyarrow.csv

from overdeliver.simulate.business import business
from overdeliver.simulate.flat import export_of
from tests.processes import Installation, await_until, kill

ROWS = 30_000
SHOP = """
from overdeliver.apps.business.actions import begin
begin("webshop", "en", "Shop", "RO", "Europe/Bucharest", "RON")
"""
STATE = """
import json
from overdeliver.apps.intake.models import Upload
row = Upload.objects.order_by("-pk").first()
print(json.dumps([row.state, row.done, row.error] if row else ["", 0, ""]))
"""
#: How many rows are committed.
DONE = "SELECT coalesce(max(done), 0) FROM intake_upload"
COUNTS = """
import json
from overdeliver.apps.intake.models import Upload
from overdeliver.apps.promises.models import Order, Outcome, Promise, Standing
row = Upload.objects.get()
print(json.dumps({
    "state": row.state, "report": {k: row.report[k] for k in
        ("rows", "stored", "known", "joined", "rejected")},
    "orders": Order.objects.count(), "promises": Promise.objects.count(),
    "outcomes": Outcome.objects.count(), "standings": Standing.objects.count(),
    "placeless": Standing.objects.filter(promise__isnull=True).count(),
}))
"""
FREE = """
from overdeliver.apps.intake.models import Upload
Upload.objects.update(lease_until=None)
"""


def test_a_killed_import_goes_on_where_it_was(shop: Installation, tmp_path: Path) -> None:
    shop.python(SHOP)
    export = export_of(business("webshop", ROWS, seed=5))
    file = tmp_path / "orders.csv"
    pyarrow.csv.write_csv(export, file)
    wanted = export.num_rows
    seen = export["delivered_at"].length() - export["delivered_at"].null_count
    process = shop.start("import", str(file), "--service", "Parcel", "--zone", "UTC")
    await_until(lambda: shop.number(DONE) > 0, 120, 0.02)
    kill(process)
    state, done, _ = shop.python(STATE)
    assert state == "importing" and 0 < done < wanted, (state, done)
    shop.python(FREE)  # the lease runs out by itself after half a minute
    shop.start("worker")
    await_until(lambda: shop.python(STATE)[0] in ("done", "failed"), 120, 0.5)
    found = shop.python(COUNTS)
    assert found["state"] == "done"
    assert found["report"]["stored"] == wanted == found["report"]["rows"]
    assert found["orders"] == found["promises"] == found["standings"] == wanted, json.dumps(found)
    assert found["outcomes"] == seen
