"""One promise as a line of time: made, due, revised, happened; the black line is the promise."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from overdeliver.apps.look import numbers
from overdeliver.apps.look.words import word
from overdeliver.apps.promises.reads import Row
from overdeliver.audit.page.charts import Labels, Scale, dot, frame, line, text

_KINDS = {"broken": "▼", "met": "●", "exceeded": "▲", "open": "○", "unknown": "◌"}


def time_line(thread: Sequence[Row], now: datetime) -> Markup:
    """The picture of a thread of promises, the original first."""
    original, last = thread[0], thread[-1]
    end = last.settled_at or (now if last.verdict in ("open", "broken") else None)
    moments = [row.made_at for row in thread] + [row.due_at for row in thread if row.due_at]
    moments += [end] if end else []
    first, final = min(moments).timestamp(), max(moments).timestamp()
    scale = Scale(first, final, 4, 92)
    y, body = 52, []
    body.append(line(scale(first), y, scale(final), y, "axis"))
    body.append(dot(scale(original.made_at.timestamp()), y, "pt", 4))
    body.append(_label(scale, original.made_at, y + 22, word("promises.line.made")))
    for row in thread:
        if row.due_at is None:
            continue
        at = scale(row.due_at.timestamp())
        superseded = row is not last
        body.append(line(at, 18, at, y + 8, "grid" if superseded else "zero"))
        key = "first_promise" if superseded else "promise"
        body.append(_label(scale, row.due_at, 12, word(f"promises.line.{key}")))
    if end:
        body.append(dot(scale(end.timestamp()), y, f"pt {last.verdict}", 6))
        key = "happened" if last.settled_at else "now"
        body.append(_label(scale, end, y + 40, word(f"promises.line.{key}")))
    labels = Labels(
        "line", word("promises.line.title"), word("promises.line.desc", order=original.order)
    )
    return frame(labels, 104, body, "line")


def _label(scale: Scale, at: datetime, y: float, what: str) -> Markup:
    place = scale(at.timestamp())
    anchor = "start" if place < 30 else "end" if place > 70 else "middle"
    return text(place, y, f"{what} · {numbers.moment(at)}", "tick", anchor)
