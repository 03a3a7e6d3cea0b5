"""What the published models say of promises close to their moment: so many of ten are kept."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from markupsafe import Markup

from overdeliver.apps.desk.rules import Fact, Group
from overdeliver.apps.look import numbers
from overdeliver.apps.look.words import word
from overdeliver.apps.promises import reads as promises
from overdeliver.apps.quoting.chances import Chance, chances

_KEY = "risk:"


def chances_of(facts: Iterable[Fact], now: datetime) -> dict[str, Chance]:
    """The chance of each line about an open promise that a model supports, by the line's key."""
    keys = [fact.key for fact in facts if fact.key.startswith(_KEY)]
    if not keys:
        return {}
    cases = promises.open_cases([key.removeprefix(_KEY) for key in keys])
    return {_KEY + reference: one for reference, one in chances(cases, now).items()}


def with_chances(groups: Sequence[Group], now: datetime) -> list[Group]:
    """The lines shown, each with its chance; all of them are asked about at once."""
    found = chances_of((fact for group in groups for fact in group.shown), now)
    return [replace(one, shown=[_told(fact, found) for fact in one.shown]) for one in groups]


def said(chance: Chance) -> Markup:
    """A chance in tenths; never none and never all."""
    tenths = round(chance.share * 10)
    if tenths == 0:
        return word("desk.line.chance_least")
    if tenths == 10:
        return word("desk.line.chance_most")
    return word("desk.line.chance", count=tenths, n=numbers.number(tenths))


def _told(fact: Fact, found: dict[str, Chance]) -> Fact:
    chance = found.get(fact.key)
    return replace(fact, because=(*fact.because, str(said(chance)))) if chance else fact
