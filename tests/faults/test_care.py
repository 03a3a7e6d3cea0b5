"""kill -9 among the steps of care: none is lost, none is done twice, with two workers at work."""

import random
import time

from tests.figures import figure
from tests.processes import Installation, kill

ORDERS, KILLS = figure((160, 3), (1_000, 40))
BEGIN = f"""
from datetime import timedelta
from django.utils import timezone
from overdeliver.apps.business.actions import begin, set_policy
from overdeliver.apps.business.models import Shift
from overdeliver.apps.care import plans
from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.apps.care.rules.steps import Step
from overdeliver.apps.outreach.rules.timing import OutboxPolicy
from overdeliver.apps.people.actions import keep_customer
from overdeliver.apps.promises.actions import place_order
begin("webshop", "en", "Forno", "RO", "Europe/Bucharest", "RON")
Shift.objects.all().delete()
set_policy(CarePolicy(held_out=0))
set_policy(OutboxPolicy(quiet_from=0, quiet_to=0))
plans.make_starters()
steps = [Step(channel=channel, content=content) for channel, content in (
    ("mail", "care_confirm"), ("letter", "care_support"), ("call", "care_call"))]
plans.set_steps("order", steps, expected=1)
plans.switch("order", True)
for n in range({ORDERS}):
    keep_customer(f"c-{{n}}", email=f"c{{n}}@example.org", phone="+40212345678", postal="Strada 1")
    place_order(f"o-{{n}}", placed_at=timezone.now() - timedelta(minutes=5), customer=f"c-{{n}}")
"""
COUNTS = """
import json
from django.db.models import Count
from overdeliver.apps.care.models import Due, Run, Task
from overdeliver.apps.outreach.models import Message
of = lambda channel: Message.objects.filter(channel=channel, purpose="reassurance").count()
print(json.dumps({
    "runs": Run.objects.count(),
    "done": Due.objects.filter(state="done").count(),
    "other": Due.objects.exclude(state__in=["done", "waiting"]).count(),
    "mail": of("mail"),
    "letter": of("letter"),
    "tasks": Task.objects.count(),
}))
"""


def test_no_step_is_lost_and_none_is_done_twice(shop: Installation) -> None:
    shop.python(BEGIN)
    chance = random.Random(4)
    workers = [shop.start("worker"), shop.start("worker")]
    for _ in range(KILLS):
        time.sleep(1.2 + chance.random())
        victim = chance.randrange(2)
        kill(workers[victim])
        workers[victim] = shop.start("worker")
    want = {
        "runs": ORDERS,
        "done": 3 * ORDERS,
        "other": 0,
        "mail": ORDERS,
        "letter": ORDERS,
        "tasks": ORDERS,
    }
    until = time.monotonic() + figure(150, 900)
    found = shop.python(COUNTS)
    while found["done"] < want["done"] and time.monotonic() < until:
        time.sleep(2)
        found = shop.python(COUNTS)
    assert found == want
