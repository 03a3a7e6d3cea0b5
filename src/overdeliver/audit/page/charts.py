"""Pictures as SVG strings that need no script, no style attribute and no scaling.

Places across are percentages of the width and places down are pixels, so a picture fills its card
at any width while its letters keep their size. Colours are classes of style.css, hence light, dark
and print follow the page. Everything written into a picture goes through Markup: it is escaped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from markupsafe import Markup


@dataclass(frozen=True)
class Scale:
    """A straight line from values to places."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of `value`; values beyond the ends lie on the ends."""
        width = (self.high - self.low) or 1.0
        share = min(max((value - self.low) / width, 0.0), 1.0)
        return round(self.start + share * (self.end - self.start), 2)


@dataclass(frozen=True)
class Bar:
    """One bar of the outcome picture: its parts from the base up, as (kind, count).

    `tick` stands under its middle, `edge` under its left side; one of them is empty.
    """

    label: Markup
    tick: str
    edge: str
    parts: Sequence[tuple[str, int]]
    late: bool

    @property
    def total(self) -> int:
        """All promises in the bar."""
        return sum(count for _, count in self.parts)


@dataclass(frozen=True)
class Point:
    """A value with its interval at a place across; None where not enough is known."""

    at: float
    value: float
    low: float | None = None
    high: float | None = None
    tick: str = ""
    label: str = ""


@dataclass(frozen=True)
class Labels:
    """The words of a picture: its name, what it shows, the ends of its axis, its black line."""

    id: str
    title: Markup
    desc: Markup
    left: str = ""
    right: str = ""
    zero: str = ""


def frame(labels: Labels, height: int, body: Iterable[Markup], kind: str) -> Markup:
    """A picture with its text alternative."""
    return Markup(
        '<svg class="chart {kind}" width="100%" height="{height}" role="img" '
        'aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{title}</title>'
        '<desc id="{id}-d">{desc}</desc>{body}</svg>'
    ).format(
        kind=kind,
        height=height,
        id=labels.id,
        title=labels.title,
        desc=labels.desc,
        body=Markup("").join(body),
    )


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """A line; x in percent, y in pixels."""
    return Markup('<line class="{}" x1="{}%" y1="{}" x2="{}%" y2="{}"/>').format(
        kind, x1, y1, x2, y2
    )


def text(x: float, y: float, words: str, kind: str = "tick", anchor: str = "middle") -> Markup:
    """Words in a picture."""
    return Markup('<text class="{}" x="{}%" y="{}" text-anchor="{}">{}</text>').format(
        kind, x, y, anchor, words
    )


def dot(x: float, y: float, kind: str = "pt", radius: float = 4.5, label: str = "") -> Markup:
    """A dot, with its figure for those who point at it."""
    title = Markup("<title>{}</title>").format(label) if label else Markup("")
    return Markup('<circle class="{}" cx="{}%" cy="{}" r="{}">{}</circle>').format(
        kind, x, y, radius, title
    )


def outcomes(labels: Labels, bars: Sequence[Bar]) -> Markup:
    """How many promises ended how far from what was said; the black line is the promise."""
    top, base, height = 30, 190, 234
    most = max((bar.total for bar in bars), default=0)
    step = 100 / max(len(bars), 1)
    scale = Scale(0, most, 0, base - top)
    body = [line(0, base, 100, base, "axis")]
    for i, bar in enumerate(bars):
        body.append(_bar(bar, i * step + step * 0.08, step * 0.84, base, scale))
    zero = round(_zero(bars) * step, 2)
    body += _ticks([*_bar_ticks(bars, step)], base + 18, zero)
    body += [line(zero, 6, zero, base + 6, "zero"), _beside(zero, 18, labels.zero)]
    body += [
        text(0, base + 40, f"▼ {labels.left}", "tick broken", "start"),
        text(100, base + 40, f"{labels.right} ▲", "tick exceeded lower", "end"),
    ]
    return frame(labels, height, body, "outcomes")


def _bar_ticks(bars: Sequence[Bar], step: float) -> Iterable[tuple[float, str]]:
    for i, bar in enumerate(bars):
        if bar.edge:
            yield round(i * step, 2), bar.edge
        elif bar.tick:
            yield round(i * step + step / 2, 2), bar.tick


def _zero(bars: Sequence[Bar]) -> int:
    return sum(bar.late for bar in bars)


