"""The published shape of the audit's JSON, and the sums that must come out in it.

The shape is JSON Schema 2020-12 (`audit.schema.json`, shipped with the package and shown in the
docs); any validator can use it. What a shape cannot say, such as that rows read are rows used plus
rows rejected, `contradictions` does.
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

NAME = "overdeliver.audit/1"
SETTLED = ("broken", "met", "exceeded")


@lru_cache
def schema() -> dict[str, Any]:
    """The JSON Schema of the report.

    >>> schema()["properties"]["schema"]["const"]
    'overdeliver.audit/1'
    """
    text = (files("overdeliver.audit") / "audit.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def contradictions(report: Mapping[str, Any]) -> list[str]:
    """What cannot all be true in one report, a sentence each; empty for a sound one."""
    return [*_rows(report), *_outcomes(report), *_intervals(report), *_bins(report)]


def _rows(report: Mapping[str, Any]) -> Iterator[str]:
    rows = report["rows"]
    if rows["read"] != rows["used"] + rows["rejected"]:
        yield f"rows: {rows['read']} read, but {rows['used']} used and {rows['rejected']} rejected"


def _outcomes(report: Mapping[str, Any]) -> Iterator[str]:
    out, kept = report["outcomes"], report["kept"]
    settled = sum(out[kind] for kind in SETTLED)
    if (kept is None) != (settled == 0):
        yield f"kept: {settled} settled promises, but kept is {kept}"
    elif kept is not None and abs(kept["rate"] - (settled - out["broken"]) / settled) > 1e-3:
        yield f"kept: the rate {kept['rate']} is not that of the outcomes"
    for group in report["groups"]:
        kinds = (*SETTLED, "open", "unknown")
        if sum(group[kind] for kind in kinds) != group["n"]:
            yield f"groups: the outcomes of {dict(group['by'])} do not add up to {group['n']}"
        if group["kept"] is not None and not group["enough"]:
            yield f"groups: {dict(group['by'])} has a rate without enough outcomes"


def _intervals(report: Mapping[str, Any]) -> Iterator[str]:
    rates = [("kept", report["kept"])]
    rates += [(f"groups {dict(g['by'])}", g["kept"]) for g in report["groups"]]
    for where, rate in rates:
        if rate is not None and not rate["low"] <= rate["rate"] <= rate["high"]:
            yield f"{where}: the rate lies outside its interval"
    for row in report["backtest"].get("levels", ()):
        if row["kept"] is not None and not row["low"] <= row["kept"] <= row["high"]:
            yield f"backtest {row['level']}: the kept share lies outside its interval"


def _bins(report: Mapping[str, Any]) -> Iterator[str]:
    bins = report["distribution"]
    for left, right in pairwise(bins):
        if left["gap_high"] is None or left["gap_high"] != right["gap_low"]:
            yield f"distribution: no common edge at {left['gap_high']} and {right['gap_low']}"
    for b in bins:
        low, high = b["gap_low"], b["gap_high"]
        if (low is None or low < 0) and (high is None or high > 0):
            yield f"distribution: the bin from {low} to {high} holds kept and broken promises"
