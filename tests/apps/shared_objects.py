"""Complaints and promises that many clients work on at once, some of whom die."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.people.models import Staff
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises.models import Standing
from overdeliver.apps.recovery import actions as recovery
from overdeliver.apps.recovery.models import Case
from overdeliver.apps.recovery.rules.complaint import Complaint
from overdeliver.apps.recovery.rules.loop import MOVES, next_moves
from overdeliver.vocabulary.errors import Conflict
from tests.apps.plain_models import CONFLICT, FIRST
from tests.histories import UNKNOWN, Call


class Died(Exception):
    """The client is gone; what became of its call it never hears."""


def open_case() -> int:
    """A complaint that nobody has; its number."""
    return int(recovery.open_case(Complaint(text="The lid came broken")).pk)


def open_promise(name: str) -> str:
    """An order with one promise, of the same reference."""
    now = timezone.now()
    promises.place_order(name, placed_at=now)
    euros = {"lever": "cost", "unit": "EUR"}
    return promises.make_promise(name, promised=FIRST, made_at=now, reference=name, **euros)  # type: ignore[arg-type]


@dataclass
class Client:
    """One of many: asks at random, remembers what it saw, and dies now and then.

    ``dies`` is the share of calls in which it does: half of them before what it did is kept. What
    it never heard the answer of it asks once more with the same key, as programs do.
    """

    number: int
    staff: int
    chance: random.Random
    dies: float = 0.0
    log: dict[Any, list[Call]] = field(default_factory=dict)
    seen: dict[Any, Any] = field(default_factory=dict)
    count: int = 0

    def act(self, thing: int | str) -> None:
        """One random call about a complaint (a number) or a promise (its name)."""
        of_case = isinstance(thing, int)
        asked = self._about_case(thing) if isinstance(thing, int) else self._about_promise(thing)
        told = self.ask(thing, asked, case_call if of_case else promise_call)
        if asked[0] == "read" and told != UNKNOWN:
            self.seen[thing] = told
        elif told == UNKNOWN:
            self.ask(thing, asked, case_call if of_case else promise_call)

    def ask(self, thing: Any, asked: tuple[Any, ...], call: Callable[..., Any]) -> Any:
        """Call, and write down what was asked and told, and when."""
        fate = self.chance.random() / self.dies if self.dies else 9.0
        since = time.monotonic()
        try:
            told = _called(lambda: call(thing, asked), fate)
            until = time.monotonic()
        except Died:
            self.log.setdefault(thing, []).append(Call(self.number, asked, UNKNOWN, since))
            return UNKNOWN
        self.log.setdefault(thing, []).append(Call(self.number, asked, told, since, until))
        return told

    def _about_case(self, thing: int) -> tuple[Any, ...]:
        what = self.chance.choice(("read", "take", "take", "free", "step", "step", "step"))
        if what == "take":
            return ("take", self.staff)
        if what != "step":
            return (what,)
        status, steps, _ = self.seen.get(thing, ("received", 0, None))
        moves = [one.name for one in next_moves(status) if one.name not in ("good", "close")]
        if not moves or self.chance.random() < 0.1:
            moves = [one.name for one in MOVES]
        return ("step", self.chance.choice(moves), steps)

    def _about_promise(self, thing: str) -> tuple[Any, ...]:
        self.count += 1
        what = self.chance.choice(("read", "read", "revise", "revise", "revise", "outcome"))
        if what == "revise":
            last = self.seen.get(thing, (None, None, thing))[2]
            name = f"{thing}-{self.number}-{self.count}"
            return ("revise", last, name, float(self.chance.randint(50, 150)))
        if what == "outcome":
            # Reports of one key by several clients: the same one twice, or another under its key.
            return (
                "outcome",
                float(self.chance.randint(90, 110)),
                f"k-{self.chance.randint(1, 4)}",
            )
        return ("read",)


def _called(call: Callable[[], Any], fate: float) -> Any:
    """Do it; with a fate below a half all is taken back, below one the answer is never heard."""
    try:
        with transaction.atomic():
            told = call()
            if fate < 0.5:
                raise Died
    except Conflict:
        return CONFLICT
    if fate < 1:
        raise Died
    return told


def case_call(number: int, asked: tuple[Any, ...]) -> Any:
    """A call about a complaint, by the actions that pages and programs use."""
    what, *more = asked
    if what == "read":
        return Case.objects.values_list("status", "steps", "owner_id").get(pk=number)
    if what == "take":
        recovery.take(number, more[0])
    elif what == "free":
        recovery.assign(number, None)
    else:
        name, seen = more
        told = recovery.Told(words="It was done.", seen=seen)
        change = f"labels, the {seen}th time"
        return recovery.do_named(
            number, name, told, cause="labels missing", change=change, change_owner="Dana"
        )
    return "ok"


def promise_call(name: str, asked: tuple[Any, ...]) -> Any:
    """A call about a promise, by the actions that pages and programs use."""
    what, *more = asked
    if what == "read":
        rows = Standing.objects.filter(order__reference=name, latest=True)
        return rows.values_list("verdict", "actual", "promise__reference").get()
    if what == "outcome":
        return promises.record_outcome(name, actual=more[0], key=more[1])
    before, reference, amount = more
    euros = {"lever": "cost", "unit": "EUR", "reference": reference, "revises": before}
    return promises.make_promise(name, promised=amount, **euros)  # type: ignore[arg-type]


def people(count: int) -> list[int]:
    """So many members of staff."""
    made = (Staff.objects.create_user(f"s{n}@example.org", "secret") for n in range(count))
    return [int(one.pk) for one in made]
