"""kill -9, again and again: what is lost, what is doubled, how long until all is well.

    python bench/faults.py [--kills 40] [--events 2000] [--workers 4] [--postgres] [--only mail ...]

- web: four clients make promises with an Idempotency-Key and repeat a call until it is answered,
  while the web processes are killed
- worker: events wait for a listener that writes a row, while random sweepers are killed
- mail: as many mails go out, while random workers are killed
- letter: people print what waits, five at a time, and are killed before, while and after
- writers: sixteen clients write promises at once, nobody is killed
- races: two people take the same complaint and do the same step, a thousand times each
- ways: the same orders by webhook, file and program at once, nobody is killed
- copies: copies of the database are made while promises are written (SQLite alone)

On SQLite, with --postgres on a PostgreSQL of its own. The short forms are tests (tests/faults).
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

import three_ways_at_once  # noqa: E402

from tests.faults import test_letters, test_outbox, test_writers  # noqa: E402
from tests.faults.test_killed import (  # noqa: E402
    COUNTS,
    HEARD,
    ORDER,
    PLANT,
    SHOP,
    WRITE,
    Senders,
    _sweeper,
)
from tests.processes import Installation, await_until, installation, kill  # noqa: E402

_HEARD = "SELECT count(*) FROM journal_decided WHERE rule = 'test'"


def web(shop: Installation, options: argparse.Namespace) -> dict[str, Any]:
    """Kill the web processes while promises are made."""
    shop.python(SHOP)
    key = shop.key()
    process = shop.web()
    shop.call("/orders", ORDER, key=key)
    senders = Senders(shop, key)
    for _ in range(options.kills):
        time.sleep(random.uniform(0.1, 1.0))
        kill(process)
        process.wait()
        process = shop.web()
    senders.end()
    acknowledged = senders.acknowledged
    found = shop.python(COUNTS)
    stored = set(
        shop.python(
            "import json\nfrom overdeliver.apps.promises.models import Promise\n"
            "print(json.dumps(list(Promise.objects.values_list('reference', flat=True))))"
        )
    )
    return {
        "kills": options.kills,
        "acknowledged": len(acknowledged),
        "lost": len(set(acknowledged.values()) - stored),
        "doubled": len(acknowledged) - len(set(acknowledged.values())),
        "unheard": len(stored - set(acknowledged.values())),  # stored, the answer was cut off
        "without_event_or_standing": 2 * found["promises"] - found["standings"] - found["made"],
    }


def worker(shop: Installation, options: argparse.Namespace) -> dict[str, Any]:
    """Kill sweepers while they deliver."""
    shop.python(SHOP)
    (shop.folder / "plant.py").write_text(PLANT.format(folder=shop.folder))
    events = options.events
    shop.python(f"import sys; sys.path.insert(0, '{shop.folder}')\n{WRITE.format(n=events)}")
    begun = time.monotonic()
    kills = _kill_among(lambda: _sweeper(shop), lambda: shop.number(_HEARD), options)
    await_until(lambda: shop.python(COUNTS)["open"] == 0, 600, 1.0)
    heard, once = shop.python(HEARD)
    return {
        "kills": kills,
        "events": events,
        "lost": events - once,
        "doubled": heard - once,
        "seconds": round(time.monotonic() - begun, 1),
    }


def mail(shop: Installation, options: argparse.Namespace) -> dict[str, Any]:
    """Kill workers while mail goes out."""
    with test_outbox.mail_server(shop) as inbox:
        shop.python(test_outbox.WRITE.format(n=options.events))
        begun = time.monotonic()
        kills = _kill_among(lambda: test_outbox.sweeper(shop), lambda: len(inbox.ids), options)
        last = time.monotonic()
        counts: dict[str, int] = {}

        def all_sent() -> bool:
            counts.update(shop.python(test_outbox.COUNTS))
            return counts["sent"] == options.events

        await_until(all_sent, 600, 0.5)
    times = Counter(inbox.ids)
    return {
        "kills": kills,
        "mails": options.events,
        "lost": options.events - len(times),
        "doubled_with_the_same_id": sum(times.values()) - len(times),
        "most_of_one": max(times.values()),
        "not_sent_in_the_end": sum(counts.values()) - counts["sent"],
        "seconds_after_the_last_kill": round(time.monotonic() - last, 1),
        "seconds": round(time.monotonic() - begun, 1),
    }


def letter(shop: Installation, options: argparse.Namespace) -> dict[str, Any]:
    """Kill people's processes while they print."""
    letters = options.events // 2
    shop.python(test_letters.WRITE.format(n=letters))
    kills = _kill_among(
        lambda: test_letters.printer(shop), lambda: test_letters.pages(shop), options
    )
    found = test_letters.printed(shop)
    return {"kills": kills, "letters": letters, **found}


