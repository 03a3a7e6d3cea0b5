"""Levers, steps, warnings, what was left out, how it was computed."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from overdeliver.audit.page.charts import Point, Scale, interval_row, reach_row
from overdeliver.audit.page.tell import UNITS, Tell, given

TERMS = (
    "promise",
    "gap",
    "broken",
    "met",
    "exceeded",
    "open",
    "unknown",
    "kept",
    "interval",
    "level",
    "cost",
)


def levers(report: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Which lever's misses move the score or the next purchase most."""
    found, say = report["levers"], tell.words
    if isinstance(found, Mapping):
        return {"rows": [], "sentence": tell.refusal(found)}
    if not found:
        return {"rows": [], "sentence": say("page.not_enough")}
    ranked = sorted(found, key=lambda r: -abs(r["effect"]))
    ends = [v for r in ranked for v in (r["low"], r["high"], r["effect"], 0.0) if v is not None]
    scale = Scale(min(ends), max(ends), 4, 96)
    best = next((r for r in ranked if _clear(r)), None)
    sentence = say("levers.unclear")
    if best:
        sentence = say(
            "levers.best", lever=_lever(best, tell), outcome=say(f"levers.{best['outcome']}")
        )
    return {"rows": [_effect(r, scale, tell) for r in ranked], "sentence": sentence}


def _clear(row: Mapping[str, Any]) -> bool:
    low, high = row["low"], row["high"]
    return low is not None and high is not None and (low > 0 or high < 0)


def _lever(row: Mapping[str, Any], tell: Tell) -> Markup:
    key = f"levers.{row['lever']}"
    return tell.words(key) if key in tell.words else given(row["lever"])


def _effect(row: Mapping[str, Any], scale: Scale, tell: Tell) -> dict[str, Any]:
    low, high = row["low"], row["high"]
    known = low is not None and high is not None
    digits = 2 if abs(row["effect"]) >= 0.05 else 3
    return {
        "lever": _lever(row, tell),
        "outcome": tell.words(f"levers.{row['outcome']}"),
        "effect": tell.numbers.decimal(row["effect"], digits, signed=True),
        "interval": tell.numbers.interval(low, high, digits) if known else "–",
        "picture": interval_row(scale, Point(0, row["effect"], low, high), 0.0, "zero"),
        "n": tell.numbers.count(row["n"]),
    }


def steps(report: Mapping[str, Any], tell: Tell) -> dict[str, Any] | None:
    """The stages of the journey with the time they take; None when the file has none."""
    rows = report["steps"]
    if not rows:
        return None
    known = [r for r in rows if r["median"] is not None and r["p90"] is not None]
    most = max((r["p90"] for r in known), default=1.0)
    sentence = None
    if known and len({r["unit"] for r in known}) == 1:
        longest = max(known, key=lambda r: r["median"])
        sentence = tell.words(
            "steps.longest", step=_step(longest), median=_duration(longest, "median", tell)
        )
    return {"rows": [_stage(r, most, tell) for r in rows], "sentence": sentence}


def _step(row: Mapping[str, Any]) -> Markup:
    return Markup("{} → {}").format(given(row["from"]), given(row["to"]))


def _duration(row: Mapping[str, Any], field: str, tell: Tell) -> Markup:
    value, unit = row[field], row["unit"]
    if value is None:
        return Markup("–")
    shown = tell.numbers.decimal(value)
    key = f"unit.{unit}" if unit in UNITS else "unit.other"
    counted = abs(round(value, 0 if abs(value) >= 100 else 1))
    return tell.words(key, count=counted, n=shown, unit=unit)


def _stage(row: Mapping[str, Any], most: float, tell: Tell) -> dict[str, Any]:
    known = row["median"] is not None and row["p90"] is not None
    return {
        "step": _step(row),
        "n": tell.numbers.count(row["n"]),
        "median": _duration(row, "median", tell),
        "p90": _duration(row, "p90", tell),
        "picture": reach_row(row["median"], row["p90"], most) if known else "",
    }