def _bar(bar: Bar, x: float, width: float, base: int, scale: Scale) -> Markup:
    parts, y = [], float(base)
    for kind, count in bar.parts:
        height = max(scale(count), 1.0) if count else 0.0
        y -= height
        parts.append(
            Markup('<rect class="bar {}" x="{}%" y="{}" width="{}%" height="{}"/>').format(
                kind, round(x, 2), round(y, 2), round(width, 2), round(height, 2)
            )
        )
    return Markup("<g><title>{}</title>{}</g>").format(bar.label, Markup("").join(parts))


def _beside(x: float, y: float, words: str, kind: str = "tick strong") -> Markup:
    """Words next to an upright line, on the side with more room."""
    anchor, dx = ("start", 6) if x <= 60 else ("end", -6)
    return Markup('<text class="{}" x="{}%" y="{}" dx="{}" text-anchor="{}">{}</text>').format(
        kind, x, y, dx, anchor, words
    )


def interval_row(scale: Scale, point: Point, mark: float | None, kind: str = "lvl") -> Markup:
    """The small picture in a row: bar = interval, dot = value, line = what it is held against."""
    body = []
    if mark is not None:
        body.append(line(scale(mark), 1, scale(mark), 19, kind))
    if point.low is not None and point.high is not None:
        body.append(line(scale(point.low), 10, scale(point.high), 10, "rng"))
    body.append(dot(scale(point.value), 10))
    return Markup('<svg class="ci" width="100%" height="20" aria-hidden="true">{}</svg>').format(
        Markup("").join(body)
    )


def share_row(share: float, kind: str) -> Markup:
    """A bar for a share of the largest."""
    return Markup(
        '<svg class="ci" width="100%" height="12" aria-hidden="true">'
        '<rect class="rail" x="0" y="3" width="100%" height="6" rx="3"/>'
        '<rect class="bar {}" x="0" y="3" width="{}%" height="6" rx="3"/></svg>'
    ).format(kind, round(max(min(share, 1.0), 0.0) * 100, 1))


def reach_row(middle: float, far: float, most: float) -> Markup:
    """A step of a journey: the dot is the middle case, the end of the bar the slow one."""
    scale = Scale(0, most, 2, 98)
    return Markup('<svg class="ci" width="100%" height="20" aria-hidden="true">{}{}</svg>').format(
        line(scale(0), 10, scale(far), 10, "rng"), dot(scale(middle), 10)
    )


def cliff(
    labels: Labels,
    points: Sequence[Point],
    marks: Sequence[tuple[float, str]],
    ticks: Sequence[tuple[float, str]],
    jump: float | None,
) -> Markup:
    """A score against the gap: black line the promise, broken line the jump."""
    top, base, height = 34, 230, 274
    x = _across(points)
    ends = [v for p in points for v in (p.value, p.low, p.high) if v is not None]
    room = (max(ends) - min(ends)) * 0.06 or 0.5
    y = Scale(min(ends) - room, max(ends) + room, base, top)
    body = [line(0, base, 100, base, "axis")]
    for value, words in marks:
        if y.low <= value <= y.high:
            body.append(line(5, y(value), 100, y(value), "grid"))
            body.append(text(0, y(value) + 4, words, "tick", "start"))
    body += [line(x(0), 22, x(0), base + 6, "zero"), _beside(x(0), 14, labels.zero)]
    if jump is not None:
        body.append(line(x(jump), 30, x(jump), base, "jump"))
    body += _path(points, x, y)
    body += _ticks([(x(at), words) for at, words in ticks], base + 18, x(0))
    body += [
        text(0, base + 40, f"▼ {labels.left}", "tick broken", "start"),
        text(100, base + 40, f"{labels.right} ▲", "tick exceeded lower", "end"),
    ]
    return frame(labels, height, body, "cliff")


def _across(points: Sequence[Point]) -> Scale:
    """Room for the axis words at the left; the promise is always in the picture."""
    low = min([0.0, *(p.at for p in points)])
    high = max([0.0, *(p.at for p in points)])
    return Scale(low, high, 9, 97)


def _path(points: Sequence[Point], x: Scale, y: Scale) -> list[Markup]:
    body = []
    for a, b in pairwise(points):
        body.append(line(x(a.at), y(a.value), x(b.at), y(b.value), "path"))
    for p in points:
        if p.low is not None and p.high is not None:
            body.append(line(x(p.at), y(p.low), x(p.at), y(p.high), "rng thin"))
        body.append(dot(x(p.at), y(p.value), label=p.label))
    return body


