"""The score against the gap: how much of a miss customers forgive."""

from collections.abc import Mapping, Sequence
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
    rows = [b for b in curve or () if b["score_mean"] is not None]
    view["sentences"] = _sentences(rows, jump, tell)
    if len(rows) > 1:
        at = jump.get("at") if jump else None
        view["chart"] = _chart(rows, at, tell)
        view["rows"] = [_row(b, tell) for b in rows]
        view["lowest"] = any(b["lowest_share"] is not None for b in rows)
        view["repeat"] = any(b["repeat_rate"] is not None for b in rows)
    return view


def _sentences(curve: Any, jump: Mapping[str, Any] | None, tell: Tell) -> list[Markup]:
    say = tell.words
    if jump is None:
        return [say("cliff.no_jump" if curve else "cliff.no_score")]
    if "not_enough" in jump:
        return [
            Markup("{}: {}").format(
                say("page.not_enough"), tell.said("reason", jump, jump["not_enough"])
            )
        ]
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


def _chart(rows: Sequence[Mapping[str, Any]], at: float | None, tell: Tell) -> Markup:
    widths = sorted(
        b["gap_high"] - b["gap_low"]
        for b in rows
        if b["gap_low"] is not None and b["gap_high"] is not None
    )
    width = widths[len(widths) // 2] if widths else 1.0
    points = [_point(b, _middle(b, width, tell), tell) for b in rows]
    if tell.granularity == "day":
        ticks = [(p.at, p.tick) for p in points]
    else:
        edges = [b["gap_low"] for b in rows if b["gap_low"] is not None]
        ticks = [(edge, tell.numbers.decimal(abs(edge))) for edge in edges]
    return cliff(_labels(rows, tell), points, _marks(rows, tell), ticks, at)


def _point(b: Mapping[str, Any], at: float, tell: Tell) -> Point:
    score = tell.numbers.decimal(b["score_mean"], 2)
    label = Markup("{}: {}").format(tell.span(b["gap_low"], b["gap_high"]), score)
    return Point(at, b["score_mean"], b["low"], b["high"], tick(*_edges(b), tell), str(label))


def _edges(b: Mapping[str, Any]) -> tuple[float | None, float | None]:
    return b["gap_low"], b["gap_high"]


def _marks(rows: Sequence[Mapping[str, Any]], tell: Tell) -> list[tuple[float, str]]:
    """Whole or half points of the score, at most six."""
    values = [v for b in rows for v in (b["score_mean"], b["low"], b["high"]) if v is not None]
    low, high = min(values), max(values)
    size = next((s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if (high - low) / s <= 5), 100)
    first = -int(-low // size) if low >= 0 else int(low // size)
    ticks = [round((first + i) * size, 2) for i in range(8)]
    return [(t, tell.numbers.decimal(t)) for t in ticks]


def _labels(rows: Sequence[Mapping[str, Any]], tell: Tell) -> Labels:
    say, first, last = tell.words, rows[0], rows[-1]
    desc = say(
        "cliff.desc",
        first=tell.numbers.decimal(first["score_mean"], 2),
        first_at=tell.span(first["gap_low"], first["gap_high"]),
        last=tell.numbers.decimal(last["score_mean"], 2),
        last_at=tell.span(last["gap_low"], last["gap_high"]),
    )
    return Labels(
        "cliff-chart",
        say("cliff.chart"),
        desc,
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
        "score": tell.numbers.decimal(b["score_mean"], 2),
        "interval": "–" if low is None or high is None else tell.numbers.interval(low, high, 2),
        "lowest": "–" if b["lowest_share"] is None else share(b["lowest_share"], 1),
        "repeat": "–" if b["repeat_rate"] is None else share(b["repeat_rate"], 1),
    }
