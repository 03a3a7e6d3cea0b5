"""Lists of promises: filter, search, order, and pages that a million rows do not slow down.

A page begins where the one before it ended (a cursor), so that nothing is counted or skipped; the
number of matches is counted up to a cap.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, F, Model, Q, QuerySet
from django.utils import timezone

from overdeliver.apps.people import reads as people
from overdeliver.apps.promises import suppliers
from overdeliver.apps.promises.cards import Row, rows_of
from overdeliver.apps.promises.models import Order, Promise, Standing
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.gap import LEVERS, VERDICTS

PAGE = 50
CAP = 10_000
SORTS = ("made", "due", "gap")
_FOUND = 2_000  # orders a search looks up at most, the newest
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


@dataclass(frozen=True)
class Filter:
    """Which promises are asked for; empty parts ask nothing. Days are the business's.

    ``sort``: made (the newest first), due (the next first) or gap (the worst first); the latter
    two leave out what has none. InputError: a verdict, lever or order that is none.
    """

    verdict: str = ""
    lever: str = ""
    service: str = ""
    segment: str = ""
    channel: str = ""
    team: str = ""
    supplier: str = ""
    customer: str = ""
    made_from: date | None = None
    made_to: date | None = None
    due_from: date | None = None
    due_to: date | None = None
    turned_from: date | None = None  # its outcome seen, or its moment passed without one, since
    changed_since: datetime | None = None  # how it stands was drawn anew since
    q: str = ""
    unit: str = ""
    level: float | None = None  # 0: those that said none
    weekday: int | None = None  # 1 Monday ... 7 Sunday, of the day it was made
    gap_from: float | None = None  # from, and up to but without, in the unit
    gap_to: float | None = None
    revised: bool = False  # the last revisions instead of the originals
    sort: str = "made"

    def __post_init__(self) -> None:
        if self.verdict and self.verdict not in (*VERDICTS, "kept", "settled"):
            raise InputError(f"verdict {self.verdict!r}: use one of {', '.join(VERDICTS)}")
        if self.lever and self.lever not in LEVERS:
            raise InputError(f"lever {self.lever!r}: use one of {', '.join(LEVERS)}")
        if self.sort not in SORTS:
            raise InputError(f"sort {self.sort!r}: use one of {', '.join(SORTS)}")
        if self.weekday is not None and not 1 <= self.weekday <= 7:
            raise InputError(f"weekday {self.weekday}: 1 (Monday) to 7 (Sunday)")


@dataclass(frozen=True)
class Page:
    """Some rows, and where the next and the previous ones begin."""

    rows: Sequence[Row]
    next: str = ""
    previous: str = ""


@dataclass(frozen=True)
class _Way:
    """A column to order by, which way, and how a cursor spells its values."""

    column: str
    down: bool
    moment: bool


_WAYS = {
    "made": _Way("made_at", True, True),
    "due": _Way("due_at", False, True),
    "gap": _Way("gap", False, False),
}


def promises(asked: Filter, *, after: str = "", before: str = "", limit: int = PAGE) -> Page:
    """A page of promises; ``after`` and ``before`` come from the page before.

    InputError: a cursor that is none.
    """
    way = _WAYS[asked.sort]
    rows = _matching(asked)
    if before:
        found = _stretch(rows, way, before, not way.down, limit + 1)
        more, found = len(found) > limit, found[:limit][::-1]
        return _page(found, way, further=True, back=more)
    found = _stretch(rows, way, after, way.down, limit + 1)
    return _page(found[:limit], way, further=len(found) > limit, back=bool(after))


def every(asked: Filter, most: int) -> Iterator[Row]:
    """All matching promises, up to so many, read a thousand at a time."""
    after, left = "", most
    while left > 0:
        page = promises(asked, after=after, limit=min(1000, left))
        yield from page.rows
        left -= len(page.rows)
        if not page.next:
            return
        after = page.next


def count(asked: Filter, cap: int = CAP) -> int:
    """How many promises match, counted up to ``cap``."""
    return _matching(asked).order_by()[:cap].count()


def tally(asked: Filter) -> dict[str, int]:
    """How many promises stand how; every verdict is named. Reads all that match."""
    found = _matching(asked).order_by().values_list("verdict").annotate(n=Count("pk"))
    return {**dict.fromkeys(map(str, VERDICTS), 0), **dict(found)}


def full() -> QuerySet[Standing]:
    """Standings with everything a row shows."""
    return Standing.objects.select_related(
        "promise", "promise__order", "promise__order__customer", "promise__revises"
    )


def day_span(start: date | None, end: date | None) -> tuple[datetime | None, datetime | None]:
    """The moments from the start of a day to the end of another, in the business's zone.

    InputError: a day beyond the calendar.
    """
    zone = timezone.get_current_timezone()
    try:
        first = datetime.combine(start, time(), zone) if start else None
        last = datetime.combine(end + timedelta(days=1), time(), zone) if end else None
        return (first and first.astimezone(UTC)), (last and last.astimezone(UTC))
    except OverflowError:
        raise InputError("that day is beyond the calendar") from None


def _matching(asked: Filter) -> QuerySet[Standing]:
    rows = full().filter(**({"latest": True} if asked.revised else {"original": True}))
    if asked.verdict == "kept":
        rows = rows.filter(verdict__in=["met", "exceeded"])
    elif asked.verdict == "settled":
        rows = rows.filter(verdict__in=["broken", "met", "exceeded"])
    elif asked.verdict:
        rows = rows.filter(verdict=asked.verdict)
    for name in ("lever", "service", "segment", "channel", "team"):
        if value := getattr(asked, name):
            rows = rows.filter(**{name: value})
    if asked.supplier:
        whose = suppliers.supplier_of("order__features", suppliers.fact())
        rows = rows.alias(supplier=whose).filter(supplier=asked.supplier)
    further = {
        "order__customer__reference": asked.customer or None,
        "promise__unit": asked.unit or None,
        "promise__level": asked.level or None,
        "promise__level__isnull": True if asked.level == 0 else None,
        "made_at__iso_week_day": asked.weekday,
        "changed_at__gte": asked.changed_since,
        "gap__gte": asked.gap_from,
        "gap__lt": asked.gap_to,
    }
    rows = rows.filter(**{name: value for name, value in further.items() if value is not None})
    for column, start, end in (
        ("made_at", asked.made_from, asked.made_to),
        ("due_at", asked.due_from, asked.due_to),
    ):
        first, last = day_span(start, end)
        if first:
            rows = rows.filter(**{f"{column}__gte": first})
        if last:
            rows = rows.filter(**{f"{column}__lt": last})
    if since := day_span(asked.turned_from, None)[0]:
        rows = rows.filter(turned_since(since))
    return rows.filter(_search(asked.q.strip())) if asked.q.strip() else rows


def turned_since(moment: datetime) -> Q:
    """Promises whose outcome was seen since, or whose moment has passed since without one."""
    return Q(settled_at__gte=moment) | Q(settled_at__isnull=True, due_at__gte=moment)


def _search(text: str) -> Q:
    """Promises whose own or whose order's reference begins so, or whose customer is found by it.

    Looked up beforehand, each by its own index: joined together they would be read through.
    """
    made = Promise.objects.filter(_begins("reference", text, Promise)).values_list("pk", flat=True)
    customers = people.search_ids(text, limit=500)
    placed = Order.objects.filter(_begins("reference", text, Order)).values_list("pk", flat=True)
    theirs = Order.objects.filter(customer_id__in=customers).order_by("-placed_at")
    orders = {*placed[:_FOUND], *theirs.values_list("pk", flat=True)[:_FOUND]}
    return Q(promise_id__in=list(made[:_FOUND])) | Q(order_id__in=orders)


def _begins(column: str, text: str, model: type[Model]) -> Q:
    """A prefix by the column's index: PostgreSQL has one for patterns, SQLite one for order."""
    if connection.vendor != "sqlite":
        return Q(**{f"{column}__startswith": text})
    return Q(**{f"{column}__gte": text, f"{column}__lt": text + "\U0010ffff"})


