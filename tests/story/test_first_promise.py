"""The stranger's path: a quote, a promise, its outcome, the figure that moves, and why."""

import json

from tests.processes import Installation, await_until

SET_UP = """
import json
from overdeliver.server.demo import set_up
print(json.dumps(set_up("carservice", "en", 1500)))
"""
SERVICE = "repair-time"
DONE = f"""
import json
from overdeliver.apps.quoting.models import LearnedModel
print(json.dumps(LearnedModel.objects.filter(service={SERVICE!r}, status="published").exists()))
"""
KEPT = """
import json
from overdeliver.apps.promises.reads import Filter, tally
found = tally(Filter())
print(json.dumps([found["broken"], found["met"], found["exceeded"]]))
"""


def test_from_a_quote_to_the_reason_why(shop: Installation) -> None:
    assert shop.python(SET_UP) > 1000
    key = shop.key()
    shop.web()
    shop.start("worker")

    await_until(lambda: shop.python(DONE), 300, 1.0)  # learning gives way to everything else
    status, quote = shop.call(
        "/quotes", {"service": SERVICE, "features": {"repair": "brakes", "car_age": 9}}, key=key
    )
    assert status == 201
    assert quote["shown"]
    assert quote["model"]
    assert 0 < quote["range"]["low"] < quote["promised"]
    assert quote["because"]

    before = shop.python(KEPT)
    status, accepted = shop.call(
        f"/quotes/{quote['quote_id']}/accept", {"order": "story-1", "customer": "anna"}, key=key
    )
    assert status == 200, accepted
    promise = accepted["promise_id"]
    made = shop.call(f"/promises/{promise}", key=key)[1]
    assert (made["promised"], made["verdict"]) == (quote["promised"], "open")
    again = shop.call(f"/quotes/{quote['quote_id']}/accept", {"order": "story-1"}, key=key)
    assert again[1].get("promise_id", promise) == promise

    told = shop.call(f"/promises/{promise}/outcomes", {"actual": quote["promised"] + 5}, key=key)
    assert told[1]["verdict"] == "broken"
    after = shop.python(KEPT)
    assert after[0] == before[0] + 1

    life = shop.call(f"/explain/promise:{promise}", key=key)[1]
    names = [one["name"] for one in life["events"]]
    assert names[0] == "promises.promise_made"
    assert "promises.promise_broken" in names
    said = json.loads(shop.command("explain", f"promise:{promise}", "--json"))
    assert len(said["events"]) == len(life["events"])
    order = shop.call("/orders/story-1", key=key)[1]
    status, page = shop.get("/" + order["status_link"].split("/", 3)[3])
    assert status == 200
    assert "anna" not in page
