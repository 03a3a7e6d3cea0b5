"""One promise as a line of time: made, promised, promised anew, happened; black is the promise."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from overdeliver.apps.look import numbers
from overdeliver.apps.look.words import word
from overdeliver.apps.promises.cards import Row
from overdeliver.audit.page.charts import Labels, Scale, dot, frame, line, text

_ROW = 18  # every label has a line of its own, so that none covers another


def time_line(thread: Sequence[Row], now: datetime) -> Markup:
    """The picture of a thread of promises of time, the original first."""
    original, last = thread[0], thread[-1]
    end = _end(last, now)
    moments = [row.made_at for row in thread] + [row.due_at for row in thread if row.due_at]
    moments += [end] if end else []
    scale = Scale(min(moments).timestamp(), max(moments).timestamp(), 3, 97)
    dues = [row for row in thread if row.due_at]
    axis = _ROW * len(dues) + 14
    body = [line(3, axis, 97, axis, "axis")]
    for place, row in enumerate(dues):
        body += _due(scale, row, place, axis, row is last)
    body.append(dot(scale(original.made_at.timestamp()), axis, "pt", 4))
    body.append(_label(scale, original.made_at, axis + 24, word("promises.line.made")))
    if end:
        body.append(dot(scale(end.timestamp()), axis, f"pt {last.verdict}", 6))
        key = "happened" if last.settled_at else "now"
        body.append(_label(scale, end, axis + 24 + _ROW, word(f"promises.line.{key}")))
    labels = Labels(
        "line", word("promises.line.title"), word("promises.line.desc", order=original.order)
    )
    return frame(labels, axis + 34 + _ROW, body, "line")


def _end(last: Row, now: datetime) -> datetime | None:
    """When it was settled; else now, as long as that can still matter."""
    if last.settled_at or last.verdict not in ("open", "broken"):
        return last.settled_at
    return now


def _due(scale: Scale, row: Row, place: int, axis: float, in_force: bool) -> list[Markup]:
    assert row.due_at is not None
    at, top = scale(row.due_at.timestamp()), _ROW * (place + 1) - 6
    key = "promise" if in_force else "first_promise"
    kind = "zero" if in_force else "path"
    return [
        line(at, top + 4, at, axis + 6, kind),
        _label(scale, row.due_at, top, word(f"promises.line.{key}")),
    ]


def _label(scale: Scale, at: datetime, y: float, what: str) -> Markup:
    place = scale(at.timestamp())
    anchor = "start" if place < 35 else "end" if place > 65 else "middle"
    return text(place, y, f"{what} · {numbers.moment(at)}", "tick", anchor)
