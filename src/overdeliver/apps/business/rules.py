"""Policies: how the business promises, as data with versions."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

from overdeliver.vocabulary.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The base of every policy: a chapter's ``rules`` says its fields and their defaults.

    ``kind`` is the name it is stored under, ``version`` the version in force (1: the defaults).

    >>> @dataclass(frozen=True, kw_only=True)
    ... class Asking(Policy):
    ...     kind: ClassVar[str] = "asking"
    ...     cooldown_days: int = 30
    >>> Asking.of({"cooldown_days": 14}, version=3)
    Asking(version=3, cooldown_days=14)
    """

    kind: ClassVar[str] = ""
    version: int = 1

    @classmethod
    def of(cls, data: dict[str, Any], version: int) -> Self:
        """A policy from stored data; fields that are gone are left out, new ones have defaults."""
        names = {field.name for field in fields(cls)} - {"version"}
        return cls(version=version, **{k: _tuple(v) for k, v in data.items() if k in names})

    def data(self) -> dict[str, Any]:
        """What is stored: every field but the version."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "version"}


def policy_kinds() -> list[type[Policy]]:
    """Every kind of policy there is, by name: what the chapters above have defined."""
    found = {kind.kind: kind for kind in _below(Policy) if kind.kind and _at_home(kind)}
    return [found[name] for name in sorted(found)]


def policy_kind(name: str) -> type[Policy] | None:
    """The kind of policy of a name, or None.

    >>> policy_kind("weather") is None
    True
    """
    return next((kind for kind in policy_kinds() if kind.kind == name), None)


def chapter_of(kind: type[Policy]) -> str:
    """The chapter that a policy belongs to: its words stand there.

    >>> chapter_of(Policy)
    'business'
    """
    parts = kind.__module__.split(".")
    return parts[2] if parts[:2] == ["overdeliver", "apps"] else parts[0]


def promised_service(
    of_order: str, lever: str, unit: str, known: Iterable[tuple[str, str, str]]
) -> str:
    """Which service a promise is about: the order's own where its lever and unit fit.

    One order may hold a promise of time and one of cost; a service has one lever. The other
    promise is about the one service of its lever and unit, if there is just one. ``known`` are
    slug, lever and unit of the active services.

    >>> shop = [("repair", "cost", "EUR"), ("repair-time", "time", "hours")]
    >>> promised_service("repair", "time", "hours", shop)
    'repair-time'
    >>> promised_service("repair", "service", "class", shop)
    'repair'
    """
    fitting = [slug for slug, of, counted in known if (of, counted) == (lever, unit)]
    if not of_order or of_order in fitting or len(fitting) != 1:
        return of_order
    return fitting[0]


def check_share(name: str, value: float) -> float:
    """A share strictly between 0 and 1. InputError: it is not."""
    if not 0 < value < 1:
        raise InputError(f"{name}: {value:g} must lie between 0 and 1")
    return value


def _below(kind: type[Policy]) -> Iterator[type[Policy]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def _at_home(kind: type[Policy]) -> bool:
    """Whether the class still stands in its module: examples and tests define fleeting ones."""
    return getattr(sys.modules.get(kind.__module__), kind.__name__, None) is kind


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
