"""A person with many events: how long his export takes, his erasure with everything it sets off.

    python bench/person.py [--events 10000] [--postgres]

Each order brings three events to his life: placed, promised, settled.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from quotes_http import database, environment

SAID = """
import json, sys, time, resource, django; django.setup()
from datetime import timedelta
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.utils import timezone
from overdeliver.apps.business import actions as business
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.journal.models import Event
from overdeliver.apps.people import actions as people, export
from overdeliver.apps.promises import actions as promises
business.begin("webshop", "en", "Shop", "KZ", "Asia/Almaty", "KZT")
people.keep_customer("c-1", name="Ann", email="ann@example.org")
long_ago = timezone.now() - timedelta(days=40)
number = 0
while Event.objects.count() < int(sys.argv[1]):
    for number in range(number, number + 100):
        order = promises.place_order(f"o-{number}", placed_at=long_ago, customer="c-1")
        one = promises.make_promise(order, lever="time", unit="days", promised=3, made_at=long_ago)
        promises.record_outcome(one, happened_at=long_ago + timedelta(days=2))
    number += 1
while deliver_due():
    pass
def took(work):
    begun = time.perf_counter()
    found = work()
    return round(time.perf_counter() - begun, 2), found
exported, data = took(lambda: json.dumps(export.person("c-1"), default=str))
def erase():
    people.erase_customer("c-1")
    while deliver_due():
        pass
erased, _ = took(erase)
print(json.dumps({"events": Event.objects.count(), "orders": number, "export_s": exported,
    "export_mb": round(len(data) / 1e6, 1), "erase_s": erased,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
"""


def main() -> None:
    """Make him, hand him out, erase him, print."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--events", type=int, default=10_000)
    given.add_argument("--postgres", action="store_true")
    asked = given.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="person-") as folder,
        database(asked.postgres) as address,
    ):
        env = environment(Path(folder)) | {"OVERDELIVER_DATABASE_URL": address}
        command = [sys.executable, "-c", SAID, str(asked.events)]
        done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
        print(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
