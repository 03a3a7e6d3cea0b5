"""What follows when history has come in or a customer is erased; the chapter's line in Settings."""

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.settings_lines import stands_in_settings
from overdeliver.apps.intake.forgetting import calls_about, forget_person
from overdeliver.apps.journal.events import Heard, listens
from overdeliver.apps.people import reads as people
from overdeliver.apps.people.card_parts import gives_data
from overdeliver.apps.quoting import runs

stands_in_settings("settings_sources", "intake.source.title", "intake.source.about")


@listens("intake.import_finished", "intake.learn_from_history")
def learn(heard: Heard) -> None:
    """New history is learned from at once, once per import, not only in the next night."""
    if heard.data["stored"] and business.services():
        runs.ask_to_learn(key=f"import:{heard.reference}")


@listens("people.customer_erased", "intake.forget_person")
def forget(heard: Heard) -> None:
    """Raw calls about an erased customer go, and files in which he may stand.

    Where only his time was over, files go when theirs is.
    """
    files = heard.data["because"] != "retention"
    forget_person(int(heard.data["customer"]), heard.reference, files=files)


@gives_data("calls")
def data(customer: int) -> object:
    """What shops have told of a customer, as far as it is still kept as it came."""
    return calls_about(customer, people.customer_of(customer).reference)
