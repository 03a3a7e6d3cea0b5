"""The outcome picture: how far from the promise things ended."""

from collections.abc import Mapping
from typing import Any

from overdeliver.audit.page.charts import Bar, Labels, outcomes
from overdeliver.audit.page.headline import settled
from overdeliver.audit.page.tell import Tell

MARKS = {"broken": "▼", "met": "●", "exceeded": "▲", "open": "○", "unknown": "◌"}
"""The shape of each outcome; never colour alone."""


def legend(report: Mapping[str, Any], tell: Tell) -> list[dict[str, Any]]:
    """Every outcome with its shape, word and count."""
    return [
        {
            "kind": kind,
            "mark": mark,
            "word": tell.words(f"outcome.{kind}"),
            "count": tell.numbers.count(report["outcomes"][kind]),
        }
        for kind, mark in MARKS.items()
    ]


def picture(report: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """The picture, its words and its table."""
    say, bins = tell.words, report["distribution"]
    n = settled(report["outcomes"])
    view: dict[str, Any] = {
        "heading": say(f"picture.heading_{tell.lever}"),
        "sub": say("picture.settled", count=n, n=tell.numbers.count(n)),
        "chart": None,
        "rows": [],
    }
    total = sum(b["n"] for b in bins)
    if not total:
        return view
    left = report["outcomes"]["met"]
    bars = []
    for b in bins:
        bar, left = _bar(b, left, tell)
        bars.append(bar)
    view["chart"] = outcomes(_labels(report, total, tell), bars)
    view["rows"] = [
        {
            "span": tell.span(b["gap_low"], b["gap_high"]),
            "n": tell.numbers.count(b["n"]),
            "share": tell.numbers.percent(b["n"] / total, 1),
        }
        for b in bins
    ]
    return view


def _labels(report: Mapping[str, Any], total: int, tell: Tell) -> Labels:
    say, out = tell.words, report["outcomes"]
    mode = max(report["distribution"], key=lambda b: b["n"])
    desc = say(
        "picture.desc",
        count=total,
        broken=tell.numbers.count(out["broken"]),
        n=tell.numbers.count(settled(out)),
        mode=tell.span(mode["gap_low"], mode["gap_high"]),
        modal=tell.numbers.count(mode["n"]),
    )
    unit = tell.unit_name
    return Labels(
        "outcomes",
        say("picture.chart"),
        desc,
        say(f"axis.{tell.lever}.late", unit=unit),
        say(f"axis.{tell.lever}.early", unit=unit),
        tell.zero,
    )


def _bar(b: Mapping[str, Any], met_left: int, tell: Tell) -> tuple[Bar, int]:
    """A bar in the colours of its outcomes; what is met lies next to the promise."""
    low, high, n = b["gap_low"], b["gap_high"], int(b["n"])
    late = low is None or low < 0
    label = tell.words("picture.bar", span=tell.span(low, high), n=tell.numbers.count(n))
    met = 0 if late or low > tell.tolerance else min(n, met_left)
    parts = [("broken", n)] if late else [("met", met), ("exceeded", n - met)]
    whole = tell.granularity == "day" or low == high
    edge = "" if whole or low is None else tell.numbers.decimal(abs(low))
    return Bar(label, tick(low, high, tell) if whole else "", edge, parts, late), met_left - met


def tick(low: float | None, high: float | None, tell: Tell) -> str:
    """The number under whole days, without its sign: the side of the black line says which way."""
    say = tell.numbers.decimal
    if low is None or high is None:
        return open_tick(low, high, tell)
    near, far = sorted(abs(end) for end in tell.ends(low, high))
    return say(near) if near == far else f"{say(near)}\N{EN DASH}{say(far)}"


def open_tick(low: float | None, high: float | None, tell: Tell) -> str:
    """The number under a bar without an end: 13+ days late, 26+ days early."""
    edge = abs(next((v for v in (low, high) if v is not None), 0.0))
    if low is None and tell.granularity == "day":
        edge += 1  # the bin below -12 begins with 13 days late
    elif low is None:
        return f">{tell.numbers.decimal(edge)}"
    return f"{tell.numbers.decimal(edge)}+"
