"""Links that lead nowhere: do they all take equally long, and does any near one open a door?

    python bench/links.py [--requests 2000] [--near 10000] [--doors status ...]
    python tools/postgres.py python bench/links.py

Asked in process by Django's client, each from an address of its own, all kinds of a door mixed by
chance: links that never were, that have ended, were used, were withdrawn or belong to another door.
Told are the medians in milliseconds, by the clock and of the processor alone (which other work on
the machine disturbs less), and how far they lie apart; whether status and page are the same; and
how many links that differ in one letter from a real one opened anything.
"""

import argparse
import json
import logging
import os
import random
import re
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]
ALIKE = 2.0  # milliseconds that the medians of one door may lie apart
DOORS = {
    "status": "/s/{}/",
    "complaint": "/c/k/{}/",
    "question": "/a/{}/",
    "choices": "/u/{}/",
    "pack": "/m/{}/",
    "calendar": "/calendar/{}.ics",
    "join": "/join/{}/",
    "password": "/password/{}/",
}
Links = dict[str, dict[str, str]]


def main() -> None:
    """Make an installation, ask, print one object of JSON."""
    given = argparse.ArgumentParser(description=__doc__)
    given.formatter_class = argparse.RawDescriptionHelpFormatter
    given.add_argument("--requests", type=int, default=2000, help="of each door")
    given.add_argument("--near", type=int, default=10_000)
    given.add_argument("--doors", nargs="+", choices=sorted(DOORS), default=list(DOORS))
    given.add_argument("--seed", type=int, default=7)
    asked = given.parse_args()
    with tempfile.TemporaryDirectory(prefix="overdeliver-bench-") as folder:
        os.environ.update({"OVERDELIVER_DATA": folder, "OVERDELIVER_URL": "http://localhost"})
        os.environ["DJANGO_SETTINGS_MODULE"] = "overdeliver.server.settings"
        import django
        from django.core.management import call_command

        django.setup()
        logging.disable(logging.CRITICAL)  # a line for each miss would be most of what is measured
        call_command("migrate", verbosity=0)
        works, over = seeded()
        chance = random.Random(asked.seed)
        told = {
            "seed": asked.seed,
            "requests": asked.requests,
            "doors": {
                kind: timed(kind, over[kind], asked.requests, chance) for kind in asked.doors
            },
            "near": near(works, asked.near, chance),
        }
    told["held"] = told["near"]["opened"] == 0 and all(
        door["apart_ms"] <= ALIKE and door["alike"] for door in told["doors"].values()
    )
    print(json.dumps(told))


