"""The print queue: a letter is in one print run at a time, so two people cannot post it twice."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.journal.actions import actor, record
from overdeliver.apps.outreach import events
from overdeliver.apps.outreach.blocking import unwanted
from overdeliver.apps.outreach.costing import cost_of
from overdeliver.apps.outreach.models import Message, PrintRun
from overdeliver.vocabulary.errors import Conflict, NotFound

MOST = 500  # letters of a run


def start_run(numbers: Collection[int]) -> int:
    """Take these letters into a print run; returns its number.

    Letters somebody else took, and those the customer no longer wants, are left out. Conflict:
    none is left.
    """
    with transaction.atomic():
        run = PrintRun.objects.create(made_at=timezone.now(), made_by=actor())
        number = int(run.pk)
        waiting = Message.objects.filter(
            pk__in=sorted(numbers)[:MOST], channel="letter", status="held", print_run=None
        )
        for row in waiting.order_by("pk"):
            _take(row, run)
        taken = Message.objects.filter(print_run=run).count()
        if taken:
            record(events.PrintRunStarted(subject=f"print_run:{run.pk}", letters=taken))
        else:
            run.delete()
    if not taken:  # said after the commit: what nobody wants stays cancelled
        raise Conflict("letters: somebody else is printing them, or nobody wants them any more")
    return number


def posted(number: int) -> int:
    """The letters of a run lie in the post; returns how many. NotFound, Conflict: not printing."""
    with transaction.atomic():
        run = _settle(number, "posted")
        printed = Message.objects.select_for_update().filter(print_run=run, status="unknown")
        rows = dict(printed.values_list("pk", "about"))
        for pk, about in rows.items():
            record(events.MessageSent(subject=f"message:{pk}", channel="letter", about=about))
        return Message.objects.filter(pk__in=rows).update(
            status="sent", error="", was="", sent_at=timezone.now(), **cost_of("letter")
        )


def undo_run(number: int) -> int:
    """Nothing of a run came out: its letters wait again; returns how many."""
    with transaction.atomic():
        run = _settle(number, "undone")
        back = Message.objects.filter(print_run=run, status="unknown").update(
            status="held", error="by_hand", was="", print_run=None
        )
        record(events.PrintRunUndone(subject=f"print_run:{run.pk}", letters=back))
        return back


def put_back(number: int) -> None:
    """One letter of a run that is printing did not come out: it waits again.

    Conflict: it is not being printed.
    """
    back = Message.objects.filter(
        pk=number, status="unknown", error="printing", print_run__status="printing"
    ).update(status="held", error="by_hand", was="", print_run=None)
    if not back:
        raise Conflict("letter: it is not being printed")


def letters_of(number: int) -> list[Message]:
    """The letters of a run that go, in the order they are printed. NotFound: no such run."""
    going = Message.objects.filter(print_run=run_of(number), status__in=["unknown", "sent"])
    return list(going.order_by("pk"))


def run_of(number: int) -> PrintRun:
    """A run. NotFound: there is none of that number."""
    run = PrintRun.objects.filter(pk=number).first()
    if run is None:
        raise NotFound(f"print run {number}: there is none of that number")
    return run


def _take(row: Message, run: PrintRun) -> None:
    ours = Message.objects.filter(pk=row.pk, status="held", print_run=None)
    if reason := unwanted(row):
        if ours.update(status="cancelled", error=reason, was=""):
            record(
                events.MessageCancelled(
                    subject=f"message:{row.pk}", channel="letter", about=row.about, reason=reason
                )
            )
        return
    ours.update(status="unknown", error="printing", was="", print_run=run)


def _settle(number: int, status: str) -> PrintRun:
    run = run_of(number)
    printing = PrintRun.objects.filter(pk=number, status="printing")
    if not printing.update(status=status, settled_at=timezone.now()):
        raise Conflict("print run: it has been settled already")
    return run
