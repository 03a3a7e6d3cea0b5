"""What a mail provider tells of mails that came back: `/hooks/mail/PROVIDER/`, signed."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from anymail.exceptions import AnymailWebhookValidationFailure
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.apps.outreach import bouncing
from overdeliver.apps.outreach.rules.bounces import What, class_of
from overdeliver.vocabulary.errors import NotFound

_LOG = logging.getLogger(__name__)
#: Their names in the address -> the library's reader of their calls.
PROVIDERS = {
    "brevo": "brevo.BrevoTrackingWebhookView",
    "mailjet": "mailjet.MailjetTrackingWebhookView",
    "postmark": "postmark.PostmarkTrackingWebhookView",
    "sendgrid": "sendgrid.SendGridTrackingWebhookView",
    "sparkpost": "sparkpost.SparkPostTrackingWebhookView",
}
#: Whether a provider's own words say that there is nobody of the address; the library counts soft
#: bounces of some providers as bounces like any other, and nobody may be blocked on those.
_HARD: Mapping[str, Callable[[Any], bool]] = {
    "brevo": lambda told: told.get("event") in ("hard_bounce", "invalid_email"),
    "mailjet": lambda told: told.get("hard_bounce") is True,
    "postmark": lambda told: told.get("Type") in ("HardBounce", "BadEmailAddress"),
    "sendgrid": lambda told: (
        told.get("type") == "bounce"
        and class_of(str(told.get("status", "")), str(told.get("reason", ""))) == "hard"
    ),
    "sparkpost": lambda told: str(told.get("bounce_class")) in ("10", "30", "90"),
}
_LONGEST = 1_000_000


@needs(PUBLIC)
@csrf_exempt  # a program calls, with a name and a password of its own
@require_http_methods(["HEAD", "POST"])
def returned(request: HttpRequest, provider: str) -> HttpResponse:
    """Addresses that do not exist or do not want us are blocked; every other event is let pass.

    Closed until ``OVERDELIVER_MAIL_RETURNS`` holds the name and password the provider calls with.
    """
    secret = settings.KNOBS["mail_returns"]
    if not secret or provider not in PROVIDERS:
        raise NotFound("there is nothing here")
    if request.method == "HEAD":
        return HttpResponse()
    if len(request.body) > _LONGEST:
        return HttpResponse(status=413)
    try:
        events = _events(request, provider, secret)
    except AnymailWebhookValidationFailure:
        return HttpResponse(status=401)
    except (ValueError, KeyError, TypeError, AttributeError, LookupError):
        _LOG.warning("a call of %s cannot be read", provider)
        return HttpResponse(status=400)
    for event in events:
        _take(event, _HARD[provider])
    return HttpResponse()


def _events(request: HttpRequest, provider: str, secret: str) -> Iterable[Any]:
    reader = import_string(f"anymail.webhooks.{PROVIDERS[provider]}")(webhook_secret=secret)
    reader.run_validators(request)
    return cast(Iterable[Any], reader.parse_events(request))


def _take(event: Any, hard: Callable[[Any], bool]) -> None:
    what: What | None = None
    if event.event_type == "complained":
        what = "complaint"
    elif event.event_type == "deferred":
        what = "soft"
    elif event.event_type == "bounced":
        what = "hard" if hard(event.esp_event) else "soft"
    if what and event.recipient:
        bouncing.take_tracked(what, str(event.recipient)[:320])
