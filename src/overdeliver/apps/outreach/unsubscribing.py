"""Unsubscribing by mail: the second address of `List-Unsubscribe`, and what is written to it.

The subject carries the token of the customer's page of choices, which nobody can guess, so whoever
sends the mail needs to be nobody in particular: a mail program writes it, from any address.
"""

import re
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings

from overdeliver.apps.outreach import preferences
from overdeliver.apps.outreach.reads import takes_mail
from overdeliver.vocabulary.errors import NotFound

#: A word and a token as `preferences.token` makes them: whatever looks so is never a complaint.
_ASKED = re.compile(r"unsubscribe\s+([\w-]{10,}:[\w-]{20,})", re.IGNORECASE | re.ASCII)


def mailto(customer: int | None, purpose: str) -> str:
    """Where to write to say no to a purpose; empty where no mail is read, or nothing to choose."""
    address = read_address()
    if not address or not customer or purpose not in preferences.CHOOSABLE:
        return ""
    subject = quote(f"unsubscribe {preferences.token(customer, purpose)}")
    return f"mailto:{quote(address, safe='@+')}?subject={subject}"


def read_address() -> str:
    """The address whose mail is read here; empty: none is, or it is not known.

    As the settings say; else the name with which the mailbox is opened, where that is an address.
    """
    box = settings.KNOBS["mailbox_url"]
    if not box and not settings.KNOBS["mail_returns"]:
        return ""
    given = settings.KNOBS["mail_in"]
    found = str(given or unquote(urlsplit(box).username or ""))
    return found if takes_mail(found) else ""


def take_unsubscribing(subject: str) -> bool:
    """Do what a mail asks whose subject is such a token; False: it is an ordinary mail.

    A forged or an old token is taken too and changes nothing.
    """
    asked = _ASKED.fullmatch(subject.strip())
    if asked is None:
        return False
    try:
        card, purpose = preferences.opened(asked[1])
        preferences.choose(card, purpose, False, "unsubscribe")
    except NotFound:
        pass
    return True
