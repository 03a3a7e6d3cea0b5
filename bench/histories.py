"""Eight processes at once, killed and replaced: is there an order in which all of it happened?

    python bench/histories.py [--seconds 30] [--clients 8] [--kills 20] [--postgres] [--seed N]

Clients take complaints, give them back, do their steps, revise promises and report outcomes, on
four objects at a time, each the same few seconds; every call is written down with the moments it
was begun and answered. What a killed client asked has no answer: it happened or it did not. Each
object's history is checked against a plain model (tests/histories.py). The short form is a test.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.apps import plain_models as plain  # noqa: E402
from tests.faults.test_killed import SHOP  # noqa: E402
from tests.histories import UNKNOWN, Call, legal  # noqa: E402
from tests.processes import Installation, await_until, installation, kill  # noqa: E402

_STRETCH = 3.0  # seconds on the same four objects

CLIENT = """
import json, random, sys, time
from pathlib import Path
from tests.apps import shared_objects as shared
folder, number, staff, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
log = (folder / f"log-{number}").open("a", buffering=1)

class Written(shared.Client):
    def ask(self, thing, asked, call):
        log.write(json.dumps([thing, asked, time.monotonic()]) + "\\n")
        told = shared._called(lambda: call(thing, asked), 9.0)
        log.write(json.dumps([told, time.monotonic()]) + "\\n")
        return told

client = Written(number, staff, random.Random(seed))
while True:
    things = json.loads((folder / "things").read_text())
    client.act(client.chance.choice(things))
"""
OPEN = """
import json
from tests.apps import shared_objects as shared
print(json.dumps([shared.open_case(), shared.open_case(),
    shared.open_promise("a-{turn}"), shared.open_promise("b-{turn}")]))
"""
STAFF = "import json\nfrom tests.apps.shared_objects import people\nprint(json.dumps(people({n})))"


def run(shop: Installation, options: argparse.Namespace) -> dict[str, Any]:
    """Let them work, kill some; the figures."""
    shop.knobs["PYTHONPATH"] = f"{ROOT}{os.pathsep}{ROOT / 'src'}"
    shop.python(SHOP)
    staff: list[int] = shop.python(STAFF.format(n=options.clients))
    turns = int(options.seconds / _STRETCH)
    stretches = [shop.python(OPEN.format(turn=turn)) for turn in range(turns)]
    _hand_out(shop, stretches[0])
    count = options.clients
    running = [_client(shop, n, staff[n], options.seed) for n in range(count)]
    await_until(lambda: len(list(shop.folder.glob("log-*"))) == count, 120)
    kills = [turns * _STRETCH * n / (options.kills + 1) for n in range(1, options.kills + 1)]
    begun = time.monotonic()
    for turn, things in enumerate(stretches):
        _hand_out(shop, things)
        while time.monotonic() < begun + (turn + 1) * _STRETCH:
            time.sleep(0.02)
            if kills and time.monotonic() > begun + kills[0]:
                kills.pop(0)
                place = random.randrange(options.clients)
                kill(running[place])
                running[place].wait()
                running[place] = _client(shop, count, staff[place], options.seed)
                count += 1
    for process in running:
        kill(process)
        process.wait()
    return _judged(shop)


def _hand_out(shop: Installation, things: list[Any]) -> None:
    fresh = shop.folder / "things.new"
    fresh.write_text(json.dumps(things))
    fresh.rename(shop.folder / "things")


def _client(shop: Installation, number: int, staff: int, seed: int) -> "subprocess.Popen[bytes]":
    code = f"import django; django.setup()\n{CLIENT}"
    words = [sys.executable, "-c", code, str(shop.folder), str(number), str(staff)]
    log = (shop.folder / "clients.log").open("ab")
    process = subprocess.Popen(
        [*words, f"{seed}-{number}"], env=shop.env, stderr=log, start_new_session=True
    )
    shop.running.append(process)
    return process


def _judged(shop: Installation) -> dict[str, Any]:
    histories: dict[Any, list[Call]] = defaultdict(list)
    for file in shop.folder.glob("log-*"):
        for thing, call in _calls(file):
            histories[thing].append(call)
    wrong, begun = [], time.monotonic()
    for thing, history in histories.items():
        case = isinstance(thing, int)
        start = plain.CaseState() if case else plain.PromiseState(((thing, plain.FIRST),))
        model = plain.case_model if case else plain.promise_model
        if not legal(history, model, start):
            wrong.append(thing)
    every = [one for history in histories.values() for one in history]
    return {
        "objects": len(histories),
        "calls": len(every),
        "conflicts": sum(one.told == plain.CONFLICT for one in every),
        "never_answered": sum(one.told == UNKNOWN for one in every),
        "at_once": _at_once(every),
        "no_legal_order": len(wrong),
        "failed_clients": (shop.folder / "clients.log").read_text().count("Traceback"),
        "seconds_to_check": round(time.monotonic() - begun, 1),
    }


def _calls(file: Path) -> list[tuple[Any, Call]]:
    """What one client wrote down; its last call may have no answer, or half a line."""
    lines = [
        json.loads(line) for line in file.read_text().splitlines(keepends=True) if "\n" in line
    ]
    found, number = [], int(file.name.partition("-")[2])
    for place, line in enumerate(lines):
        if len(line) != 3:
            continue
        thing, asked, since = line
        after = lines[place + 1] if place + 1 < len(lines) else []
        told, until = after if len(after) == 2 else (UNKNOWN, float("inf"))
        answer = tuple(told) if isinstance(told, list) else told
        found.append((thing, Call(number, tuple(asked), answer, since, until)))
    return found


def _at_once(every: list[Call]) -> int:
    """How many calls that were answered were open at the same moment, at most."""
    heard = [one for one in every if one.told != UNKNOWN]
    ends = [(one.since, 1) for one in heard] + [(one.until, -1) for one in heard]
    most = now = 0
    for _, change in sorted(ends):
        now += change
        most = max(most, now)
    return most


def main() -> None:
    """Run it, print the figures as a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    random.seed(options.seed)
    if options.postgres:
        from tools.postgres import server

        with server() as url:
            os.environ["OVERDELIVER_DATABASE_URL"] = url
            told(options, "postgresql")
    else:
        told(options, "sqlite")


def told(options: argparse.Namespace, database: str) -> None:
    """The figures of one run."""
    with tempfile.TemporaryDirectory() as folder, installation(Path(folder) / "data") as shop:
        found = run(shop, options)
    head = {"database": database, "seed": options.seed, "kills": options.kills}
    print(json.dumps({**head, **found, "load": round(os.getloadavg()[0], 1)}), flush=True)


if __name__ == "__main__":
    main()
