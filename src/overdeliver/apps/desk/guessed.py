"""Somebody tries link after link, as a line of the Today page."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.urls import reverse

from overdeliver.apps.desk.rules import Fact
from overdeliver.apps.look import missed, numbers
from overdeliver.apps.look.words import word


def guessed() -> Iterator[Fact]:
    """The last alarm: it stands for a day, or until it is set aside."""
    alarm = missed.alarm()
    if alarm is None:
        return
    page = reverse("settings_system")
    yield Fact(
        "look",
        f"guessed:{alarm.at}",
        str(word("desk.line.links")),
        page,
        "desk.step.see",
        page,
        f"guessed:{alarm.at}",
        (str(word("desk.line.guessed", count=alarm.n, n=numbers.number(alarm.n))),),
        happened=datetime.fromtimestamp(alarm.at, UTC),
        about="desk.why.guessed",
    )
