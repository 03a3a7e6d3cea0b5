"""Complaints by mail through a provider: `/hooks/mail/in/PROVIDER/`, signed; kept, read later."""

import logging
from collections.abc import Iterable
from typing import Any, cast

from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.apps.recovery.incoming import keep_mail
from overdeliver.vocabulary.errors import LimitExceeded, NotFound

_LOG = logging.getLogger(__name__)
#: Their names in the address -> the library's reader of their calls.
PROVIDERS = {
    "brevo": "brevo.BrevoInboundWebhookView",
    "mailjet": "mailjet.MailjetInboundWebhookView",
    "postmark": "postmark.PostmarkInboundWebhookView",
    "sendgrid": "sendgrid.SendGridInboundWebhookView",
    "sparkpost": "sparkpost.SparkPostInboundWebhookView",
}


@needs(PUBLIC)
@csrf_exempt  # a program calls, with a name and a password of its own
@require_http_methods(["HEAD", "POST"])
def mail_in(request: HttpRequest, provider: str) -> HttpResponse:
    """200 kept or known, 401 not signed, 400 unreadable, 413 too large.

    Closed until ``OVERDELIVER_MAIL_RETURNS`` holds the name and password the provider calls with.
    """
    secret = settings.KNOBS["mail_returns"]
    if not secret or provider not in PROVIDERS:
        raise NotFound("there is nothing here")
    if request.method == "HEAD":
        return HttpResponse()
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return HttpResponse(status=413)  # large mails come by the mailbox
    try:
        for event in _events(request, provider, secret):
            keep_mail(event.message.as_bytes())
    except AnymailWebhookValidationFailure:
        return HttpResponse(status=401)
    except LimitExceeded:
        return HttpResponse(status=413)
    except (
        AnymailConfigurationError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        LookupError,
    ):
        _LOG.warning("a mail of %s cannot be read", provider)
        return HttpResponse(status=400)
    return HttpResponse()


def _events(request: HttpRequest, provider: str, secret: str) -> Iterable[Any]:
    reader = import_string(f"anymail.webhooks.{PROVIDERS[provider]}")(webhook_secret=secret)
    reader.run_validators(request)
    return cast(Iterable[Any], reader.parse_events(request))
