"""What this chapter does when a customer is erased, and what it tells those below."""

import json

from overdeliver.apps.business.settings_lines import names_actors
from overdeliver.apps.journal.events import Heard, listens
from overdeliver.apps.people import erasure_log
from overdeliver.apps.people.listing import names_of_staff
from overdeliver.apps.people.models import ApiCall

names_actors(names_of_staff)


@listens("people.customer_erased", "people.note_erasure")
def note(heard: Heard) -> None:
    """An erasure is written down where no backup takes it back."""
    erasure_log.note(heard.reference, heard.at)


@listens("people.customer_erased", "people.forget_answers")
def forget_answers(heard: Heard) -> None:
    """Answers kept for two days, in case a call is made again, name him no longer."""
    ApiCall.objects.filter(body__contains=json.dumps(heard.reference)).update(body="{}")
