"""The picture of how early and how late promises were kept; the black line is the promise."""

from collections.abc import Sequence

from markupsafe import Markup

from overdeliver.apps.look import numbers
from overdeliver.apps.look.words import word
from overdeliver.apps.promises.kept import Kept, Kind
from overdeliver.audit.page.charts import Bar, Labels, outcomes
from overdeliver.audit.page.numbers import is_currency
from overdeliver.measure.distribution import GapBin

_MANY = 16


def picture(found: Kept) -> Markup:
    """The histogram of gaps of the kind chosen; empty where nothing is settled."""
    kind, total = found.kind, found.of_kind
    if kind is None or total is None or not found.bins:
        return Markup("")
    bars, met = [], total.met
    for one in found.bins:
        bar, met = _bar(one, kind, met)
        bars.append(bar)
    labels = Labels(
        "early-late",
        word("promises.reliability.picture"),
        word(
            "promises.reliability.picture_desc",
            n=numbers.number(total.n),
            broken=numbers.number(total.broken),
        ),
        _side("late", kind),
        _side("early", kind),
        str(word(f"promises.reliability.zero_{kind.lever}")),
    )
    return outcomes(labels, _thinned(bars))


def span_words(one: GapBin, unit: str) -> str:
    """From where to where a bar reaches, in its unit: ``2 to 3 days``."""
    low, high = one.gap_low, one.gap_high
    if low is None:
        return str(word("promises.reliability.below", n=numbers.number(high), unit=unit_name(unit)))
    if high is None:
        return str(word("promises.reliability.above", n=numbers.number(low), unit=unit_name(unit)))
    near, far = numbers.number(low), numbers.number(high)
    return str(word("promises.reliability.between", unit=unit_name(unit), low=near, high=far))


def unit_name(unit: str) -> str:
    """The name of a unit of time, or the currency's code."""
    return unit if is_currency(unit) else str(word(f"look.unit_name.{unit}"))


def _side(side: str, kind: Kind) -> str:
    return str(word(f"promises.reliability.{side}_{kind.lever}", unit=unit_name(kind.unit)))


def _bar(one: GapBin, kind: Kind, met: int) -> tuple[Bar, int]:
    """A bar, and how many met promises are left: they lie next to the line, within tolerance."""
    late = one.gap_low is None or one.gap_low < 0
    here = 0 if late else min(one.n, met)
    parts = [("broken", one.n)] if late else [("met", here), ("exceeded", one.n - here)]
    tick = _tick(one)
    label = word(
        "promises.reliability.bar", span=span_words(one, kind.unit), n=numbers.number(one.n)
    )
    return Bar(label, tick, "", parts, late), met - here


def _tick(one: GapBin) -> str:
    """How far a bar is from the line: ``>2`` beyond the late ones shown, ``4+`` the early."""
    if one.gap_low is None:
        return f">{numbers.number(abs(one.gap_high or 0))}"
    return numbers.number(abs(one.gap_low)) + ("+" if one.gap_high is None else "")


def _thinned(bars: Sequence[Bar]) -> list[Bar]:
    """Every second tick where there are many, counted from the line."""
    if len(bars) <= _MANY:
        return list(bars)
    zero = sum(bar.late for bar in bars)
    return [
        bar
        if (place - zero) % 2 == 0 or place in (0, len(bars) - 1)
        else Bar(bar.label, "", "", bar.parts, bar.late)
        for place, bar in enumerate(bars)
    ]
