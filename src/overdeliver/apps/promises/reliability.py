"""The reliability page: do we keep our word, and where not?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date, get_day_names
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from markupsafe import Markup

from overdeliver.apps.business import reads as business
from overdeliver.apps.look import numbers
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import language, word
from overdeliver.apps.promises.forms import day_of_text
from overdeliver.apps.promises.kept import GROUPS, Kept, kept
from overdeliver.audit.page.charts import Bar, Labels, Point, Scale, interval_row, outcomes
from overdeliver.measure.intervals import minimum_outcomes

PERIODS = ("week", "month", "quarter", "year", "all")
_DAYS = {"week": 7, "month": 30, "quarter": 91, "year": 365}


@dataclass(frozen=True)
class Line:
    """One row of "said and kept"."""

    name: str
    url: str
    lever: str
    unit: str
    said: float | None
    rate: float | None
    low: float | None
    high: float | None
    n: int
    needed: int
    judgement: str  # as_promised, too_little, could_less, not_said, not_enough
    picture: Markup


@needs("figures.see")
def page(request: HttpRequest) -> HttpResponse:
    """`/reliability/`: how many promises were kept, how early and how late, said against kept."""
    period = request.GET.get("period", "quarter")
    start, end = _span(request, period)
    by = request.GET.get("by", "service")
    found = kept(
        start,
        end,
        by=by,
        lever=request.GET.get("lever", ""),
        unit=request.GET.get("unit", ""),
    )
    lines = _lines(found, by, start, end)
    context = {
        "found": found,
        "period": period,
        "periods": PERIODS,
        "by": by,
        "groups": GROUPS,
        "start": start,
        "end": end,
        "lines": lines,
        "worst": [line for line in lines if line.judgement == "too_little"][:2],
        "picture": _picture(found) if found.bins else "",
        "bins": found.bins,
        "list": _list_url(start, end, {}),
        "counts": [
            (v, getattr(found.all, v), _list_url(start, end, {"verdict": v})) for v in _VERDICTS
        ],
        "of_100": numbers.numbers_in(language()).per_hundred(found.all.kept.rate)
        if found.all.kept and found.all.n >= 20
        else None,
    }
    return render(request, "promises/reliability.html", context)


_VERDICTS = ("broken", "met", "exceeded", "open", "unknown")


def _span(request: HttpRequest, period: str) -> tuple[date | None, date | None]:
    today = timezone.localdate()
    if request.GET.get("from") or request.GET.get("to"):
        first, last = request.GET.get("from", ""), request.GET.get("to", "")
        return day_of_text(first) if first else None, day_of_text(last) if last else None
    days = _DAYS.get(period)
    return (today - timedelta(days=days), None) if days else (None, None)


def _list_url(start: date | None, end: date | None, more: Mapping[str, Any]) -> str:
    asked = {"made_from": start, "made_to": end, **more}
    return f"{reverse('promises')}?{urlencode({k: v for k, v in asked.items() if v})}"


def _lines(found: Kept, by: str, start: date | None, end: date | None) -> list[Line]:
    """One line a group: against its level where one was said, else the rate alone."""
    said = {(_key(one.key, by)): one for one in found.levels if one.n}
    names = {one.slug: one.name for one in business.services(active=False)}
    lines = []
    for group in found.groups:
        key = _key(group.key, by)
        level = said.get(key)
        value = group.key[by]
        judged = level or group
        rate = judged.kept
        needed = minimum_outcomes(level.said) if level else 20
        needed = max(needed, 20)
        judgement = _judgement(rate is not None, level is not None, level.flag if level else None)
        more = {"lever": group.key["lever"]}
        if value is not None and by in ("service", "segment", "team", "channel"):
            more[by] = value
        if by == "month" and value is not None:
            start, end = value, (value + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        lines.append(
            Line(
                _name(by, value, names),
                _list_url(start, end, more),
                str(group.key["lever"]),
                str(group.key["unit"]),
                level.said if level else None,
                rate.rate if rate else None,
                rate.low if rate else None,
                rate.high if rate else None,
                judged.n,
                needed,
                judgement,
                _interval(rate, level.said if level else None) if rate else Markup(""),
            )
        )
    return lines


def _key(key: Mapping[str, Any], by: str) -> tuple[Any, ...]:
    return (key[by], key["lever"], key["unit"])


def _judgement(enough: bool, was_said: bool, flag: str | None) -> str:
    if not enough:
        return "not_enough"
    if not was_said:
        return "not_said"
    return {"worse": "too_little", "better": "could_less"}.get(flag or "", "as_promised")


def _interval(rate: Any, said: float | None) -> Markup:
    scale = Scale(0.7, 1.0, 2, 98)
    return interval_row(scale, Point(0, rate.rate, rate.low, rate.high), said)


def _name(by: str, value: Any, services: Mapping[str, str]) -> str:
    if value is None:
        return str(word("promises.reliability.no_name"))
    if by == "service":
        return services.get(str(value), str(value))
    if by == "weekday":
        return str(get_day_names("wide", locale=language())[int(value) - 1]).capitalize()
    if by == "month":
        return str(format_date(value, "LLLL yyyy", locale=language())).capitalize()
    return str(value)


def _picture(found: Kept) -> Markup:
    kind, total = found.kind, found.of_kind
    if kind is None or total is None:
        return Markup("")
    met_left, bars = total.met, []
    for one in found.bins:
        late = one.gap_low is None or one.gap_low < 0
        met = 0 if late or (one.gap_low or 0) > 0 else min(one.n, met_left)
        met_left -= met
        parts = [("broken", one.n)] if late else [("met", met), ("exceeded", one.n - met)]
        edge = one.gap_high if late else one.gap_low
        whole = one.gap_low is not None and one.gap_high is not None
        shown = abs((one.gap_low if whole else edge) or 0)
        label = word("promises.reliability.bar", span=_span_words(one, kind.unit), n=one.n)
        bars.append(Bar(label, numbers.number(shown) + ("" if whole else "+"), "", parts, late))
    labels = Labels(
        "early-late",
        word("promises.reliability.picture"),
        word(
            "promises.reliability.picture_desc",
            n=numbers.number(total.n),
            broken=numbers.number(total.broken),
        ),
        str(word(f"promises.reliability.late_{kind.lever}", unit=_unit(kind.unit))),
        str(word(f"promises.reliability.early_{kind.lever}", unit=_unit(kind.unit))),
        str(word(f"promises.reliability.zero_{kind.lever}")),
    )
    return outcomes(labels, _thinned(bars))


def _thinned(bars: Sequence[Bar]) -> list[Bar]:
    """Every second tick where there are many."""
    if len(bars) <= 16:
        return list(bars)
    zero = sum(bar.late for bar in bars)
    return [
        bar
        if (place - zero) % 2 == 0 or place in (0, len(bars) - 1)
        else Bar(bar.label, "", "", bar.parts, bar.late)
        for place, bar in enumerate(bars)
    ]


def _span_words(one: Any, unit: str) -> str:
    ends = [None if end is None else numbers.number(end) for end in (one.gap_low, one.gap_high)]
    return f"{ends[0] or '…'} – {ends[1] or '…'} {_unit(unit)}"


def _unit(unit: str) -> str:
    from overdeliver.audit.page.numbers import is_currency

    return unit if is_currency(unit) else str(word(f"look.unit_name.{unit}"))
