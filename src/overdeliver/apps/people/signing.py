"""How people sign in: nobody signs up by himself, an owner invites."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest

from overdeliver.apps.business import reads as business
from overdeliver.apps.people.models import Staff
from overdeliver.vocabulary.errors import NotFound


def sign_in_owner(request: HttpRequest) -> None:
    """Sign the first owner in: for the local link of a demo. NotFound: there is none yet."""
    owner = Staff.objects.filter(role="owner", is_active=True).order_by("pk").first()
    if owner is None:
        raise NotFound("there is no owner yet")
    login(request, owner, backend=settings.AUTHENTICATION_BACKENDS[0])


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closed sign-up: members of staff are made by an owner."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: a stranger has no business here."""
        return False

    def render_mail(
        self, template_prefix: str, email: Any, context: dict[str, Any], headers: Any = None
    ) -> Any:
        """A letter of sign-in, in the name of the business."""
        named = {**context, "business": business.business()}
        return super().render_mail(template_prefix, email, named, headers)

    def add_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """No flash of allauth's own: our pages say what happened."""
