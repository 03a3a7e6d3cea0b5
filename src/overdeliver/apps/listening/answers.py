"""What the page of answers shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from overdeliver.apps.listening.models import Ask, Feedback
from overdeliver.apps.listening.reads import Said, cards_of, with_names
from overdeliver.apps.listening.rules import QUESTIONS
from overdeliver.measure.intervals import Rate, rate
from overdeliver.measure.nps import Nps, nps, top_share
from overdeliver.vocabulary.errors import InputError

NEEDED = 20
PAGE = 20


@dataclass(frozen=True)
class Result:
    """The answers to one kind of question; below `NEEDED` answers there is no figure."""

    question: str
    n: int
    nps: Nps | None
    good: Rate | None  # CSAT 4-5 of 5, CES 5-7 of 7

    @property
    def enough(self) -> bool:
        """Whether there is a figure."""
        return self.n >= NEEDED


@dataclass(frozen=True)
class Asked:
    """How many were asked, answered, and left unasked on purpose."""

    asked: int
    answered: int
    control: int
    waiting: int
    response: Rate | None


def results(days: int = 90) -> list[Result]:
    """Each kind of question with answers of the last ``days`` days."""
    since = timezone.now() - timedelta(days=days)
    found = []
    for question, (low, high, top) in QUESTIONS.items():
        rows = Feedback.objects.filter(
            kind="survey", scale_min=low, scale_max=high, at__gte=since, score__isnull=False
        )
        scores = [float(one) for one in rows.values_list("score", flat=True) if one is not None]
        if scores:
            enough = len(scores) >= NEEDED
            found.append(
                Result(
                    question,
                    len(scores),
                    nps(scores) if question == "nps" and enough else None,
                    top_share(scores, top) if question != "nps" and enough else None,
                )
            )
    return found


def asked() -> Asked:
    """The questions that went out by themselves."""
    found = Ask.objects.aggregate(
        asked=Count("pk", filter=Q(state="sent")),
        answered=Count("pk", filter=Q(answered_at__isnull=False)),
        control=Count("pk", filter=Q(state="control")),
        waiting=Count("pk", filter=Q(state="waiting")),
    )
    enough = found["asked"] >= NEEDED
    return Asked(**found, response=rate(found["answered"], found["asked"]) if enough else None)


def said(kind: str = "", text: str = "", after: str = "") -> tuple[Sequence[Said], str]:
    """A page of what customers said, newest first, and where the next begins.

    ``text``: part of the words, an order or a customer's reference. InputError: no such page.
    """
    rows = Feedback.objects.filter(kind=kind) if kind else Feedback.objects.all()
    if needle := text.strip()[:100]:
        rows = rows.filter(
            Q(text__icontains=needle)
            | Q(order__reference__icontains=needle)
            | Q(customer__reference__icontains=needle)
        )
    if after:
        if not (after.isascii() and after.isdecimal() and len(after) <= 18):
            raise InputError("the page asked for does not exist; start from the first")
        rows = rows.filter(pk__lt=int(after))
    found = list(with_names(rows).order_by("-pk")[: PAGE + 1])
    return cards_of(found[:PAGE]), str(found[PAGE - 1].pk) if len(found) > PAGE else ""
