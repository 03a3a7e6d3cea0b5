"""Do customers stay: the ladder, the life sign month by month, and who slips away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import isnan
from typing import Any

from babel.dates import format_date
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from markupsafe import Markup

from overdeliver.apps.desk.ladder import drawn
from overdeliver.apps.look import numbers
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import language, word
from overdeliver.apps.people import reads as people
from overdeliver.audit.page.charts import share_row
from overdeliver.measure.answers import NotEnough
from overdeliver.measure.ladder import STATES, Ladder, Month, State
from overdeliver.vocabulary.errors import InputError

PAGE = 50
_FIRST = 10  # of those who slip away, on the page itself
_COLOURS = {"slipping": "met", "gone": "plain"}
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Line:
    """A customer of a list: visits, the day of the last, the usual pause and the silence in days.

    ``who`` is None where nothing is known of the customer any more.
    """

    who: people.CustomerCard | None
    visits: int
    last: date
    usual: float | None
    silence: int


@dataclass(frozen=True)
class Lines:
    """A part of a list; ``next`` and ``previous`` are where its neighbours begin."""

    rows: Sequence[Line]
    next: str
    previous: str


@needs("figures.see")
def page(request: HttpRequest) -> HttpResponse:
    """`/loyalty/`: who is new, regular and loyal, who slips away, and how it was."""
    found = drawn()
    if isinstance(found, NotEnough):
        return render(request, "desk/loyalty.html", {"missing": found})
    sees = "customers.see" in request.rights  # type: ignore[attr-defined]
    context = {
        "found": found,
        "answer": _said(found),
        "rungs": _rungs(found),
        "months": _shown(found.months),
        "slipping": _lines(found, "slipping", 0, _FIRST) if sees else None,
        "more": found.counts["slipping"] > _FIRST,
    }
    return render(request, "desk/loyalty.html", context)


@needs("customers.see")
def listed(request: HttpRequest) -> HttpResponse:
    """`/loyalty/customers/?state=slipping`: the customers of one rung."""
    state = request.GET.get("state", "slipping")
    if state not in STATES:
        raise InputError(f"state: use one of {', '.join(STATES)}")
    found = drawn()
    context: dict[str, Any] = {"state": state, "states": STATES}
    if isinstance(found, NotEnough):
        return render(request, "desk/loyal_customers.html", {**context, "missing": found})
    context |= {"found": found, "count": found.counts[state]}
    context["page"] = _lines(found, state, _start(request), PAGE)
    return render(request, "desk/loyal_customers.html", context)


def _start(request: HttpRequest) -> int:
    text = request.GET.get("after") or request.GET.get("before") or "0"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _lines(found: Ladder, state: State, start: int, most: int) -> Lines:
    rows, of = found.customers.of(state), found.customers
    chosen = rows[start : start + most]
    cards = people.customers_of([int(one) for one in of.customer[chosen]])
    lines = [
        Line(
            cards.get(int(of.customer[at])),
            int(of.visits[at]),
            _EPOCH + timedelta(days=int(of.last[at])),
            None if isnan(of.usual[at]) else float(of.usual[at]),
            int(of.silence[at]),
        )
        for at in chosen
    ]
    following = str(start + most) if start + most < rows.size else ""
    return Lines(lines, following, str(max(start - most, 0)) if start else "")


def _rungs(found: Ladder) -> list[dict[str, Any]]:
    most = max(max(found.counts.values()), 1)
    return [
        {
            "state": state,
            "n": n,
            "share": numbers.share(n / found.customers.customer.size),
            "picture": share_row(n / most, _COLOURS.get(state, "exceeded")),
        }
        for state, n in found.counts.items()
    ]


def _shown(months: Sequence[Month]) -> list[dict[str, Any]]:
    """The latest first; a month without its number of active customers has no bar."""
    most = max((one.active for one in months if one.active), default=1)
    return [
        {
            "name": str(format_date(one.first, "LLLL yyyy", locale=language())).capitalize(),
            "of": one,
            "picture": Markup("")
            if one.active is None
            else share_row(one.active / most, "exceeded"),
        }
        for one in reversed(months)
    ]


def _said(found: Ladder) -> Markup:
    """One sentence: how many are active, and how many slip away."""
    n, away = found.active, found.counts["slipping"]
    active = word("desk.loyalty.active", count=n, n=numbers.number(n))
    if not away:
        return active
    return active + " " + word("desk.loyalty.away", count=away, n=numbers.number(away))
