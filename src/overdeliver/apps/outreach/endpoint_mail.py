"""Mail to the owners when another system is told nothing any more and nobody chose that."""

from collections.abc import Mapping
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from overdeliver.apps.journal.events import Heard
from overdeliver.apps.outreach import saying
from overdeliver.apps.outreach.models import Endpoint
from overdeliver.apps.outreach.writing import Occasion, enqueue_template, greeting
from overdeliver.apps.people import reads as people


def write(number: int, reason: str, heard: Heard) -> int:
    """Write to each owner, once for each time it was switched off; returns how many are written to.

    ``reason``: the code of why (``failing``). In the caller's transaction; 0 where the endpoint is
    there no longer.
    """
    row = Endpoint.objects.filter(pk=number).first()
    if row is None:
        return 0
    owners = people.owners()
    for owner in owners:
        occasion = Occasion(
            key=f"endpoint_off:{heard.id}:{owner.id}",
            because="outreach.because.endpoint_off",
            about=heard.subject,
            cause=heard.id,
        )
        enqueue_template(
            "endpoint_off",
            occasion,
            partial(_values, owner.name, row, reason),
            address=owner.email,
            language=owner.language,
        )
    return len(owners)


def _values(name: str, row: Endpoint, reason: str) -> Mapping[str, str]:
    page = reverse("settings_webhook", args=[row.pk])
    return {
        "greeting": greeting(name),
        # The host alone: the rest of an address may be a secret of the other side.
        "endpoint.host": urlsplit(row.url).netloc,
        "endpoint.why": saying.reason(reason),
        "endpoint.link": f"{settings.PUBLIC_URL}{page}",
    }