def writers(shop: Installation, options: argparse.Namespace) -> dict[str, Any]:
    """Sixteen clients at once."""
    return test_writers.write_at_once(shop, clients=16, each=options.events // 16)


def races(shop: Installation, options: argparse.Namespace) -> dict[str, Any]:
    """The same complaint taken and moved by two at the same moment."""
    shop.python(SHOP)
    return dict(shop.python(RACES.format(rounds=options.events // 2)))


def ways(shop: Installation, options: argparse.Namespace) -> dict[str, Any]:
    """The same orders told of in three ways."""
    return three_ways_at_once.tell(shop, options.events // 4)


def copies(shop: Installation, options: argparse.Namespace) -> dict[str, Any]:
    """Copies among writers: every one opens and holds what was acknowledged before it."""
    if shop.database_url:
        return {"left_out": "pg_dump copies PostgreSQL"}
    shop.python(SHOP)
    key = shop.key()
    shop.web()
    shop.call("/orders", ORDER, key=key)
    senders = Senders(shop, key)
    found: list[dict[str, Any]] = []
    for number in range(options.kills * 5):
        time.sleep(random.uniform(0.02, 0.1))
        before = set(senders.acknowledged.values())
        found.append(test_writers.copied(shop, shop.folder / f"copy-{number}", before))
    senders.end()
    return {
        "copies": len(found),
        "promises_in_the_last": found[-1]["promises"],
        "damaged": sum(one["integrity"] != "ok" for one in found),
        "lost": sum(one["lost"] for one in found),
    }


RACES = """
import json, threading
from django.db import connection
from overdeliver.apps.people.models import Staff
from overdeliver.apps.recovery import actions
from overdeliver.apps.recovery.models import Case, Step
from overdeliver.apps.recovery.rules.complaint import Complaint
from overdeliver.vocabulary.errors import Conflict
people = [Staff.objects.create_user(f"a{{n}}@example.org").pk for n in range(2)]
told = actions.Told(words="You are right.")
gate, back = threading.Barrier(3), threading.Barrier(3)
todo, said = [None], [None, None]

def person(mine):
    while True:
        gate.wait()
        if todo[0] is None:
            connection.close()
            return
        try:
            said[mine] = str(todo[0](mine))
        except Conflict:
            said[mine] = "conflict"
        except Exception as error:
            said[mine] = type(error).__name__
        back.wait()

threads = [threading.Thread(target=person, args=(n,)) for n in range(2)]
for thread in threads:
    thread.start()

def together(does):
    todo[0] = does
    gate.wait()
    back.wait()
    return sorted(said)

good = {{"take": 0, "step": 0}}
odd = []
for _ in range({rounds}):
    number = actions.open_case(Complaint(text="The lid came broken")).pk
    for name, does, wanted in (
        ("take", lambda n: actions.take(number, people[n]), ["None", "conflict"]),
        ("step", lambda n: actions.do_step(number, "admit", told), ["admitted", "conflict"]),
    ):
        found = together(does)
        good[name] += found == wanted
        if found != wanted:
            odd.append(found)
todo[0] = None
gate.wait()
for thread in threads:
    thread.join()
print(json.dumps({{
    "rounds": {rounds}, "one_owner": good["take"], "one_step": good["step"], "odd": odd[:3],
    "cases": Case.objects.exclude(owner=None).count(), "steps": Step.objects.count()}}))
"""


def _kill_among(
    start: Callable[[], Any], progress: Callable[[], int], options: argparse.Namespace
) -> int:
    """So many processes at work, of which one after the other is killed and replaced.

    Each time something was done since the last kill, so that work is met; how many were killed.
    """
    running = [start() for _ in range(options.workers)]
    for done in range(options.kills):
        seen, until = progress(), time.monotonic() + 20
        while progress() < seen + 5:
            if time.monotonic() > until:
                return done
            time.sleep(0.02)
        time.sleep(random.uniform(0, 0.4))
        victim = running.pop(random.randrange(len(running)))
        kill(victim)
        victim.wait()
        running.append(start())
    return int(options.kills)


FAULTS = (web, worker, mail, letter, writers, races, ways, copies)


def main() -> None:
    """Run them, print the figures as lines of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    names = [fault.__name__ for fault in FAULTS]
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--only", nargs="+", choices=names, metavar="FAULT", default=names)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    random.seed(options.seed)
    if options.postgres:
        from tools.postgres import server

        with server() as url:
            os.environ["OVERDELIVER_DATABASE_URL"] = url
            run(options, "postgresql")
    else:
        run(options, "sqlite")


def run(options: argparse.Namespace, database: str) -> None:
    """Every fault on an installation of its own."""
    for fault in FAULTS:
        if fault.__name__ not in options.only:
            continue
        with tempfile.TemporaryDirectory() as folder, installation(Path(folder) / "data") as shop:
            found = fault(shop, options)
        head = {"fault": fault.__name__, "database": database, "seed": options.seed}
        load = round(os.getloadavg()[0], 1)
        print(json.dumps({**head, **found, "load": load}), flush=True)


if __name__ == "__main__":
    main()
