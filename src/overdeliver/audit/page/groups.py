"""Reliability group by group, and what to fix first."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from overdeliver.audit.page.charts import Point, Scale, interval_row, share_row
from overdeliver.audit.page.tell import Tell, group_head, group_name

FLAGS = {"worse": ("broken", "▼"), "better": ("exceeded", "▲"), None: ("soft", "●")}
FIRST = 5
"""How many groups the list of what to fix first names."""


def tables(report: Mapping[str, Any], tell: Tell) -> list[dict[str, Any]]:
    """One table for each set of columns the promises were divided by."""
    scale = _scale(report)
    out = []
    for number, rows in enumerate(_by_columns(report["groups"]).values()):
        name = group_head(rows[0]["by"])
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
        "name": group_name(group["by"]),
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


def fix(report: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """The groups that cost most, each with what happened there in a sentence."""
    ranked = [g for g in report["groups"] if g["enough"] and (g["cost"] or 0) > 0 and g["broken"]]
    ranked.sort(key=lambda g: -float(g["cost"]))
    most = ranked[0]["cost"] if ranked else 1
    kept, broken = report["kept"], report["outcomes"]["broken"]
    return {
        "items": [_item(g, most, report, tell) for g in ranked[:FIRST]],
        "weight": _weight(report["asymmetry"], tell) if ranked else None,
        "none": tell.words("fix.nothing_broken" if kept and not broken else "fix.none"),
    }


def _item(
    group: Mapping[str, Any], most: float, report: Mapping[str, Any], tell: Tell
) -> dict[str, Any]:
    say = tell.words
    n = _settled(group)
    missed = group["cost"] / (report["asymmetry"]["weight"] or 1)
    return {
        "name": group_name(group["by"]),
        "column": group_head(group["by"]),
        "cost": tell.numbers.count(group["cost"]),
        "bar": share_row(group["cost"] / most, "broken"),
        "sentence": say(
            "fix.sentence",
            count=n,
            broken=tell.numbers.count(group["broken"]),
            n=tell.numbers.count(n),
            missed=tell.gap(-missed),
        ),
        "share": say(
            "fix.share",
            share=tell.numbers.percent(group["broken"] / max(report["outcomes"]["broken"], 1)),
        ),
    }


def _weight(asymmetry: Mapping[str, Any], tell: Tell) -> Markup:
    say, weight = tell.words, tell.numbers.decimal(asymmetry["weight"], 2)
    cost = say("fix.cost_is", unit=tell.unit_name, weight=weight)
    if asymmetry["from"] != "scores":
        return Markup("{} {}").format(cost, say("fix.weight_prior"))
    low, high, n = asymmetry["low"], asymmetry["high"], asymmetry["n"]
    shown: str | Markup = ""
    if low is not None and high is not None:
        shown = tell.numbers.interval(low, high, 2)
    elif low is not None:
        shown = say("fix.at_least", low=tell.numbers.decimal(low, 2))
    measured = say("fix.weight_scores", count=n, n=tell.numbers.count(n), interval=shown)
    return Markup("{} {}").format(cost, measured)