def _stretch(
    rows: QuerySet[Standing], way: _Way, mark: str, down: bool, limit: int
) -> list[Standing]:
    """So many rows beyond a cursor, up or down the column and the promise's number."""
    if way.column != "made_at":
        rows = rows.filter(**{f"{way.column}__isnull": False})
    if mark:
        value, pk = _value(mark, way)
        beyond = "lt" if down else "gt"
        # Both halves said apart, so that the index is entered at the value.
        rows = rows.filter(**{f"{way.column}__{beyond}e": value}).filter(
            Q(**{f"{way.column}__{beyond}": value}) | Q(**{f"promise_id__{beyond}": pk})
        )
    order = [F(way.column).desc(), F("promise_id").desc()] if down else [way.column, "promise_id"]
    return list(rows.order_by(*order)[:limit])


def _page(found: list[Standing], way: _Way, *, further: bool, back: bool) -> Page:
    return Page(
        rows_of(found),
        next=_mark(found[-1], way) if found and further else "",
        previous=_mark(found[0], way) if found and back else "",
    )


def _mark(row: Standing, way: _Way) -> str:
    value: Any = getattr(row, way.column)
    spelled = str((value - _EPOCH) // _MICRO) if way.moment else repr(value)
    return f"{spelled}_{row.promise_id}"


def _value(mark: str, way: _Way) -> tuple[Any, int]:
    spelled, _, pk = mark.rpartition("_")
    try:
        number = int(pk)
        if not 0 <= number < 2**63:
            raise ValueError
        if way.moment:
            return _EPOCH + int(spelled) * _MICRO, number
        return float(spelled), number
    except (ValueError, OverflowError):
        raise InputError("the page asked for does not exist; start from the first") from None
