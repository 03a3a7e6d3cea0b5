"""What is done about complaints; every way in (page, API, customer) goes through here."""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal.actions import decide, record
from overdeliver.apps.recovery import events, mails
from overdeliver.apps.recovery.attachments import handed_over, keep_files
from overdeliver.apps.recovery.blanking import blank_cases
from overdeliver.apps.recovery.causes import keep_cause, keep_change
from overdeliver.apps.recovery.ending import case_of_link
from overdeliver.apps.recovery.merging import link_customer, merge, unmerge
from overdeliver.apps.recovery.models import Case, Step
from overdeliver.apps.recovery.opening import open_case
from overdeliver.apps.recovery.owning import assign, take
from overdeliver.apps.recovery.rules.apology import apology, check_choice
from overdeliver.apps.recovery.rules.loop import Shown, move_from
from overdeliver.apps.recovery.rules.policies import RemedyPolicy
from overdeliver.apps.recovery.rules.tone import check_draft
from overdeliver.apps.recovery.stepping import case_row, write_step
from overdeliver.vocabulary.errors import Conflict, InputError

__all__ = [
    "Told",
    "assign",
    "blank_cases",
    "case_row",
    "choose_remedy",
    "do_named",
    "do_step",
    "handed_over",
    "judge",
    "keep_cause",
    "keep_change",
    "keep_files",
    "link_customer",
    "merge",
    "open_case",
    "take",
    "unmerge",
]

#: Steps whose words go to the customer.
SENT = ("admit", "apologise")
#: Until here a customer may still say which remedy he wants.
_CHOOSING = ("received", "admitted")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What somebody says with a step; ``seen``: the steps done when the form was shown."""

    words: str
    cause: int = 0
    change: int = 0
    remedy: str = ""
    seen: int | None = None


def do_step(number: int, name: str, told: Told) -> str:
    """Do the next step of a complaint and tell the customer where it is his; returns its state.

    Words of `SENT` steps go to the customer by mail, if he has an address. NotFound: no such
    complaint, cause or change. Conflict: another step is next, or somebody was faster.
    InputError: it shows too little, promises to do better without a change, or is one apology too
    many.
    """
    with transaction.atomic():
        row = case_row(number)
        if name in (*SENT, "invite"):
            check_draft(told.words, changed=row.log.filter(change__isnull=False).exists())
        if name == "apologise" and row.status == "admitted":
            _may_apologise(row, told.remedy)
        done = write_step(number, name, Shown(told.words, told.cause, told.change), seen=told.seen)
        if name in SENT:
            mails.send_answer(done, told.words.strip(), name)
        elif name == "invite":
            mails.ask_to_judge(done)
        return done.status


def do_named(
    number: int, name: str, told: Told, *, cause: str, change: str, change_owner: str
) -> str:
    """The same with the cause or the change by name: it is written down where it is new.

    Nothing is kept of a step that was refused. Returns the state.
    """
    with transaction.atomic():
        row = case_row(number)
        move_from(row.status, name)
        if name == "find_cause":
            told = replace(told, cause=keep_cause(cause))
        elif name == "change":
            today = timezone.localdate()
            told = replace(told, change=keep_change(row.cause_id or 0, change, change_owner, today))
        return do_step(number, name, told)


def judge(token: str, *, good: bool, words: str) -> str:
    """The customer judges again, on his own page; returns the state. The same as `do_step`.

    Conflict: he is not asked now.
    """
    row = case_of_link(token)
    name = "good" if good else "not_good"
    return write_step(row.pk, name, Shown(words), seen=row.steps).status


def choose_remedy(token: str, remedy: str) -> None:
    """The customer says how it is to be made good. InputError: not offered; Conflict: too late."""
    check_choice(remedy, business.policy(RemedyPolicy))
    with transaction.atomic():
        row = case_of_link(token)
        open_ = Case.objects.filter(pk=row.pk, status__in=_CHOOSING, merged_into__isnull=True)
        if not open_.update(choice=remedy):
            raise Conflict("choice: this was settled already")
        record(events.RemedyChosen(subject=f"case:{row.pk}", remedy=remedy))


def _may_apologise(row: Case, remedy: str) -> None:
    policy = business.policy(RemedyPolicy)
    remedy = remedy or row.choice
    found = apology(apologies_before(row, policy), policy, remedy=remedy)
    decide(found, rule="recovery.rules.apology.apology", subject=f"case:{row.pk}")
    if found.verdict == "remedy":
        raise InputError(f"remedy: {'; '.join(found.because)}")
    if remedy and remedy != row.choice:
        Case.objects.filter(pk=row.pk).update(choice=remedy)
        record(events.RemedyChosen(subject=f"case:{row.pk}", remedy=remedy))


def apologies_before(row: Case, policy: RemedyPolicy) -> int:
    """How often this customer was apologised to within the policy's window."""
    since = timezone.now() - timedelta(days=policy.apology_days)
    rows = Step.objects.filter(after="apologised", at__gte=since).exclude(case_id=row.pk)
    if row.customer_id:
        return rows.filter(Q(case__customer_id=row.customer_id)).count()
    return rows.filter(case__contact=row.contact).count() if row.contact else 0
