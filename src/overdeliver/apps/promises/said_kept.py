"""Said and kept, group by group: the level promised against the share kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

from babel.dates import format_date, get_day_names
from django.urls import reverse
from markupsafe import Markup

from overdeliver.apps.business import reads as business
from overdeliver.apps.look.words import language, word
from overdeliver.apps.promises.early_late import unit_name
from overdeliver.apps.promises.kept import Kept
from overdeliver.audit.page.charts import Point, Scale, interval_row
from overdeliver.measure.intervals import Rate
from overdeliver.measure.reliability import GroupReliability, LevelKept

_MOST = 200
Judgement = Literal["as_promised", "too_little", "could_less", "not_said", "not_enough"]
#: What a flag against the level said means; without a flag it is as promised.
_JUDGEMENTS: dict[str | None, Judgement] = {
    "worse": "too_little",
    "better": "could_less",
    None: "as_promised",
}


@dataclass(frozen=True)
class Line:
    """One row of "said and kept"; ``url`` leads to its promises, empty where none can be named."""

    name: str
    url: str
    lever: str
    unit: str
    unit_name: str
    said: float | None
    kept: Rate | None
    n: int
    needed: int
    judgement: Judgement
    picture: Markup


def lines_of(found: Kept, by: str, query: Mapping[str, Any]) -> list[Line]:
    """One line for each group and level said, and for each group's promises that said none.

    Groups of time stand in their order, others by size. ``query`` is the list's filter of the
    whole page.
    """
    groups: list[LevelKept | GroupReliability] = [*found.levels, *found.groups]
    ranked = sorted(groups, key=lambda one: _rank(one, by))[:_MOST]
    names = {one.slug: one.name for one in business.services(active=False)}
    scale = _scale([one.kept for one in ranked])
    return [_line(one, by, query, names, scale) for one in ranked]


def _line(
    one: LevelKept | GroupReliability,
    by: str,
    query: Mapping[str, Any],
    names: Mapping[str, str],
    scale: Scale,
) -> Line:
    value, lever, unit = one.key[by], str(one.key["lever"]), str(one.key["unit"])
    said = one.said if isinstance(one, LevelKept) else None
    return Line(
        _name(by, value, names),
        "" if value is None else _link(by, value, {**query, "lever": lever, "unit": unit}, said),
        lever,
        unit,
        unit_name(unit),
        said,
        one.kept,
        one.n,
        one.needed,
        judgement_of(one, said),
        _interval(scale, one.kept, said),
    )


def judgement_of(one: LevelKept | GroupReliability, said: float | None) -> Judgement:
    """What is to be said of a group: too little kept, as promised, or more than was needed."""
    if not one.enough:
        return "not_enough"
    return "not_said" if said is None else _JUDGEMENTS[one.flag]


def _rank(one: LevelKept | GroupReliability, by: str) -> tuple[Any, ...]:
    value = one.key[by]
    if by in ("weekday", "month"):
        return (value is None, value if value is not None else 0, -one.n)
    return (-one.n, str(value))


def _link(by: str, value: Any, query: Mapping[str, Any], said: float | None) -> str:
    asked = {**query, "level": said or 0, "verdict": "settled"}
    if by == "month":
        last = (value + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        asked |= {"made_from": _later(value, query.get("made_from"))}
        asked |= {"made_to": _earlier(last, query.get("made_to"))}
    else:
        asked[by] = value
    shown = {key: one for key, one in asked.items() if one is not None}
    return f"{reverse('promises')}?{urlencode(shown)}"


def _later(first: date, other: date | None) -> date:
    return max(first, other) if other else first


def _earlier(last: date, other: date | None) -> date:
    return min(last, other) if other else last


def _name(by: str, value: Any, services: Mapping[str, str]) -> str:
    if value is None:
        return str(word("promises.reliability.no_name"))
    if by == "service":
        return services.get(str(value), str(value))
    if by == "weekday":
        name = get_day_names("wide", context="stand-alone", locale=language())[int(value) - 1]
        return str(name).capitalize()
    if by == "month":
        return str(format_date(value, "LLLL yyyy", locale=language())).capitalize()
    return str(value)


def _scale(rates: Sequence[Rate | None]) -> Scale:
    """One scale for all rows, down to the lowest interval, by tenths."""
    low = min((rate.low for rate in rates if rate), default=0.7)
    return Scale(min(0.7, int(low * 10) / 10), 1.0, 3, 97)


def _interval(scale: Scale, rate: Rate | None, said: float | None) -> Markup:
    if rate is None:
        return Markup("")
    return interval_row(scale, Point(0, rate.rate, rate.low, rate.high), said)
