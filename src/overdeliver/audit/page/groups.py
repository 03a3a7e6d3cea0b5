"""Reliability group by group."""

from collections.abc import Mapping, Sequence
from typing import Any

from overdeliver.audit.page.charts import Point, Scale, interval_row
from overdeliver.audit.page.names import group_head, group_name
from overdeliver.audit.page.tell import Tell

FLAGS = {"worse": ("broken", "▼"), "better": ("exceeded", "▲"), None: ("soft", "●")}


def tables(report: Mapping[str, Any], tell: Tell) -> list[dict[str, Any]]:
    """One table for each set of columns the promises were divided by."""
    scale = _scale(report)
    out = []
    for number, rows in enumerate(_by_columns(report["groups"]).values()):
        name = group_head(rows[0]["by"], tell)
        out.append(
            {
                "id": f"group-{number}",
                "name": name,
                "caption": tell.words("groups.caption", column=name),
                "low": tell.numbers.percent(scale.low),
                "high": tell.numbers.percent(1.0),
                "rows": [_row(g, report["kept"], scale, tell) for g in rows],
            }
        )
    return out


def _by_columns(groups: Sequence[Mapping[str, Any]]) -> dict[tuple[str, ...], list[Any]]:
    found: dict[tuple[str, ...], list[Any]] = {}
    for group in groups:
        found.setdefault(tuple(group["by"]), []).append(group)
    return found


def _scale(report: Mapping[str, Any]) -> Scale:
    """One scale for all tables, so that groups of different columns can be compared."""
    shown = [g["kept"]["low"] for g in report["groups"] if g["enough"] and g["kept"]]
    if report["kept"]:
        shown.append(report["kept"]["rate"])
    low = int(min(shown, default=0.0) * 10) / 10
    return Scale(low, 1.0, 3, 97)


def _row(
    group: Mapping[str, Any], overall: Mapping[str, Any] | None, scale: Scale, tell: Tell
) -> dict[str, Any]:
    kept, say = group["kept"], tell.words
    row: dict[str, Any] = {
        "name": group_name(group["by"], tell),
        "n": tell.numbers.count(_settled(group)),
        "gap": tell.signed(group["gap_mean"]),
        "kept": None,
    }
    if kept is None or not group["enough"]:
        have, need = tell.numbers.count(_settled(group)), tell.numbers.count(group["needed"])
        row |= {"kind": "unknown", "mark": "◌", "picture": "", "gap": "–"}
        row["word"] = say("groups.needed", count=group["needed"], have=have, need=need)
        return row
    kind, mark = FLAGS[group["flag"]]
    point = Point(0, kept["rate"], kept["low"], kept["high"])
    row |= {
        "kept": tell.numbers.percent(kept["rate"]),
        "interval": tell.numbers.percent_interval(kept["low"], kept["high"]),
        "picture": interval_row(scale, point, overall["rate"] if overall else None),
        "kind": kind,
        "mark": mark,
        "word": say(f"groups.{group['flag'] or 'same'}"),
    }
    return row


def _settled(group: Mapping[str, Any]) -> int:
    return int(group["broken"] + group["met"] + group["exceeded"])
