"""What this chapter does when something happens below."""

from overdeliver.apps.journal.events import Heard, listens
from overdeliver.apps.people.card_parts import gives_data
from overdeliver.apps.quoting.erasing import blank_quotes, quotes_of
from overdeliver.apps.quoting.serving import forget


@listens("people.customer_erased", "quoting.blank_quotes")
def blank(heard: Heard) -> None:
    """What a shop told of an erased customer's case is kept no longer."""
    blank_quotes(int(heard.data["customer"]))


@listens("business.service_changed", "quoting.look_again")
def look_again(heard: Heard) -> None:
    """A service that was changed is quoted as it is now."""
    forget()


@gives_data("quotes")
def data(customer: int) -> object:
    """What a customer was offered and took."""
    return quotes_of(customer)
