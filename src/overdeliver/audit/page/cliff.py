"""The score against the gap: how much of a miss customers forgive."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from overdeliver.audit.page.charts import Labels, Point, cliff
from overdeliver.audit.page.tell import Tell


def section(report: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """The curve, the jump in a sentence, the table; or what is missing."""
    say, curve, jump = tell.words, report["curve"], report["cliff"]
    view: dict[str, Any] = {"heading": say(f"cliff.heading_{tell.lever}"), "chart": None}
    view["sentences"] = _sentences(curve, jump, tell)
    rows = [b for b in curve or () if b["score_mean"] is not None]
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
            say("cliff.jump", size=size, interval=shown, at=tell.gap(jump["at"]))
        )
    ]
    said.append(say("cliff.jump_zero" if abs(jump["at"]) < 0.05 else "cliff.jump_not_zero"))
    return said + _slopes(jump, tell)


def _slopes(jump: Mapping[str, Any], tell: Tell) -> list[Markup]:
    """What one more unit does on either side; slopes are points per unit of gap."""
    say, said = tell.words, []
    for side in ("late", "early"):
        slope = jump[f"slope_{side}"]
        if slope is None:
            continue
        flat = round(slope, 2) <= 0
        values = {"slope": tell.numbers.decimal(slope, 2), "unit": _one(tell)}
        said.append(say(f"cliff.slope_{side}{'_flat' if flat else ''}", **values))
    return said


def _one(tell: Tell) -> Markup:
    key = f"one.{tell.unit}"
    return tell.words(key) if key in tell.words else tell.amount(1)


def _middle(b: Mapping[str, Any], width: float) -> float:
    """Where a bin is drawn; an open one lies half a usual bin beyond its edge."""
    low, high = b["gap_low"], b["gap_high"]
    if low is None:
        return float(high) - width / 2
    if high is None:
        return float(low) + width / 2
    return (float(low) + float(high)) / 2


def _chart(rows: Sequence[Mapping[str, Any]], at: float | None, tell: Tell) -> Markup:
    widths = sorted(
        b["gap_high"] - b["gap_low"]
        for b in rows
        if b["gap_low"] is not None and b["gap_high"] is not None
    )
    width = widths[len(widths) // 2] if widths else 1.0
    points = [_point(b, _middle(b, width), tell) for b in rows]
    return cliff(_labels(rows, tell), points, _marks(rows, tell), at)


def _point(b: Mapping[str, Any], at: float, tell: Tell) -> Point:
    score = tell.numbers.decimal(b["score_mean"], 2)
    label = Markup("{}: {}").format(tell.span(b["gap_low"], b["gap_high"]), score)
    open_end = b["gap_low"] is None or b["gap_high"] is None
    edge = next(v for v in (b["gap_low"], b["gap_high"]) if v is not None)
    tick = tell.numbers.decimal(abs(edge if open_end else at)) + ("+" if open_end else "")
    return Point(at, b["score_mean"], b["low"], b["high"], tick, str(label))


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
        Markup("{}, {}").format(say(f"axis.{tell.lever}.late"), tell.unit_name),
        Markup("{}, {}").format(say(f"axis.{tell.lever}.early"), tell.unit_name),
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
