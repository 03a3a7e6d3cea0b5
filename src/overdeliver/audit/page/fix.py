"""What to fix first: the groups whose broken promises cost more than as many cost elsewhere."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from overdeliver.audit.page.charts import share_row
from overdeliver.audit.page.names import group_head, group_name, is_month
from overdeliver.audit.page.tell import Tell

FIRST = 5
"""How many groups the list names."""
NEAR = 0.05
"""A group that keeps so little less than all together is not worth a sentence."""


def behind(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Groups that fall behind and cost more than the average; those flagged as worse first.

    Not flagged counts only where the whole interval lies below the rate of all together. Months
    are left out: they are over.
    """
    overall = report["kept"]
    if overall is None:
        return []
    found = [g for g in report["groups"] if _behind(g, overall["rate"]) and (excess(g) or 0) > 0]
    return sorted(found, key=lambda g: (g["flag"] != "worse", -float(excess(g) or 0)))


def excess(group: Mapping[str, Any]) -> float | None:
    """The cost beyond the average's; a report of before this figure has the cost alone."""
    value: float | None = group.get("excess", group["cost"])
    return value


def _behind(group: Mapping[str, Any], overall: float) -> bool:
    kept = group["kept"]
    if kept is None or not group["enough"] or not group["broken"] or is_month(group["by"]):
        return False
    sure = group["flag"] == "worse" or kept["high"] < overall
    # Where nearly all is kept five points are a lot: a quarter more broken promises is enough.
    return bool(sure and kept["rate"] <= overall - min(NEAR, (1 - overall) / 4))


def fix(report: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """The groups that cost most, each with what happened there in a sentence."""
    ranked = behind(report)[:FIRST]
    most = max((float(excess(g) or 0) for g in ranked), default=1.0)
    return {
        "items": [_item(g, most, report, tell) for g in ranked],
        "weight": _weight(report["asymmetry"], tell) if ranked else None,
        "none": None if ranked else tell.words(f"fix.{_why_none(report)}"),
    }


def _why_none(report: Mapping[str, Any]) -> str:
    if report["kept"] and not report["outcomes"]["broken"]:
        return "nothing_broken"
    judged = any(g["enough"] and (g["cost"] or 0) > 0 for g in report["groups"])
    return "even" if judged else "none"


def _item(
    group: Mapping[str, Any], most: float, report: Mapping[str, Any], tell: Tell
) -> dict[str, Any]:
    say, numbers = tell.words, tell.numbers
    n = int(group["broken"] + group["met"] + group["exceeded"])
    beyond, broken = float(excess(group) or 0), report["outcomes"]["broken"]
    return {
        "name": group_name(group["by"], tell),
        "column": group_head(group["by"], tell),
        "cost": numbers.decimal(beyond),
        "bar": share_row(beyond / most, "broken"),
        "sentence": say(
            "fix.sentence",
            count=n,
            broken=numbers.count(group["broken"]),
            n=numbers.count(n),
            missed=tell.gap(-group["cost"] / (report["asymmetry"]["weight"] or 1)),
        ),
        "share": say("fix.share", share=numbers.percent(group["broken"] / max(broken, 1))),
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
