"""What a new business starts with, by its kind: services, touchpoints, usual opening hours.

The data stand in ``starters/<kind>.toml``, what all kinds share in ``starters/shared.toml``; every
text is there in five languages. The services are those that `overdeliver.simulate` fills with
made-up data (the first is its main promise), and now and then one more.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from functools import lru_cache
from importlib.resources import files
from typing import Any

from overdeliver.simulate.kinds import KINDS
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.hours import Shifts

Texts = Mapping[str, Any]  # by language


@dataclass(frozen=True)
class StarterService:
    """A service as a starter gives it; ``unit`` "currency" stands for the business's own."""

    slug: str
    names: Texts
    lever: str
    unit: str
    whole: bool
    tolerance: float
    fallback: float | None
    classes: Texts  # lists, lowest first; empty unless the lever is service
    simulated: bool  # simulated orders hold promises of it
    features: tuple[str, ...]  # what simulated orders know when the promise is made

    def fields(self, language: str, currency: str) -> dict[str, Any]:
        """What `offering.keep_service` takes."""
        return {
            "slug": self.slug,
            "name": self.names[language],
            "lever": self.lever,
            "unit": currency if self.unit == "currency" else self.unit,
            "whole": self.whole,
            "tolerance": self.tolerance,
            "fallback": self.fallback,
            "classes": self.classes.get(language, ()),
        }


@dataclass(frozen=True)
class StarterTouchpoint:
    """A touchpoint as a starter gives it: name, what can go wrong, what is expected."""

    slug: str
    phase: str
    texts: Texts

    def fields(self, language: str) -> dict[str, Any]:
        """What `contacts.keep_touchpoint` takes."""
        name, wrong, expected = self.texts[language]
        return {
            "slug": self.slug,
            "name": name,
            "phase": self.phase,
            "can_go_wrong": wrong,
            "expected": expected,
        }


@dataclass(frozen=True)
class Starter:
    """All a kind of business starts with."""

    kind: str
    services: tuple[StarterService, ...]
    touchpoints: tuple[StarterTouchpoint, ...]
    week: tuple[Shifts, ...]


def services_for(kind: str) -> tuple[StarterService, ...]:
    """The services of a kind; those with ``simulated`` fit `overdeliver.simulate`, main one first.

    >>> [(one.slug, one.lever) for one in services_for("carservice") if one.simulated]
    [('repair', 'cost'), ('repair-time', 'time')]
    """
    return starter(kind).services


@lru_cache
def starter(kind: str) -> Starter:
    """The starter of a kind. InputError: no such kind.

    >>> len(starter("pizza").touchpoints) >= 24
    True
    """
    if kind not in KINDS:
        raise InputError(f"kind of business {kind!r}: choose one of {', '.join(KINDS)}")
    own, shared = _read(kind), _read("shared")
    contacts = {**shared["touchpoint"], **own["touchpoint"]}
    return Starter(
        kind,
        tuple(_service(kind, slug, one) for slug, one in own["service"].items()),
        tuple(
            StarterTouchpoint(slug, phase, contacts[slug])
            for phase, slugs in own["map"].items()
            for slug in slugs
        ),
        tuple(_shifts(text) for text in own["week"]),
    )


def _service(kind: str, slug: str, given: Mapping[str, Any]) -> StarterService:
    spec = KINDS[kind]
    return StarterService(
        slug,
        given["name"],
        given["lever"],
        given["unit"],
        given.get("whole", False),
        float(given.get("tolerance", 0)),
        given.get("fallback"),
        given.get("classes", {}),
        given.get("simulated", True),
        (*spec.factors, *spec.measures),
    )


def _shifts(text: str) -> Shifts:
    """``09:00-13:00 14:00-18:00``; empty is closed."""
    pairs = (part.split("-") for part in text.split())
    return tuple((time.fromisoformat(opens), time.fromisoformat(to)) for opens, to in pairs)


def _read(name: str) -> dict[str, Any]:
    path = files("overdeliver.apps.business") / "starters" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
