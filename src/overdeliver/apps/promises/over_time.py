"""The picture of the share kept as time went, and the table behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date, format_skeleton
from django.urls import reverse
from markupsafe import Markup

from overdeliver.apps.look import numbers
from overdeliver.apps.look.words import language, word
from overdeliver.apps.promises.kept import Kept
from overdeliver.audit.page.charts import Labels, Point, Slot, trend
from overdeliver.measure.intervals import Rate
from overdeliver.measure.trend import Period, Step, Trend

#: With fewer points there is nothing to compare.
POINTS = 2
_TICKS: Mapping[Step, str] = {"week": "MMMd", "month": "yM", "quarter": "yQQQ", "year": "y"}
_NAMES: Mapping[Step, str] = {"month": "LLLL yyyy", "quarter": "QQQQ yyyy", "year": "yyyy"}


@dataclass(frozen=True)
class Stretch:
    """One row of the table; ``state``: known, few or still_open."""

    name: str
    kept: Rate | None
    said: float | None
    n: int
    open: int
    state: str
    settled_list: str
    open_list: str


def trend_of(found: Kept) -> Markup:
    """The picture; empty where fewer than two stretches of time are known."""
    if found.trend is None or found.trend.known < POINTS:
        return Markup("")
    slots = [_slot(at, one, found.trend.step) for at, one in enumerate(found.trend.periods)]
    lowest = _lowest(found.trend)
    return trend(_labels(found.trend), slots, _marks(lowest), lowest)


def stretches(found: Kept, query: Mapping[str, Any]) -> list[Stretch]:
    """The stretches of time as rows, the latest first; ``query`` is the list's filter."""
    if found.trend is None or found.kind is None:
        return []
    here = {**query, "lever": found.kind.lever, "unit": found.kind.unit}
    step, needed = found.trend.step, found.trend.needed
    return [_stretch(one, step, needed, here) for one in reversed(found.trend.periods)]


def _stretch(one: Period, step: Step, needed: int, query: Mapping[str, Any]) -> Stretch:
    asked = {
        **query,
        "made_from": max(one.first, query.get("made_from") or one.first),
        "made_to": min(one.last, query.get("made_to") or one.last),
    }
    state = "known" if one.kept else "few" if one.n < needed else "still_open"
    return Stretch(
        name_of(one.first, one.last, step),
        one.kept,
        one.said,
        one.n,
        one.open,
        state,
        _list(asked, "settled"),
        _list(asked, "open"),
    )


def _list(asked: Mapping[str, Any], verdict: str) -> str:
    return f"{reverse('promises')}?{urlencode({**asked, 'verdict': verdict})}"


def name_of(first: date, last: date, step: Step) -> str:
    """A stretch of time in words."""
    if step == "week":
        return f"{numbers.day(first)} – {numbers.day(last)}"
    return str(format_date(first, _NAMES[step], locale=language())).capitalize()


def _slot(at: int, one: Period, step: Step) -> Slot:
    tick = str(format_skeleton(_TICKS[step], one.first, locale=language()))
    span, n = name_of(one.first, one.last, step), numbers.number(one.n)
    label = str(word("promises.reliability.bar", span=span, n=n))
    if one.kept is None:
        return Slot(None, one.n, one.said, tick, label)
    share = one.kept
    low, high = numbers.share(share.low), numbers.share(share.high)
    told = word(
        "promises.trend.point", span=span, kept=numbers.share(share.rate), low=low, high=high, n=n
    )
    point = Point(at, share.rate, share.low, share.high, tick, str(told))
    return Slot(point, one.n, one.said, tick, label)


def _labels(of: Trend) -> Labels:
    rates = [one.kept.rate for one in of.periods if one.kept]
    left_out = len(of.periods) - len(rates)
    desc = word(
        "promises.trend.desc",
        by=word(f"promises.trend.by_{of.step}"),
        n=numbers.number(len(rates)),
        low=numbers.share(min(rates)),
        high=numbers.share(max(rates)),
        last=numbers.share(rates[-1]),
        left_out=numbers.number(left_out),
    )
    return Labels("trend", word("promises.trend.title"), desc, str(word("promises.trend.n")))


def _lowest(of: Trend) -> float:
    """The lower end of the scale, a tenth: below every interval and everything said."""
    ends = [one.kept.low for one in of.periods if one.kept]
    said = [one.said for one in of.periods if one.said is not None]
    return min(int(min([*ends, *said]) * 10) / 10, 0.8)


def _marks(lowest: float) -> Sequence[tuple[float, str]]:
    """A line at each end of the scale, and in the middle."""
    return [(at, numbers.share(at)) for at in (lowest, (lowest + 1) / 2, 1.0)]
