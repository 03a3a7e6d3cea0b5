"""How people sign in: nobody signs up by himself, an owner invites."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closed sign-up: members of staff are made by an owner."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: a stranger has no business here."""
        return False

    def add_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """No flash of allauth's own: our pages say what happened."""