def _ticks(ticks: Sequence[tuple[float, str]], y: int, first: float) -> list[Markup]:
    """Words under an axis that keep their distance, chosen outwards from `first`.

    A letter takes about 0.75 % of a wide card and 2.3 % of one on a phone; what fits only the wide
    one gets a class that is hidden on the narrow.
    """
    wide = _spaced(ticks, 0.75, first)
    narrow = _spaced([ticks[i] for i in sorted(wide)], 2.3, first)
    kept = {sorted(wide)[i] for i in narrow}
    return [
        text(ticks[i][0], y, ticks[i][1], "tick" if i in kept else "tick wide")
        for i in sorted(wide)
    ]


def _spaced(ticks: Sequence[tuple[float, str]], letter: float, first: float) -> set[int]:
    """Indices of ticks that do not touch each other, nearest to `first` before the others."""
    chosen: set[int] = set()
    for i in sorted(range(len(ticks)), key=lambda i: abs(ticks[i][0] - first)):
        place, words = ticks[i]
        clear = all(
            abs(place - ticks[j][0]) >= letter * ((len(words) + len(ticks[j][1])) / 2 + 1.2)
            for j in chosen
        )
        if words and clear:
            chosen.add(i)
    return chosen


def months(
    labels: Labels,
    points: Sequence[Point],
    level: float | None,
    marks: Sequence[tuple[float, str]],
    lowest: float,
) -> Markup:
    """The share kept in each month; the line is what was said, `lowest` the least of all panels."""
    top, base, height = 12, 116, 146
    y = Scale(max(lowest - 0.03, 0.0), 1.0, base, top)
    x = Scale(0, max(len(points) - 1, 1), 14, 92)
    body = [line(0, base, 100, base, "axis")]
    for value, words in marks:
        if y.low <= value <= 1:
            body.append(line(9, y(value), 100, y(value), "grid"))
            body.append(text(0, y(value) + 4, words, "tick", "start"))
    if level is not None:
        body.append(line(9, y(level), 100, y(level), "lvl"))
    body += _path(points, x, y)
    body += _ticks([(x(p.at), p.tick) for p in points], base + 20, x(0))
    return frame(labels, height, body, "months")


@dataclass(frozen=True)
class Slot:
    """A stretch of time: its share kept, or none where it is not known; how many; what was said."""

    point: Point | None
    n: int
    said: float | None
    tick: str
    label: str


def trend(
    labels: Labels, slots: Sequence[Slot], marks: Sequence[tuple[float, str]], lowest: float
) -> Markup:
    """The share kept as time goes; a gap where it is not known; blocks: how many."""
    top, base, foot, height = 12, 156, 196, 222
    x, y = Scale(-0.5, len(slots) - 0.5, 9, 97), Scale(lowest, 1.0, base, top)
    body = [line(9, y(value), 100, y(value), "grid") for value, _ in marks]
    body += [text(0, y(value) + 4, words, "tick", "start") for value, words in marks]
    for at, slot in enumerate(slots):
        if slot.said is not None:
            body.append(line(x(at - 0.5), y(slot.said), x(at + 0.5), y(slot.said), "lvl"))
    for run in _runs(slots):
        body += _path(run, x, y)
    body += [
        line(9, foot, 100, foot, "axis"),
        *_blocks(slots, x, Scale(0, _most(slots), 0, 26), foot),
    ]
    body.append(text(0, foot - 4, labels.left, "tick wide", "start"))
    last = x(len(slots) - 1)
    body += _ticks([(x(at), slot.tick) for at, slot in enumerate(slots)], foot + 18, last)
    return frame(labels, height, body, "trend")


def _runs(slots: Sequence[Slot]) -> Iterable[list[Point]]:
    """The points that follow each other without a gap."""
    for known, group in groupby((slot.point for slot in slots), key=lambda one: one is not None):
        if known:
            yield [one for one in group if one is not None]


def _most(slots: Sequence[Slot]) -> int:
    return max((slot.n for slot in slots), default=0)


def _blocks(slots: Sequence[Slot], x: Scale, size: Scale, foot: float) -> Iterable[Markup]:
    """How many promises each stretch speaks of, as blocks on the lower axis."""
    for at, slot in enumerate(slots):
        height = max(size(slot.n), 1.0) if slot.n else 0.0
        yield Markup(
            '<rect class="rail" x="{}%" y="{}" width="{}%" height="{}"><title>{}</title></rect>'
        ).format(
            x(at - 0.4),
            round(foot - height, 2),
            round(x(at + 0.4) - x(at - 0.4), 2),
            height,
            slot.label,
        )
