"""What every page's frame needs: the business, the menu, the language."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from overdeliver.apps.business import reads as business


@dataclass(frozen=True)
class Entry:
    """A line of the menu: its word, where it leads, the right it needs."""

    word: str
    url: str
    right: str


MENU: tuple[Entry, ...] = (
    Entry("desk.menu.today", "today", "today.see"),
    Entry("promises.menu.promises", "promises", "promises.see"),
    Entry("promises.menu.reliability", "reliability", "figures.see"),
    Entry("quoting.menu.quoting", "quoting", "quoting.see"),
    Entry("people.menu.customers", "customers", "customers.see"),
    Entry("desk.menu.money", "money", "figures.see"),
    Entry("intake.menu.imports", "imports", "imports.see"),
    Entry("business.menu.settings", "settings", "settings.see"),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context every template has."""
    rights: frozenset[str] = getattr(request, "rights", frozenset())
    return {
        "business": business.business(),
        "menu": [entry for entry in MENU if entry.right in rights],
        "rights": rights,
        "languages": settings.LANGUAGES,
        "demo": settings.KNOBS["demo"],
    }