def timed(kind: str, over: Mapping[str, str], requests: int, chance: random.Random) -> Any:
    """The medians of a door, by the kind of link, and whether all are answered alike."""
    from django.test import Client

    names = sorted(over)
    order = [name for name in names for _ in range(requests // len(names) + 1)]
    chance.shuffle(order)
    took: dict[str, list[float]] = {name: [] for name in names}
    worked: dict[str, list[float]] = {name: [] for name in names}
    answers = set()
    client = Client(SERVER_NAME="localhost")
    for number, name in enumerate(order):
        path = DOORS[kind].format(over[name])
        begun, busy = time.perf_counter(), time.process_time()
        answer = client.get(path, REMOTE_ADDR=address(number))
        took[name].append(1000 * (time.perf_counter() - begun))
        worked[name].append(1000 * (time.process_time() - busy))
        answers.add((answer.status_code, answer.content))
    medians, cpu = medians_of(took), medians_of(worked)
    return {
        "medians_ms": medians,
        "apart_ms": round(max(medians.values()) - min(medians.values()), 2),
        "cpu_ms": cpu,
        "cpu_apart_ms": round(max(cpu.values()) - min(cpu.values()), 2),
        "alike": len(answers) == 1 and next(iter(answers))[0] == 404,
    }


def medians_of(times: Mapping[str, list[float]]) -> dict[str, float]:
    """The medians, without the first five of each: whatever is made once is made there."""
    return {name: round(statistics.median(found[5:]), 2) for name, found in times.items()}


def near(works: Mapping[str, str], count: int, chance: random.Random) -> Any:
    """Links one letter away from a real one, and how many were answered with anything but 404."""
    from django.test import Client

    client, opened = Client(SERVER_NAME="localhost"), 0
    for number in range(count):
        kind = chance.choice(sorted(works))
        letters = list(works[kind])
        place = chance.randrange(len(letters) - 1)  # the last may hold bits that say nothing
        letters[place] = chance.choice([one for one in "AbC9_-" if one != letters[place]])
        path = DOORS[kind].format("".join(letters))
        opened += client.get(path, REMOTE_ADDR=address(number)).status_code != 404
    return {"tried": count, "opened": opened}


def address(number: int) -> str:
    """Of somebody who has not tried before."""
    return f"2001:db8::{number >> 16:x}:{number & 0xFFFF:x}"


def seeded() -> tuple[dict[str, str], Links]:
    """A link of each kind that works, and of each kind those that do not."""
    from overdeliver.apps.business.models import Business

    Business.objects.create(name="S", kind="webshop", country="KZ", zone="UTC", currency="KZT")
    works, over = of_customers()
    for kind, (good, bad) in of_staff().items():
        works[kind], over[kind] = good, bad
    for kind, found in over.items():
        found["unknown"] = secrets.token_urlsafe(24)
        found["foreign"] = works["complaint" if kind == "status" else "status"]
    return works, over


def of_customers() -> tuple[dict[str, str], Links]:
    """Links of an order that is open and of one that ended long ago."""
    from django.utils import timezone

    from overdeliver.apps.business.actions import set_policy
    from overdeliver.apps.care import sharing
    from overdeliver.apps.listening.models import Ask
    from overdeliver.apps.listening.rules import SurveyPolicy
    from overdeliver.apps.outreach import preferences
    from overdeliver.apps.people import actions as people
    from overdeliver.apps.people import consents
    from overdeliver.apps.people.models import Customer
    from overdeliver.apps.promises import actions as promises
    from overdeliver.apps.promises.models import Order
    from overdeliver.apps.recovery.models import Case

    now = timezone.now()
    long_ago = now - timedelta(days=300)
    set_policy(SurveyPolicy(on=True, control_share=0))
    for name in ("open", "ended"):
        people.keep_customer(name, name="Anna", email=f"{name}@example.org")
        consents.note_consent(name, "asking", True, source="page")
    promises.place_order("open", customer="open", placed_at=now - timedelta(days=3))
    promises.make_promise("open", lever="time", unit="days", promised=90)
    promises.place_order("ended", customer="ended", placed_at=long_ago)
    late = promises.make_promise("ended", lever="time", unit="days", promised=9, made_at=long_ago)
    promises.record_outcome(late, happened_at=long_ago + timedelta(days=2))
    cases = {name: a_case(now, closed=name == "ended") for name in ("open", "ended")}
    questions = {name: a_question(name) for name in ("open", "ended")}
    Ask.objects.filter(customer__reference="ended").update(sent_at=long_ago)
    choices = {
        name: preferences.token(Customer.objects.get(reference=name).pk, "asking")
        for name in ("open", "ended")
    }
    packs = {name: sharing.token_of(name) for name in ("open", "ended")}
    sharing.close(["ended"])
    Customer.objects.filter(reference="ended").update(erased_at=now)
    orders = dict(Order.objects.filter(reference__in=cases).values_list("reference", "token"))
    assert Case.objects.filter(status="closed").count() == 1
    by_kind = {
        "status": orders,
        "complaint": cases,
        "question": questions,
        "choices": choices,
        "pack": packs,
    }
    works = {kind: tokens["open"] for kind, tokens in by_kind.items()}
    return works, {kind: {"ended": tokens["ended"]} for kind, tokens in by_kind.items()}


def a_case(now: Any, *, closed: bool) -> str:
    """A complaint, or one whose loop was gone through a year ago; its token."""
    from overdeliver.apps.recovery import actions as recovery
    from overdeliver.apps.recovery.models import Case
    from overdeliver.apps.recovery.rules.complaint import Complaint
    from tests.apps.recovery.conftest import STEPS

    row = recovery.open_case(Complaint(text="The lid came broken"))
    for name, told in STEPS if closed else ():
        said = recovery.Told(**told)
        recovery.do_named(
            row.pk, name, said, cause="labels", change="labels checked", change_owner="Dana"
        )
    if closed:
        Case.objects.filter(pk=row.pk).update(closed_at=now - timedelta(days=300))
    return str(row.token)


def a_question(order: str) -> str:
    """The token of a question that was sent about an order."""
    from django.utils import timezone

    from overdeliver.apps.listening import asking
    from overdeliver.apps.outreach.models import Message

    asking.plan(order, timezone.now())
    asking.send_due(timezone.now() + timedelta(days=3))
    text = Message.objects.filter(template__startswith="question_").latest("pk").text
    found = re.search(r"/a/([\w-]+)/", text)
    assert found
    return found[1]


def of_staff() -> dict[str, tuple[str, dict[str, str]]]:
    """Links of members of staff: one that works, and those that are over, by what ended them."""
    from django.utils import timezone

    from overdeliver.apps.care import feeds
    from overdeliver.apps.people import links
    from overdeliver.apps.people.models import Invitation, Staff

    here, gone = (
        Staff.objects.create_user(f"{name}@example.org", None, role="agent", name=name)
        for name in ("here", "gone")
    )
    calendar = feeds.make_feed(here.pk), {"ended": feeds.make_feed(gone.pk)}
    invited = {
        name: links.invite(f"{name}-new@example.org", "agent", by=None)
        for name in ("works", "ended", "used")
    }
    forgot = {name: links.password_link(here.pk, asked=True) for name in ("works", "ended", "used")}
    for number, row in enumerate(Invitation.objects.order_by("pk")):
        if number % 3 == 1:
            Invitation.objects.filter(pk=row.pk).update(expires_at=timezone.now())
        elif number % 3 == 2:
            Invitation.objects.filter(pk=row.pk).update(used_at=timezone.now())
    Staff.objects.filter(pk=gone.pk).update(is_active=False)
    return {
        "calendar": calendar,
        "join": (invited.pop("works"), invited),
        "password": (forgot.pop("works"), forgot),
    }


if __name__ == "__main__":
    main()