def warnings(report: Mapping[str, Any], tell: Tell) -> list[Markup]:
    """What to read with care, the ratchet first."""
    out = []
    ratchet, say = report["ratchet"], tell.words
    if ratchet and ratchet["early"]:
        share = tell.numbers.percent(ratchet["share_never_bites"])
        figures = say("warnings.ratchet", share=share, gap=tell.gap(ratchet["usual_gap"]))
        out.append(Markup("{} {}").format(say("warnings.ratchet_early"), figures))
    for w in report["warnings"]:
        if ratchet and ratchet["early"] and str(w["code"]).startswith("ratchet"):
            continue  # said above, in the reader's language
        out.append(tell.said("warning", w, w["message"]))
    return out


def left(report: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Rows and columns that play no part in the figures, with the reason."""
    rows, say = report["rows"], tell.words
    counts = {k: tell.numbers.count(rows[k]) for k in ("read", "used", "rejected")}
    file = rows["reject_file"]
    return {
        "rows": say("left.rows", count=rows["read"], **counts),
        "file": say("left.file", file=given(file)) if file else None,
        "sample": [_reject(r, tell) for r in rows["sample"]],
        "used": _used(report["features"]["used"], tell),
        "columns": [
            {"column": given(c["column"]), "reason": tell.said("reason", c, c["reason"])}
            for c in report["features"]["left_out"]
        ],
    }


def _reject(row: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    line = row["line"]
    return {
        "line": tell.numbers.count(line) if isinstance(line, int | float) else given(line),
        "column": given(row["column"]),
        "value": given(row["value"]),
        "reason": tell.said("reason", row, row["reason"]),
    }


def _used(columns: list[Any], tell: Tell) -> Markup:
    if not columns:
        return tell.words("left.none_used")
    return tell.words("left.used", columns=Markup(", ").join(given(c) for c in columns))


def method(report: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """How the figures came about: in words, in facts, and the terms used."""
    say = tell.words
    zone = given(report["source"]["zone"])
    lines = [say("method.verdict", tolerance=tell.amount(tell.tolerance))]
    if tell.lever == "time" and tell.granularity == "day":
        lines.append(say("method.day", zone=zone))
    lines += [say("method.kept"), say("method.backtest"), say("method.minimum")]
    return {"lines": lines, "facts": _facts(report, tell), "terms": _terms(tell)}


def period(source: Mapping[str, Any], tell: Tell) -> Markup | None:
    """From the first to the last promise."""
    if not source["first"] or not source["last"]:
        return None
    first, last = tell.numbers.day(source["first"]), tell.numbers.day(source["last"])
    return tell.words("page.period", first=first, last=last)


def as_of(source: Mapping[str, Any], tell: Tell) -> Markup | None:
    """The moment open promises were judged at."""
    if not source["as_of"]:
        return None
    moment = tell.numbers.moment(source["as_of"])
    return tell.words("page.as_of", moment=moment, zone=given(source["zone"]))


def _facts(report: Mapping[str, Any], tell: Tell) -> list[tuple[Markup, Markup]]:
    source, say, done = report["source"], tell.words, report["computed"]
    seconds = done["seconds"]
    shown = None
    if seconds is not None:
        n = tell.numbers.decimal(seconds)
        shown = say("method.seconds_text", count=round(seconds, 1), n=n)
    facts: list[tuple[str, Any]] = [
        ("file", given(source["name"])),
        ("preset", given(source["preset"]) if source["preset"] else None),
        ("period", period(source, tell)),
        ("as_of", tell.numbers.moment(source["as_of"]) if source["as_of"] else None),
        ("zone", given(source["zone"])),
        ("lever", say(f"levers.{tell.lever}")),
        ("unit", tell.unit_name),
        ("tolerance", tell.amount(tell.tolerance)),
        ("engine", given(done["engine"])),
        ("seconds", shown),
        ("program", Markup("overdeliver {}").format(report["program"])),
        ("schema", given(report["schema"])),
    ]
    return [(say(f"method.{key}"), value) for key, value in facts if value is not None]


def _terms(tell: Tell) -> list[tuple[Markup, Markup]]:
    say = tell.words
    return [
        (say(f"term_name.{t}" if f"term_name.{t}" in say else f"outcome.{t}"), say(f"term.{t}"))
        for t in TERMS
    ]
