"""Links with which customers say what they want to get, without signing in.

A link holds the customer's number and a purpose, signed: nobody can make one, and it needs no
table. It never ends: a mail of last year must still unsubscribe (RFC 8058).
"""

from django.conf import settings
from django.core import signing

from overdeliver.apps.people import actions as people
from overdeliver.apps.people import reads as customers
from overdeliver.apps.people.rules import PURPOSES
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound

_SALT = "overdeliver.preferences"
#: What a customer may choose; messages about an order of one's own belong to the order.
CHOOSABLE = ("reassurance", "asking", "marketing", "stories")


def link(customer: int, purpose: str) -> str:
    """The address of a customer's page of choices; empty where nothing can be chosen."""
    if purpose not in CHOOSABLE:
        return ""
    return f"{settings.PUBLIC_URL}/u/{token(customer, purpose)}/"


def token(customer: int, purpose: str) -> str:
    """What stands in the link; 256 bits of it are the signature."""
    return signing.Signer(salt=_SALT).sign_object([customer, purpose])


def opened(given: str) -> tuple[customers.CustomerCard, str]:
    """Whose link it is and for which purpose. NotFound: it is no link, or he was erased."""
    try:
        customer, purpose = signing.Signer(salt=_SALT).unsign_object(given[:500])
        card = customers.customer_of(int(customer))
    except (signing.BadSignature, ValueError, TypeError):
        raise NotFound("this link leads nowhere") from None
    if card.erased_at or purpose not in CHOOSABLE:
        raise NotFound("this link leads nowhere")
    return card, purpose


def chosen(card: customers.CustomerCard) -> dict[str, bool]:
    """What a customer gets now, purpose by purpose."""
    return {one: bool(customers.agreed_to(one, [card.id])) for one in CHOOSABLE if one in PURPOSES}


def choose(card: customers.CustomerCard, purpose: str, given: bool, source: str) -> None:
    """Write down a yes or no from the page. InputError: no such choice."""
    if purpose not in CHOOSABLE:
        raise InputError(f"purpose: use one of {', '.join(CHOOSABLE)}")
    try:
        people.note_consent(card.reference, purpose, given, source=source)
    except Conflict:
        raise NotFound("this link leads nowhere") from None
