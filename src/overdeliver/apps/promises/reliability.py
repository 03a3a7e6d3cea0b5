"""The reliability page: do we keep our word, and where not?"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.look import numbers
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import language
from overdeliver.apps.promises import reads, suppliers
from overdeliver.apps.promises.early_late import picture, span_words
from overdeliver.apps.promises.forms import day_of_text
from overdeliver.apps.promises.kept import GROUPS, NARROWED, Asked, Kept, kept
from overdeliver.apps.promises.over_time import stretches, trend_of
from overdeliver.apps.promises.said_kept import lines_of
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.gap import VERDICTS

PERIODS = ("week", "month", "quarter", "year", "all")
_DAYS = {"week": 7, "month": 30, "quarter": 91, "year": 365}
NEEDED = 20


@needs("figures.see")
def page(request: HttpRequest) -> HttpResponse:
    """`/reliability/`: how many promises were kept, how early and how late, said against kept."""
    period, asked = _asked(request)
    found = kept(asked)
    query = _query(asked)
    lines = lines_of(found, asked.by, query) if found.n else []
    ends = found.of_kind
    context = {
        "found": found,
        "first": ends.first.date() if ends and ends.first else None,
        "last": ends.last.date() if ends and ends.last else None,
        "asked": asked,
        "period": period,
        "periods": PERIODS,
        "groups": [name for name in GROUPS if name != "supplier" or suppliers.fact()],
        "lines": lines,
        "worst": list(dict.fromkeys(one.name for one in lines if one.judgement == "too_little"))[
            :2
        ],
        "picture": picture(found),
        "bins": _bins(found, query),
        "trend": trend_of(found),
        "stretches": stretches(found, query),
        "counts": _counts(found, query),
        "of_100": _of_100(found),
        "needed": NEEDED,
        "choices": _choices(asked),
    }
    return render(request, "promises/reliability.html", context)


def _asked(request: HttpRequest) -> tuple[str, Asked]:
    """The period and what is measured. InputError: a day, a group or a lever that is none."""
    query = request.GET
    first, last = query.get("from", ""), query.get("to", "")
    period = "own" if first or last else query.get("period", "quarter")
    if period not in (*PERIODS, "own"):
        raise InputError(f"period {period!r}: use one of {', '.join(PERIODS)}")
    start = day_of_text(first) if first else None
    if days := _DAYS.get(period):
        start = timezone.localdate() - timedelta(days=days)
    return period, Asked(
        start,
        day_of_text(last) if last else None,
        query.get("by", "service"),
        query.get("lever", ""),
        query.get("unit", ""),
        {name: query[name] for name in NARROWED if query.get(name)},
    )


def _query(asked: Asked) -> dict[str, Any]:
    """The same promises as the list's filter."""
    return {"made_from": asked.start, "made_to": asked.end, **asked.only}


def _link(query: Mapping[str, Any]) -> str:
    return f"{reverse('promises')}?{urlencode({k: v for k, v in query.items() if v is not None})}"


def _counts(found: Kept, query: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    """The verdicts of the kind in the picture, each with the list of its rows."""
    kind, total = found.kind, found.of_kind
    if kind is None or total is None:
        return []
    here = {**query, "lever": kind.lever, "unit": kind.unit}
    return [(name, getattr(total, name), _link({**here, "verdict": name})) for name in VERDICTS]


def _bins(found: Kept, query: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    """The bars as rows: from where to where, how many, and which."""
    if found.kind is None:
        return []
    here = {**query, "lever": found.kind.lever, "unit": found.kind.unit, "sort": "gap"}
    return [
        (
            span_words(one, found.kind.unit),
            one.n,
            _link({**here, "gap_from": one.gap_low, "gap_to": one.gap_high}),
        )
        for one in found.bins
    ]


def _of_100(found: Kept) -> str:
    """How many of 100 were kept; empty where too few are settled to say so."""
    if found.all.kept is None or found.all.n < NEEDED:
        return ""
    return numbers.numbers_in(language()).per_hundred(found.all.kept.rate)


def _choices(asked: Asked) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """What the page may be narrowed to: name, value chosen, values with their names."""
    names = {one.slug: one.name for one in business.services(active=False)}
    found = []
    for column in NARROWED:
        if column == "supplier":
            values: Sequence[str] = suppliers.suppliers()
        else:
            values = list(names) if column == "service" and names else reads.choices(column)
        if values:
            chosen = asked.only.get(column, "")
            found.append((column, chosen, [(one, names.get(one, one)) for one in values]))
    return found
