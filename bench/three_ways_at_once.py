"""`faults.py --only ways`: the same orders by webhook, file and program at once, in processes."""

import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any

from tests import three_ways
from tests.processes import Installation, await_until

SHOP = """
import json
from overdeliver.apps.business.actions import begin, keep_service
begin("webshop", "en", "Shop", "RO", "Europe/Bucharest", "RON")
from overdeliver.apps.intake import sources
slug, _ = sources.add("shopify", "Shop", secret="a-secret-of-the-shop")
service = keep_service(name="Boxes", lever="time", unit="days", whole=True)
sources.change(slug, service=service, rules={"*": 5})
print(json.dumps([slug, service]))
"""
#: Reads the file, waits for the others to begin, and writes it.
IMPORTER = """
import json, pathlib, time
from overdeliver.apps.intake import actions, jobs
from overdeliver.apps.intake.models import Upload
from overdeliver.apps.intake.uploads import OnDisk
here = pathlib.Path({folder!r})
name = actions.upload([OnDisk(here / "orders_export.csv")], kind="shopify", service={service!r},
    rules={{"Standard": [5, "days"]}}, zone="UTC", go=True)
while jobs.import_due(name):
    pass
row = Upload.objects.get(reference=name)
assert row.state == "checked", (row.state, row.error, row.preview)
(here / "ready").touch()
while not (here / "go").exists():
    time.sleep(0.002)
actions.start(name)
while (row := Upload.objects.get(reference=name)).state == "importing":
    jobs.import_due(name) or time.sleep(0.1)
print(json.dumps({{"state": row.state, "error": row.error, "tries": row.attempts,
    **{{k: row.report[k] for k in ("rows", "stored", "known", "joined", "rejected")}}}}))
"""
#: Processes what the shop says, until it is told to stop.
RECEIVER = """
import pathlib, time
from overdeliver.apps.intake import jobs
stop = pathlib.Path({folder!r}) / "stop"
while not stop.exists():
    jobs.process_received() or time.sleep(0.02)
"""
PLACED = "SELECT count(*) FROM promises_order"
LEFT = "SELECT count(*) FROM intake_received WHERE processed_at IS NULL"
FOUND = """
import json
from django.db.models import F, Value
from django.db.models.functions import Concat
from overdeliver.apps.promises.models import Order, Promise, Standing
mine = Promise.objects.filter(reference=Concat(F("order__reference"), Value(".time")))
print(json.dumps({"orders": Order.objects.count(), "promises": Promise.objects.count(),
    "named_alike": mine.count(), "standings": Standing.objects.count(),
    "not_kept": Standing.objects.exclude(verdict="exceeded").count()}))
"""


def tell(shop: Installation, orders: int) -> dict[str, Any]:
    """Tell of so many orders in three ways at once; what was answered and what is there then."""
    slug, service = shop.python(SHOP)
    key, of = shop.key("promises.write"), three_ways.numbers(orders)
    three_ways.written(shop.folder / "orders_export.csv", of)
    shop.web(2)

    def hook(body: bytes, headers: dict[str, str]) -> int:
        asked = urllib.request.Request(f"{shop.url}/hooks/{slug}/", body, headers)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return int(answer.status)

    def ask(path: str, body: dict[str, Any]) -> int:
        return shop.call(path, body, key=key)[0]

    with ThreadPoolExecutor(8) as threads:
        folder = str(shop.folder)
        importer = threads.submit(shop.python, IMPORTER.format(folder=folder, service=service))
        receiver = threads.submit(shop.python, RECEIVER.format(folder=folder))
        await_until(lambda: (shop.folder / "ready").exists() or importer.done(), 120, 0.02)
        mixed = [three_ways.shuffled(of, seed) for seed in range(4)]
        tellers = [
            *(threads.submit(list, three_ways.by_the_shop(one, hook)) for one in mixed[:2]),
            *(
                threads.submit(list, three_ways.by_a_program(one, service, ask))
                for one in mixed[2:]
            ),
        ]
        await_until(lambda: shop.number(PLACED) > orders // 10, 60, 0.01)
        (shop.folder / "go").touch()
        books = importer.result()
        answers = Counter(chain(*(one.result() for one in tellers)))
        await_until(lambda: shop.number(LEFT) == 0, 120, 0.2)
        (shop.folder / "stop").touch()
        receiver.result()
    said = {str(status): times for status, times in sorted(answers.items())}
    return {**shop.python(FOUND), "import": books, "answers": said}
