"""The gate: lays a person's rights on the request, and refuses every door that names none."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal.actions import acting
from overdeliver.apps.look.access import PUBLIC
from overdeliver.apps.people.rules import SigningPolicy, rights_of_role

#: Views of others that have doors of their own: sign-in, static files, the API (keys).
_FOREIGN = ("allauth.", "ninja.", "django.contrib.staticfiles", "django.views.static")
#: What somebody may still do who owes a second factor.
_OWN = frozenset({"own.account"})


class Gate:
    """Rights, actor, language and time zone of each request."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, made in the name of whoever is signed in."""
        with business.asked_once():
            return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        staff: Any = request.user
        signed_in = staff.is_authenticated and staff.is_active
        asked: Any = request
        asked.rights = rights_of_role(staff.role) if signed_in else frozenset()
        asked.owes_factor = signed_in and _owes_factor(staff)
        if asked.owes_factor:
            asked.rights = asked.rights & _OWN
        asked.place = here = business.business()
        language = _language(request, staff.language if signed_in else "", here)
        zone = ZoneInfo(here.zone) if here else ZoneInfo("UTC")
        who = f"staff:{staff.pk}" if signed_in else "customer"
        with translation.override(language), timezone.override(zone), acting(who):
            response = self.answer(request)
        response.headers.setdefault("Content-Language", language)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """A page without a right is a mistake of ours, not a door for everyone.

        Whoever owes a second factor is led to his account; while there is no business, every page
        somebody may see leads to where it is set up.
        """
        door = getattr(view, "func", view)  # the API's own pages are partial functions
        if door.__module__.startswith(_FOREIGN):
            return None
        right = getattr(view, "right", None)
        if right is None:
            raise RuntimeError(f"{door.__module__}.{door.__name__} names no right")
        asked: Any = request
        if right == PUBLIC or right in _OWN:
            return None
        if asked.owes_factor:
            return redirect("account")
        if asked.place is None and right in asked.rights and not _sets_up(request):
            return redirect("welcome" if "settings.write" in asked.rights else "welcome_soon")
        return None


def _sets_up(request: HttpRequest) -> bool:
    return request.path.startswith("/welcome/")


def _owes_factor(staff: Any) -> bool:
    """Whether the policy asks a second factor of this role, and there is none."""
    if staff.role not in business.policy(SigningPolicy).second_factor_for:
        return False
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return not Authenticator.objects.filter(user_id=staff.pk, type__in=kinds).exists()


def _language(request: HttpRequest, own: str, here: Any) -> str:
    """The one chosen in this browser, else the person's own, the browser's, the business's."""
    known = ("en", "pt", "ru", "ro", "kk")
    for asked in (request.COOKIES.get("language", ""), own):
        if asked in known:
            return asked
    accepted = request.headers.get("Accept-Language", "")
    for part in accepted.split(","):
        if (tag := part.strip()[:2].lower()) in known:
            return tag
    return here.language if here else "en"
