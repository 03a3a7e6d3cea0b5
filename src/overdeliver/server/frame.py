"""What every page's frame needs: the business, the menu, the language."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_resolver

from overdeliver.apps.business import reads as business
from overdeliver.apps.look.words import language


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
    Entry("recovery.menu.cases", "cases", "cases.see"),
    Entry("quoting.menu.quoting", "quoting", "quoting.see"),
    Entry("care.menu.care", "care", "care.see"),
    Entry("people.menu.customers", "customers", "customers.see"),
    Entry("listening.menu.answers", "answers", "customers.see"),
    Entry("desk.menu.loyalty", "loyalty", "figures.see"),
    Entry("desk.menu.money", "money", "figures.see"),
    Entry("intake.menu.imports", "imports", "imports.see"),
    Entry("business.menu.settings", "settings", "settings.see"),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context every template has."""
    rights: frozenset[str] = getattr(request, "rights", frozenset())
    return {
        "business": business.business(),
        "tongue": language(),
        "theme": _theme(request),
        "here": _here(request),
        "menu": [entry for entry in MENU if entry.right in rights and _leads(entry.url)],
        "rights": rights,
        "languages": settings.LANGUAGES,
        "demo": settings.KNOBS["demo"],
    }


def _theme(request: HttpRequest) -> str:
    asked = request.COOKIES.get("theme", "")
    return asked if asked in ("light", "dark") else ""


def _here(request: HttpRequest) -> str:
    """The menu's line of this page: its own, or that of the first part of its path."""
    match = request.resolver_match
    if match is not None and match.url_name in {entry.url for entry in MENU}:
        return match.url_name
    first = request.path.strip("/").partition("/")[0]
    return first if first in {entry.url for entry in MENU} else ""


def _leads(name: str) -> bool:
    return name in get_resolver().reverse_dict
