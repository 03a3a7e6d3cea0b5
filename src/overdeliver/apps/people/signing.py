"""How people sign in: nobody signs up by himself, an owner invites."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest

from overdeliver.apps.people import links, staffing
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

    def set_password(self, user: Staff, password: str) -> None:
        """A password chosen on one's own account page."""
        staffing.set_password(user, password)

    def send_password_reset_mail(self, user: Staff, email: str, context: dict[str, Any]) -> None:
        """One who forgot his password gets a link of ours, by the outbox."""
        links.password_link(user.pk, asked=True)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Nowhere: allauth's own kind of link is not used."""
        return ""

    def add_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """No flash of allauth's own: our pages say what happened."""
