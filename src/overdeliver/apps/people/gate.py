"""The gate: lays a person's rights on the request, and refuses every door that names none."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal.actions import acting
from overdeliver.apps.people.rules import rights_of_role

#: Views of others that have doors of their own: sign-in, static files, the API (keys).
_FOREIGN = ("allauth.", "ninja.", "django.contrib.staticfiles", "django.views.static")


class Gate:
    """Rights, actor, language and time zone of each request."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, made in the name of whoever is signed in."""
        staff: Any = request.user
        signed_in = staff.is_authenticated and staff.is_active
        request.rights = rights_of_role(staff.role) if signed_in else frozenset()  # type: ignore[attr-defined]
        here = business.business()
        language = _language(request, staff.language if signed_in else "", here)
        zone = ZoneInfo(here.zone) if here else ZoneInfo("UTC")
        who = f"staff:{staff.pk}" if signed_in else "customer"
        with translation.override(language), timezone.override(zone), acting(who):
            response = self.answer(request)
        response.headers.setdefault("Content-Language", language)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> None:
        """A page without a right is a mistake of ours, not a door for everyone."""
        if hasattr(view, "right") or view.__module__.startswith(_FOREIGN):
            return
        raise RuntimeError(f"{view.__module__}.{view.__name__} names no right")


def _language(request: HttpRequest, own: str, here: Any) -> str:
    """The person's own, else the cookie's, else the browser's, else the business's."""
    known = ("en", "pt", "ru", "ro", "kk")
    asked = request.COOKIES.get("language", "")
    if own in known or asked in known:
        return own if own in known else asked
    accepted = request.headers.get("Accept-Language", "")
    for part in accepted.split(","):
        if (tag := part.strip()[:2].lower()) in known:
            return tag
    return here.language if here else "en"
