"""The score against the gap: how much of a miss customers forgive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any

from markupsafe import Markup

from overdeliver.audit.page.charts import Labels, Point, cliff
from overdeliver.audit.page.outcomes import tick
from overdeliver.audit.page.tell import UNITS, Tell


def section(report: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """The curve, the jump in a sentence, the table; or what is missing."""
    say, curve, jump = tell.words, report["curve"], report["cliff"]
    view: dict[str, Any] = {"heading": say(f"cliff.heading_{tell.lever}"), "chart": None}
    scored = [b for b in curve or () if b["score_mean"] is not None]
    again = [b for b in curve or () if b["repeat_rate"] is not None]
    view["sentences"] = _sentences(scored, jump, tell)
    if len(scored) > 1:
        at = jump.get("at") if jump else None
        view |= {"key": say("cliff.key"), "title": say("cliff.chart"), "score": True}
        view["chart"] = _chart([_scored(b, tell) for b in scored], _labels(scored, tell), at, tell)
        view |= _columns(scored, tell)
    elif len(again) > 1:
        view |= {"key": say("cliff.repeat_key"), "title": say("cliff.repeat_chart"), "score": False}
        view["chart"] = _chart([_again(b, tell) for b in again], _labels(again, tell), None, tell)
        view |= _columns(again, tell)
    return view


def _columns(bins: Sequence[Mapping[str, Any]], tell: Tell) -> dict[str, Any]:
    """The table under the chart, with the columns that hold anything."""
    return {
        "rows": [_row(b, tell) for b in bins],
        "lowest": any(b["lowest_share"] is not None for b in bins),
        "repeat": any(b["repeat_rate"] is not None for b in bins),
    }


def _sentences(curve: Any, jump: Mapping[str, Any] | None, tell: Tell) -> list[Markup]:
    say = tell.words
    if jump is None:
        return [say("cliff.no_jump" if curve else "cliff.no_score")]
    if "not_enough" in jump:
        return [tell.refusal(jump)]
    size = tell.numbers.decimal(abs(jump["size"]), 2)
    bounds = sorted(abs(v) for v in (jump["low"], jump["high"]) if v is not None)
    shown = tell.numbers.interval(bounds[0], bounds[1], 2) if len(bounds) == 2 else ""
    said = [
        Markup("<strong>{}</strong>").format(
            say("cliff.jump", size=size, interval=shown, at=_place(jump["at"], tell))
        )
    ]
    said.append(say(f"cliff.jump_{_side(jump['at'], tell)}"))
    return said + _slopes(jump, tell)


def _side(at: float, tell: Tell) -> str:
    """On which side of the promise the jump lies; half a day is at the promise itself."""
    if abs(at) <= (0.5 if tell.granularity == "day" else 0.05):
        return "zero"
    return "not_zero" if at < 0 else "early"


def _place(at: float, tell: Tell) -> Markup:
    """Where the jump lies; whole days have it between two of them."""
    if tell.granularity != "day" or at == round(at):
        return tell.gap(at)
    near, far = sorted((abs(at) - 0.5, abs(at) + 0.5))
    if near == 0:
        return tell.gap(far if at > 0 else -far)
    return tell.between("gap.between", near, far, "late" if at < 0 else "early")


def _slopes(jump: Mapping[str, Any], tell: Tell) -> list[Markup]:
    """What one more unit does on either side; slopes are points per unit of gap."""
    say, said = tell.words, []
    for side in ("late", "early"):
        slope = jump[f"slope_{side}"]
        if slope is None:
            continue
        step = _step(jump["at"], tell)
        flat = round(slope * step, 2) <= 0
        key = f"cliff.slope_{side}{'_flat' if flat else ''}"
        shown = tell.numbers.decimal(slope * step, 2)
        said.append(say(key, slope=shown, unit=_one(step, tell)))
    return said


def _step(at: float, tell: Tell) -> float:
    """By how much a slope is said: one day, but a round sum of about the size of the jump."""
    if tell.unit in UNITS or abs(at) < 10:
        return 1.0
    return float(10 ** floor(log10(abs(at))))


def _one(step: float, tell: Tell) -> Markup:
    key = f"one.{tell.unit}"
    return tell.words(key) if key in tell.words else tell.amount(step)


def _middle(b: Mapping[str, Any], width: float, tell: Tell) -> float:
    """Where a bin is drawn; an open one lies half a usual bin beyond its edge."""
    low, high = b["gap_low"], b["gap_high"]
    if low is None:
        return float(high) - width / 2
    if high is None:
        return float(low) + width / 2
    first, last = tell.ends(low, high)
    return (float(first) + float(last)) / 2


@dataclass(frozen=True)
class _Seen:
    """What one bin of gaps shows: a mean score or a share, with its words."""

    bin: Mapping[str, Any]
    value: float
    low: float | None
    high: float | None
    said: str


def _scored(b: Mapping[str, Any], tell: Tell) -> _Seen:
    score = tell.numbers.decimal(b["score_mean"], 2)
    return _Seen(b, b["score_mean"], b["low"], b["high"], score)


def _again(b: Mapping[str, Any], tell: Tell) -> _Seen:
    """The share who bought again; the report holds no interval for it."""
    return _Seen(b, b["repeat_rate"], None, None, tell.numbers.percent(b["repeat_rate"], 1))


def _chart(seen: Sequence[_Seen], labels: Labels, at: float | None, tell: Tell) -> Markup:
    bins = [one.bin for one in seen]
    widths = sorted(
        b["gap_high"] - b["gap_low"]
        for b in bins
        if b["gap_low"] is not None and b["gap_high"] is not None
    )
    width = widths[len(widths) // 2] if widths else 1.0
    points = [_point(one, _middle(one.bin, width, tell), tell) for one in seen]
    if tell.granularity == "day":
        ticks = [(p.at, p.tick) for p in points]
    else:
        edges = [b["gap_low"] for b in bins if b["gap_low"] is not None]
        ticks = [(edge, tell.numbers.decimal(abs(edge))) for edge in edges]
    return cliff(labels, points, _marks(seen, tell), ticks, at)


def _point(one: _Seen, at: float, tell: Tell) -> Point:
    low, high = one.bin["gap_low"], one.bin["gap_high"]
    label = Markup("{}: {}").format(tell.span(low, high), one.said)
    return Point(at, one.value, one.low, one.high, tick(low, high, tell), str(label))


def _marks(seen: Sequence[_Seen], tell: Tell) -> list[tuple[float, str]]:
    """Round steps of the score or the share, at most six."""
    values = [v for one in seen for v in (one.value, one.low, one.high) if v is not None]
    low, high = min(values), max(values)
    steps = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
    size = next((s for s in steps if (high - low) / s <= 5), 100)
    first = -int(-low // size) if low >= 0 else int(low // size)
    ticks = [round((first + i) * size, 4) for i in range(8)]
    if seen[0].bin["score_mean"] is None:
        return [(t, tell.numbers.percent(t)) for t in ticks if 0 <= t <= 1]
    return [(t, tell.numbers.decimal(t, 2 if size < 0.1 else None)) for t in ticks]


def _labels(rows: Sequence[Mapping[str, Any]], tell: Tell) -> Labels:
    say, first, last = tell.words, rows[0], rows[-1]
    scored = first["score_mean"] is not None
    ends: dict[str, Any] = {
        "first_at": tell.span(first["gap_low"], first["gap_high"]),
        "last_at": tell.span(last["gap_low"], last["gap_high"]),
    }
    if scored:
        ends |= {
            "first": tell.numbers.decimal(first["score_mean"], 2),
            "last": tell.numbers.decimal(last["score_mean"], 2),
        }
    else:
        ends |= {
            "first": tell.numbers.percent(first["repeat_rate"], 1),
            "last": tell.numbers.percent(last["repeat_rate"], 1),
        }
    return Labels(
        "cliff-chart",
        say("cliff.chart" if scored else "cliff.repeat_chart"),
        say("cliff.desc", **ends) if scored else say("cliff.repeat_desc", **ends),
        say(f"axis.{tell.lever}.late", unit=tell.unit_name),
        say(f"axis.{tell.lever}.early", unit=tell.unit_name),
        tell.zero,
    )


def _row(b: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    low, high = b["low"], b["high"]
    share = tell.numbers.percent
    return {
        "span": tell.span(b["gap_low"], b["gap_high"]),
        "n": tell.numbers.count(b["n"]),
        "score": "–" if b["score_mean"] is None else tell.numbers.decimal(b["score_mean"], 2),
        "interval": "–" if low is None or high is None else tell.numbers.interval(low, high, 2),
        "lowest": "–" if b["lowest_share"] is None else share(b["lowest_share"], 1),
        "repeat": "–" if b["repeat_rate"] is None else share(b["repeat_rate"], 1),
    }
