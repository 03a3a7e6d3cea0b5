"""Lines that chapters above this one add to the overview of Settings, in their ``apps`` or
``listeners``: ``stands_in_settings("settings_webhooks", "outreach.hooks.title", ...)``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """Another chapter's page of Settings: its url's name, two words, the right it needs."""

    url: str
    title: str
    about: str
    right: str


_LINES: dict[str, Line] = {}


def stands_in_settings(url: str, title: str, about: str, right: str = "settings.see") -> None:
    """Add a line; the same url again replaces it."""
    _LINES[url] = Line(url, title, about, right)


def lines_for(rights: frozenset[str]) -> list[Line]:
    """The lines that somebody of these rights sees."""
    return [line for line in _LINES.values() if line.right in rights]


_NAMES: list[Callable[[], Mapping[str, str]]] = []


def names_actors(names: Callable[[], Mapping[str, str]]) -> None:
    """Register who knows the names of actors (``staff:7``): staff stand in a chapter above."""
    _NAMES.append(names)


def actor_names() -> dict[str, str]:
    """Actor -> the name to show, for all that are known."""
    return {actor: name for names in _NAMES for actor, name in names().items()}
