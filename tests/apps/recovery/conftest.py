"""Complaints for the tests of this chapter."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any

import pytest
from django.core.cache import cache

from overdeliver.apps.business.models import Business, Shift
from overdeliver.apps.people import buckets
from overdeliver.apps.recovery import actions
from overdeliver.apps.recovery.models import Case
from overdeliver.apps.recovery.rules.complaint import Complaint
from overdeliver.apps.recovery.rules.loop import BY_NAME

STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("admit", {"words": "You are right: it came two days late, and it was our mistake."}),
    ("apologise", {"words": "We are sorry. The lid is on its way to you today."}),
    ("find_cause", {"words": "Two parcels without labels in the log of that day."}),
    ("change", {"words": "The label printer has a second roll since Monday."}),
    ("invite", {"words": "A new lid was sent."}),
    ("good", {"words": "Thank you, it is good now."}),
    ("write_lesson", {"words": "Labels are checked before the van leaves."}),
    ("close", {"words": "Told at the morning round."}),
)


@pytest.fixture(autouse=True)
def _nobody_waits() -> None:
    cache.clear()
    buckets._BUCKETS.clear()


@pytest.fixture
def open_days(shop: Business) -> Business:
    """The shop is open on weekdays from nine to six with a break at one."""
    for weekday in range(5):
        for opens, closes in ((time(9), time(13)), (time(14), time(18))):
            Shift.objects.create(weekday=weekday, opens=opens, closes=closes)
    return shop


@pytest.fixture
def complaint(shop: Business) -> Case:
    """A complaint by somebody who left a mail address."""
    return actions.open_case(
        Complaint(text="The lid came broken", contact="anna@example.org", name="Anna")
    )


@pytest.fixture
def step() -> Callable[..., str]:
    """Does a step of a complaint, with what it needs; answers the state."""

    def do(number: int, name: str, words: str = "It was done.", **more: Any) -> str:
        return actions.do_named(
            number,
            name,
            actions.Told(words=words, **more),
            cause="labels missing",
            change=f"labels checked ({Case.objects.get(pk=number).reopened})",
            change_owner="Dana",
        )

    return do


@pytest.fixture
def until(step: Callable[..., str]) -> Callable[[int, str], Case]:
    """Takes a complaint through its loop up to a state."""

    def go(number: int, state: str) -> Case:
        for name, told in STEPS:
            row = Case.objects.get(pk=number)
            if row.status == state:
                return row
            if row.status in BY_NAME[name].before:
                step(number, name, **told)
        return Case.objects.get(pk=number)

    return go


MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)  # 11:00 in Almaty
