"""Mail to members of staff with a link that works once.

The link is a secret: whoever reads the outbox must not come in by it. So a message holds the place
of its link and the number it has among the invitations; the link itself is made again when the mail
goes out, and not at all once it was used, withdrawn, or its time has passed.
"""

from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal.events import Heard
from overdeliver.apps.look.words import word
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.outreach.writing import Occasion, enqueue_template, greeting
from overdeliver.apps.people import links

_DAY = timedelta(days=1)


def write(name: str, number: int, heard: Heard) -> int:
    """Write the mail of a link, ``staff_invitation`` or ``staff_password``; its number.

    0 where the link works no longer. In the caller's transaction.
    """
    found = links.to_send(number)
    if found is None:
        return 0
    here = business.business()

    def values() -> Mapping[str, str]:
        return {
            "greeting": greeting(found.name),
            "business.name": here.name if here else "overdeliver",
            "link.place": _place(),
            "link.works_for": _spoken(found.works_for),
        }

    occasion = Occasion(
        key=f"{name}:{number}",
        because=f"outreach.because.{name}",
        about=heard.subject,
        cause=heard.id,
    )
    return enqueue_template(
        name,
        occasion,
        values,
        address=found.email,
        language=found.language,
        data={"link": number, "place": _place()},
    )


def with_link(row: Message) -> str:
    """A message's text with the link in its place; empty: the link works no longer."""
    number = row.data.get("link")
    if row.purpose != "staff" or number is None:
        return row.text
    found = links.to_send(int(number))
    return row.text.replace(row.data["place"], found.link) if found else ""


def _place() -> str:
    """What stands in a message where its link will be."""
    return f"{settings.PUBLIC_URL}/…/"


def _spoken(span: timedelta) -> str:
    """Whole days, or whole hours below two days, in the language in force.

    >>> _spoken(timedelta(days=7)), _spoken(timedelta(hours=24))
    ('7 days', '24 hours')
    """
    days, hours = round(span / _DAY), round(span / timedelta(hours=1))
    if hours > 47:
        return str(word("look.unit.days", count=days, n=days))
    return str(word("look.unit.hours", count=hours, n=hours))
