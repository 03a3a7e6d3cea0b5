"""What this chapter does when something happens, its part of a customer's card, its data."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.settings_lines import stands_in_settings
from overdeliver.apps.journal.actions import record
from overdeliver.apps.journal.events import Heard, listens
from overdeliver.apps.outreach.belonging import give_to
from overdeliver.apps.people import reads as people
from overdeliver.apps.people.card_parts import Part, gives_data, knows_last_seen, shows_part
from overdeliver.apps.promises.status_links import links_from_status
from overdeliver.apps.recovery import events, ledger, mails
from overdeliver.apps.recovery.actions import blank_cases
from overdeliver.apps.recovery.blanking import blank_loose_mails
from overdeliver.apps.recovery.models import Case
from overdeliver.apps.recovery.reads import customers_cases, told_of
from overdeliver.apps.recovery.rules.alike import second_failure
from overdeliver.apps.recovery.rules.complaint import mail_of
from overdeliver.apps.recovery.rules.policies import RemedyPolicy

_EARLIER = 50  # complaints of one customer that are compared

stands_in_settings("case_door", "recovery.door.title", "recovery.door.about", "cases.see")
links_from_status("complaint", "recovery.door.complain", "complain_order")


@listens("recovery.case_opened", "recovery.welcome")
def welcome(heard: Heard) -> None:
    """Whose it is, the promise of the first answer, and whether it went wrong before."""
    row = Case.objects.get(pk=int(heard.reference))
    if row.customer_id is None:
        found = people.with_address(mail_of(row.contact))
        if len(found) == 1:  # two of one address: a person decides
            row.customer_id = found[0]
            Case.objects.filter(pk=row.pk).update(customer_id=row.customer_id)
            give_to(heard.subject, row.customer_id)
            card = people.customer_of(row.customer_id)
            record(events.CaseLinked(subject=heard.subject, customer=card.reference))
    ledger.promise_answer(row)
    _alarm(row)


@listens("recovery.case_linked", "recovery.alarm_linked")
def alarm_linked(heard: Heard) -> None:
    """Once it is known whose it is, it can be known to be the second."""
    _alarm(Case.objects.get(pk=int(heard.reference)))


@listens("recovery.case_opened", "recovery.say_received")
def say_received(heard: Heard) -> None:
    """The customer reads that it came in, and until when he is answered."""
    mails.say_received(Case.objects.get(pk=int(heard.reference)), heard.id)


@listens("recovery.step_done", "recovery.keep_promise")
def keep_promise(heard: Heard) -> None:
    """The first answer settles the promise that was made of it."""
    if heard.data["step"] == "admit":
        row = Case.objects.get(pk=int(heard.reference))
        ledger.answered(row, row.log.get(number=1).at)


@listens("recovery.case_closed", "recovery.ask_for_review")
def ask_for_review(heard: Heard) -> None:
    """Whoever went through the loop is asked, in the same words, whatever he judged."""
    policy = business.policy(RemedyPolicy)
    row = Case.objects.get(pk=int(heard.reference))
    if not policy.ask_for_review or row.review_asked_at:
        return
    if mails.ask_for_review(row, policy.review_places, heard.id):
        Case.objects.filter(pk=row.pk).update(review_asked_at=heard.at)
        record(events.ReviewAsked(subject=heard.subject))


@listens("people.customer_erased", "recovery.blank_cases")
def blank(heard: Heard) -> None:
    """An erased customer's complaints keep nothing of a person, nor do mails about nothing."""
    blank_cases(int(heard.data["customer"]), heard.reference)
    blank_loose_mails()


@shows_part("recovery", place=15)
def part(customer: int) -> Part:
    """The latest complaints of a customer."""
    rows = customers_cases(customer)
    return ("recovery/card.html", {"cases": rows}) if rows else None


@gives_data("complaints")
def data(customer: int) -> object:
    """Every complaint of a customer with its steps."""
    rows = Case.objects.filter(customer_id=customer).order_by("pk").prefetch_related("log", "files")
    return [_data(row) for row in rows]


@knows_last_seen("recovery")
def seen(customers: Sequence[int]) -> Mapping[int, datetime]:
    """When each customer last complained or was answered."""
    rows = Case.objects.filter(customer_id__in=customers).values_list("customer_id")
    return {number: at for number, at in rows.annotate(at=Max("step_since")) if number is not None}


def _alarm(row: Case) -> None:
    """A like complaint of the same customer not long ago: worse than two far apart."""
    if row.customer_id is None or row.alike_id:
        return
    policy = business.policy(RemedyPolicy)
    earlier = Case.objects.filter(customer_id=row.customer_id, merged_into__isnull=True)
    told = [told_of(one) for one in earlier.exclude(pk=row.pk).order_by("-pk")[:_EARLIER]]
    days, most = policy.second_failure_days, policy.most_alike
    if other := second_failure(told_of(row), told, days, most):
        Case.objects.filter(pk=row.pk).update(alike_id=other)
        record(events.SecondFailure(subject=f"case:{row.pk}", other=other))


def _data(row: Case) -> dict[str, Any]:
    return {
        "complaint": row.pk,
        "order": row.order,
        "received_at": row.received_at,
        "channel": row.channel,
        "object": row.object,
        "text": row.text,
        "name": row.name,
        "contact": row.contact,
        "status": row.status,
        "remedy": row.choice,
        "review_asked_at": row.review_asked_at,
        "files": [{"kind": one.kind, "size": one.size} for one in row.files.all()],
        "steps": [
            {"at": one.at, "from": one.before, "to": one.after, "words": one.words}
            for one in row.log.all()
        ],
    }
