"""Taking back the last change of a session: what was there before is written again."""

from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import mark_safe
from markupsafe import Markup

from overdeliver.apps.business import actions, contacts, logo, offering, opening
from overdeliver.apps.look.words import word
from overdeliver.vocabulary.errors import NotFound

_KEY = "undo"


def saved(request: HttpRequest, text: str, kind: str, before: Mapping[str, Any]) -> None:
    """Say that a change was kept, and remember what was there before."""
    request.session[_KEY] = {"kind": kind, "before": _packed(before)}
    link = Markup('{} <a href="{}">{}</a>').format(
        text, reverse("settings_undo"), word("look.action.undo")
    )
    messages.success(request, mark_safe(str(link)))


def last_change(request: HttpRequest) -> str | None:
    """The kind of the change that can be taken back, or None."""
    found = request.session.get(_KEY)
    return found["kind"] if found else None


def take_back(request: HttpRequest) -> str:
    """Write what was there before; returns the name of the page to go to. NotFound: nothing."""
    found = request.session.pop(_KEY, None)
    if found is None:
        raise NotFound("there is nothing to take back any more")
    restore, page = _WAYS[found["kind"]]
    restore(found["before"])
    return page


def _packed(before: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date | time) else value
        for name, value in before.items()
    }


def _profile(before: dict[str, Any]) -> None:
    actions.change_business(**before)


def _logo(before: dict[str, Any]) -> None:
    logo.use_logo(before["logo"])


def _service(before: dict[str, Any]) -> None:
    offering.keep_service(**before, new=False)


def _touchpoint(before: dict[str, Any]) -> None:
    until = before["information_until"]
    before["information_until"] = date.fromisoformat(until) if until else None
    contacts.keep_touchpoint(**before, new=False)


def _week(before: dict[str, Any]) -> None:
    opening.set_week(
        [
            tuple((time.fromisoformat(opens), time.fromisoformat(to)) for opens, to in day)
            for day in before["week"]
        ]
    )


_WAYS: Mapping[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "profile": (_profile, "settings_business"),
    "logo": (_logo, "settings_business"),
    "service": (_service, "settings_services"),
    "touchpoint": (_touchpoint, "settings_touchpoints"),
    "week": (_week, "settings_hours"),
}
