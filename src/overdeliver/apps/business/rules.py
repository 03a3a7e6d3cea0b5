"""Policies: how the business promises, as data with versions."""

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


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def check_share(name: str, value: float) -> float:
    """A share strictly between 0 and 1. InputError: it is not."""
    if not 0 < value < 1:
        raise InputError(f"{name}: {value:g} must lie between 0 and 1")
    return value
