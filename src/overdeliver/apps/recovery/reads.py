"""What other chapters and pages may know of complaints."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from overdeliver.apps.people import reads as people
from overdeliver.apps.recovery.ending import case_of_link
from overdeliver.apps.recovery.models import Attachment, Case, Step
from overdeliver.apps.recovery.rules.alike import Told, likely_same
from overdeliver.vocabulary.errors import NotFound

_COMPARED = 100


@dataclass(frozen=True)
class CaseCard:
    """A complaint as lists, pages and programs know it."""

    id: int
    token: str
    customer: people.CustomerCard | None
    order: str
    touchpoint: str
    object: str
    severity: str
    first: bool | None
    channel: str
    language: str
    text: str
    name: str
    contact: str
    seconds: int | None
    status: str
    steps: int
    reopened: int
    owner: int | None
    owner_name: str
    received_at: datetime
    answer_by: datetime
    step_since: datetime
    due_at: datetime | None
    escalated_at: datetime | None
    closed_at: datetime | None
    cause: int | None
    cause_name: str
    merged_into: int | None
    choice: str
    alike: int | None
    review_asked_at: datetime | None

    @property
    def shown(self) -> str:
        """Who complained: the name, else the contact, else the number."""
        known = self.customer.shown if self.customer else ""
        return known or self.name or self.contact or f"#{self.id}"

    @property
    def named(self) -> bool:
        """Whether anything but the number says who complained."""
        return not self.shown.startswith("#")


@dataclass(frozen=True)
class StepCard:
    """A step that was done."""

    number: int
    before: str
    after: str
    words: str
    cause: str
    change: str
    by: str
    at: datetime
    due_at: datetime | None

    @property
    def late(self) -> bool:
        """Whether it was done after its moment."""
        return self.due_at is not None and self.at > self.due_at


@dataclass(frozen=True)
class FileCard:
    """A file that came with a complaint."""

    id: int
    kind: str
    size: int


def case(number: int) -> CaseCard:
    """One complaint. NotFound: none of that number."""
    row = _full().filter(pk=number).first()
    if row is None:
        raise NotFound(f"complaint {number}: there is none of that number")
    return cards([row])[0]


def case_of_token(token: str) -> CaseCard:
    """The complaint of a customer's link. NotFound: no such link, or its page has ended."""
    return cards([case_of_link(token)])[0]


def steps(number: int) -> list[StepCard]:
    """The steps that were done, oldest first."""
    rows = Step.objects.filter(case_id=number).select_related("cause", "change").order_by("number")
    return [
        StepCard(
            row.number,
            row.before,
            row.after,
            row.words,
            row.cause.name if row.cause else "",
            row.change.what if row.change else "",
            row.by,
            row.at,
            row.due_at,
        )
        for row in rows
    ]


def files(number: int) -> list[FileCard]:
    """The files that came with a complaint."""
    rows = Attachment.objects.filter(case_id=number).order_by("pk")
    return [FileCard(row.pk, row.kind, row.size) for row in rows]


def merged(number: int) -> list[CaseCard]:
    """The complaints that are part of one."""
    return cards(_full().filter(merged_into_id=number).order_by("pk"))


def proposals(number: int) -> list[CaseCard]:
    """Complaints that may be the same one told twice: of the same customer or contact, alike."""
    row = Case.objects.filter(pk=number, merged_into__isnull=True).first()
    if row is None or row.status == "closed":
        return []
    same = Q(pk__in=[])
    if row.customer_id:
        same |= Q(customer_id=row.customer_id)
    if row.contact:
        same |= Q(contact=row.contact)
    if row.order:
        same |= Q(order=row.order)
    others = _full().filter(same, merged_into__isnull=True).exclude(pk=number)
    found = {one.pk: one for one in others.exclude(status="closed").order_by("-pk")[:_COMPARED]}
    likely = likely_same(told_of(row), [told_of(one) for one in found.values()], 0.2)
    return cards(found[other] for other in likely)


def customers_cases(customer: int, limit: int = 10) -> list[CaseCard]:
    """The latest complaints of a customer (id), newest first."""
    return cards(_full().filter(customer_id=customer).order_by("-pk")[:limit])


def cases_of_order(order: str, limit: int = 10) -> list[CaseCard]:
    """The latest complaints about an order (its reference), newest first."""
    return cards(_full().filter(order=order).order_by("-pk")[:limit]) if order else []


def needs_person(now: datetime, limit: int = 100) -> list[CaseCard]:
    """Open complaints whose next step is late at ``now``, or that went wrong before, worst first.

    A second failure stands here until its apology.
    """
    open_ = _full().filter(merged_into__isnull=True).exclude(status="closed")
    late = Q(due_at__lte=now)
    again = Q(alike__isnull=False, status__in=["received", "admitted"])
    return cards(open_.filter(late | again).order_by("due_at", "pk")[:limit])


def told_of(row: Case) -> Told:
    """What of a complaint is compared with others."""
    return Told(row.pk, row.received_at, row.text, row.cause_id or 0, row.order, row.object)


def cards(rows: Iterable[Case]) -> list[CaseCard]:
    """Rows, selected with owner and cause, as cards."""
    found: Sequence[Case] = list(rows)
    known = people.customers_of([row.customer_id for row in found if row.customer_id])
    return [card_of(row, known.get(row.customer_id or 0)) for row in found]


def card_of(row: Case, customer: people.CustomerCard | None) -> CaseCard:
    """A row as a card."""
    return CaseCard(
        id=row.pk,
        token=row.token,
        customer=customer,
        order=row.order,
        touchpoint=row.touchpoint,
        object=row.object,
        severity=row.severity,
        first=row.first,
        channel=row.channel,
        language=row.language,
        text=row.text,
        name=row.name,
        contact=row.contact,
        seconds=row.seconds,
        status=row.status,
        steps=row.steps,
        reopened=row.reopened,
        owner=row.owner_id,
        owner_name=row.owner.get_full_name() if row.owner else "",
        received_at=row.received_at,
        answer_by=row.answer_by,
        step_since=row.step_since,
        due_at=row.due_at,
        escalated_at=row.escalated_at,
        closed_at=row.closed_at,
        cause=row.cause_id,
        cause_name=row.cause.name if row.cause else "",
        merged_into=row.merged_into_id,
        choice=row.choice,
        alike=row.alike_id,
        review_asked_at=row.review_asked_at,
    )


def _full() -> QuerySet[Case]:
    return Case.objects.select_related("owner", "cause")
