"""kill -9 of whoever prints letters: each is printed once, or waits for a person; none is lost."""

import random
import subprocess
import sys
import time
from collections import Counter
from typing import Any

from tests.processes import Installation, await_until, kill

WRITE = """
import json
from django.db import transaction
from overdeliver.apps.business.actions import begin
from overdeliver.apps.outreach import jobs
from overdeliver.apps.outreach.actions import Draft, enqueue
begin("pizza", "en", "Forno", "RO", "Europe/Bucharest", "RON")
for number in range({n}):
    channel = "gift" if number % 5 == 0 else "letter"
    with transaction.atomic():
        enqueue(Draft(key=f"k-{{number}}", channel=channel, purpose="service", subject="x",
            because="outreach.because.promise_made", address="Strada Lunga 5", text="Hello"))
while jobs.send_due(threads=False):
    pass
print("true")
"""
#: A person who prints five letters at a time; what comes out of the printer stands in a file.
PRINT = """
import os, sys, time, django; django.setup()
from overdeliver.apps.outreach import actions, printing
from overdeliver.apps.outreach.models import Message
from overdeliver.vocabulary.errors import Conflict
paper = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
waits = Message.objects.filter(status="held")
while True:
    letters = list(waits.filter(channel="letter").values_list("pk", flat=True)[:5])
    gift = waits.filter(channel="gift").values_list("pk", flat=True).first()
    try:
        if letters:
            run = printing.start_run(letters)
            mine = [row.pk for row in printing.letters_of(run)]
            time.sleep(0.02)
            os.write(paper, "".join(f"{one}\\n" for one in mine).encode())
            time.sleep(0.02)
            printing.posted(run)
        if gift:
            actions.mark_done(gift)
    except Conflict:
        pass
    if not letters and not gift:
        time.sleep(0.05)
"""
STATES = """
import json
from overdeliver.apps.outreach.models import Message
print(json.dumps(dict(Message.objects.values_list("pk", "status"))))
"""


def printer(shop: Installation) -> Any:
    """Somebody who prints."""
    words = [sys.executable, "-c", PRINT, str(shop.folder / "paper")]
    process = subprocess.Popen(words, env=shop.env, start_new_session=True)
    shop.running.append(process)
    return process


def pages(shop: Installation) -> int:
    """How many letters came out of the printer so far."""
    paper = shop.folder / "paper"
    return paper.read_text().count("\n") if paper.exists() else 0


def printed(shop: Installation) -> dict[str, Any]:
    """What came of all letters, when nothing waits to be printed any more."""
    await_until(lambda: "held" not in shop.python(STATES).values(), 120, 1.0)
    time.sleep(0.3)
    states = shop.python(STATES)
    times = Counter((shop.folder / "paper").read_text().split())
    unknown = {one for one, state in states.items() if state == "unknown"}
    return {
        "printed_twice": sum(times.values()) - len(times),
        "lost": sum(state not in ("sent", "unknown") for state in states.values()),
        "wait_for_a_person": len(unknown),
        "sent": sum(state == "sent" for state in states.values()),
    }


def test_a_letter_is_printed_once_and_what_is_uncertain_waits(shop: Installation) -> None:
    letters, kills = 60, 3
    shop.python(WRITE.format(n=letters))
    people = [printer(shop) for _ in range(2)]
    for _ in range(kills):
        time.sleep(random.uniform(0.4, 0.9))
        victim = people.pop(0)
        kill(victim)
        victim.wait()
        people.append(printer(shop))
    found = printed(shop)
    assert found["printed_twice"] == found["lost"] == 0, found
    assert found["wait_for_a_person"] <= 5 * kills, found
    assert found["sent"] + found["wait_for_a_person"] == letters
