"""The local link of the demo: whoever started it is signed in as its owner, once per link."""

import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.apps.people.signing import sign_in_owner
from overdeliver.vocabulary.errors import NotFound


@needs(PUBLIC)
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """`/enter/TOKEN/`: only in a demo, only with the token that its start has printed."""
    expected = (settings.DATA / "demo-token").read_text() if _there() else ""
    if not settings.KNOBS["demo"] or not hmac.compare_digest(token.encode(), expected.encode()):
        raise NotFound("enter: there is no such link")
    sign_in_owner(request)
    return redirect("today")


def _there() -> bool:
    return (settings.DATA / "demo-token").is_file()
