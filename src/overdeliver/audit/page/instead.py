"""What to promise instead: the test on the past, and a promise for each group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from overdeliver.audit.page.charts import Labels, Point, Scale, interval_row, months
from overdeliver.audit.page.headline import gain_of
from overdeliver.audit.page.names import group_head, group_name
from overdeliver.audit.page.tell import UNITS, Tell

FIRST = 6
"""Groups of one column that are shown at once; the rest is folded."""


def section(report: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Everything the section shows; parts that are not known are None."""
    test = report["backtest"]
    groups = _groups(report["instead"], tell)
    blocks = _blocks(groups)
    view: dict[str, Any] = {
        "groups": groups,
        "blocks": blocks,
        "first": FIRST,
        "more": sum(max(len(block["rows"]) - FIRST, 0) for block in blocks),
        "one_less": _one(tell, "less"),
        "one_more": _one(tell, "more"),
        "not_enough": None,
        "cards": [],
        "levels": [],
        "months": [],
        "how": [],
        "own_better": None,
    }
    if "not_enough" in test:
        view["not_enough"] = tell.refusal(test, "instead.not_enough")
        return view
    view["cards"] = [card for card in (_kept_card(test, tell), _length_card(test, tell)) if card]
    view["own_better"] = _own_better(test, tell)
    view["levels"] = _levels(test, tell)
    view["months"] = _months(test, tell)
    view["how"] = _how(test, tell)
    return view


def _one(tell: Tell, side: str) -> Markup:
    known = tell.unit in UNITS
    key = f"instead.one_{side}_{tell.unit}" if known else f"instead.one_{side}"
    return tell.words(key, unit=tell.unit_name)


def _groups(rows: Sequence[Mapping[str, Any]], tell: Tell) -> list[dict[str, Any]]:
    """The promises to make, all together first, then those of each column.

    Their column has decimals only when one of the promises needs it.
    """
    whole = all(g["promise"] is None or g["promise"] == round(g["promise"]) for g in rows)
    manner = _Manner(0 if whole else 1, _share_digits(rows))
    return [_group(g, manner, tell) for g in rows]


def _blocks(groups: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rows under one head for each column."""
    blocks: dict[Markup, list[dict[str, Any]]] = {}
    for group in groups:
        blocks.setdefault(group["head"], []).append(group)
    return [{"head": head, "rows": rows} for head, rows in blocks.items()]


@dataclass(frozen=True)
class _Manner:
    """Decimals of the promise and of the shares, one for the whole column."""

    promise: int
    share: int


def _share_digits(rows: Sequence[Mapping[str, Any]]) -> int:
    """One decimal where a unit more or less would not show in whole hundredths."""
    known = [g for g in rows if g["one_less"] is not None and g["one_more"] is not None]
    unseen = [g for g in known if g["one_more"] - g["one_less"] < 0.02]
    return 1 if len(unseen) * 2 > len(known) else 0


def _group(group: Mapping[str, Any], manner: _Manner, tell: Tell) -> dict[str, Any]:
    def share(value: float | None) -> str:
        return "–" if value is None else tell.numbers.percent(value, manner.share)

    return {
        "head": group_head(group["by"], tell),
        "name": group_name(group["by"], tell),
        "n": tell.numbers.count(group["n"]),
        "now": tell.figure(group["promised_now"]),
        "kept_now": share(group["kept_now"]),
        "promise": tell.figure(group["promise"], manner.promise),
        "expected": share(group["kept_expected"]),
        "less": share(group["one_less"]),
        "more": share(group["one_more"]),
        "because": tell.said("because", group, group["because"]) if group["because"] else None,
    }


def _kept_card(test: Mapping[str, Any], tell: Tell) -> dict[str, Any] | None:
    own, then = test.get("own"), test.get("at_same_kept")
    if not own or not then:
        return None
    gain, say = gain_of(tell, own["promised_mean"], then["promised_mean"]), tell.words
    side = "shorter" if gain > 0 else "longer"
    if gain == 0:
        big = say("instead.no_change")
    else:
        big = say(f"instead.{side}_{tell.manner}", amount=tell.shift(abs(gain)))
    text = say(
        "instead.shorter_text",
        count=test["n"],
        now=tell.amount(own["promised_mean"]),
        then=tell.amount(then["promised_mean"]),
        kept=tell.numbers.per_hundred(then["kept"]),
        n=tell.numbers.count(test["n"]),
    )
    return {"heading": say("instead.same_kept"), "big": big, "text": text}


def _length_card(test: Mapping[str, Any], tell: Tell) -> dict[str, Any] | None:
    own, then = test.get("own"), test.get("at_same_length")
    if not own or not then:
        return None
    say, fewer = tell.words, round((then["kept"] - own["kept"]) * test["n"])
    key = "instead.fewer" if fewer > 0 else "instead.more_broken"
    if fewer == 0:
        big = say("instead.equally_broken")
    else:
        big = say(key, count=abs(fewer), n=tell.numbers.count(abs(fewer)))
    n = tell.numbers.count(test["n"])
    text = say("instead.fewer_text", count=test["n"], n=n)
    return {"heading": say(f"instead.same_length_{tell.manner}"), "big": big, "text": text}


def _own_better(test: Mapping[str, Any], tell: Tell) -> Markup | None:
    own, then = test.get("own"), test.get("at_same_kept")
    if own and then and gain_of(tell, own["promised_mean"], then["promised_mean"]) < 0:
        return tell.words("instead.own_better")
    return None


def _levels(test: Mapping[str, Any], tell: Tell) -> list[dict[str, Any]]:
    rows = sorted(test["levels"], key=lambda row: row["level"])
    ends = [v for r in rows for v in (r["level"], r["low"], r["kept"]) if v is not None]
    scale = Scale(int(min(ends, default=0.0) * 10) / 10, 1.0, 3, 97)
    return [_level(row, scale, tell) for row in rows]


def _level(row: Mapping[str, Any], scale: Scale, tell: Tell) -> dict[str, Any]:
    view: dict[str, Any] = {
        "said": tell.numbers.percent(row["level"]),
        "mean": tell.figure(row["promised_mean"]),
        "kept": None,
        "worst": None,
    }
    if row["kept"] is not None:
        point = Point(0, row["kept"], row["low"], row["high"])
        kind, mark, word = _verdict(row)
        view |= {
            "kept": tell.numbers.percent(row["kept"], 1),
            "interval": tell.numbers.percent_interval(row["low"], row["high"]),
            "picture": interval_row(scale, point, row["level"]),
            "kind": kind,
            "mark": mark,
            "word": tell.words(f"instead.{word}"),
        }
    worst = row["worst_group"]
    if worst:
        view["worst"] = tell.words(
            "instead.worst_group",
            count=worst["n"],
            group=group_name(worst["by"], tell),
            kept=tell.numbers.percent(worst["kept"]),
            n=tell.numbers.count(worst["n"]),
        )
    return view


def _verdict(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """What a level's interval says about it; one point either way is as promised."""
    if row["high"] < row["level"] - 0.01:
        return "broken", "▼", "too_little"
    if row["low"] > row["level"] + 0.01:
        return "met", "▲", "could_less"
    return "exceeded", "●", "as_promised"


def _months(test: Mapping[str, Any], tell: Tell) -> list[dict[str, Any]]:
    """One small picture for each level the months were counted at."""
    panels: dict[float | None, list[Any]] = {}
    for row in test["months"]:
        if row["kept"] is not None:
            panels.setdefault(row.get("level", test.get("level")), []).append(row)
    values = [r["kept"] for rows in panels.values() for r in rows]
    low = min([*values, *(level for level in panels if level is not None)], default=0.0)
    return [
        _panel(i, level, rows, low, tell)
        for i, (level, rows) in enumerate(panels.items())
        if len(rows) > 1
    ]


def _panel(
    number: int, level: float | None, rows: Sequence[Mapping[str, Any]], low: float, tell: Tell
) -> dict[str, Any]:
    percent, month = tell.numbers.percent, tell.numbers.month
    worst, best = min(rows, key=lambda r: r["kept"]), max(rows, key=lambda r: r["kept"])
    desc = tell.words(
        "instead.months_desc",
        low_month=month(worst["month"]),
        low=percent(worst["kept"]),
        high_month=month(best["month"]),
        high=percent(best["kept"]),
    )
    said = "" if level is None else percent(level)
    plain_title = tell.words("instead.months_chart_plain")
    title = tell.words("instead.months_chart", level=said) if said else plain_title
    points = [
        Point(
            i,
            r["kept"],
            tick=month(r["month"]),
            label=f"{month(r['month'])}: {percent(r['kept'], 1)}",
        )
        for i, r in enumerate(rows)
    ]
    marks = [(v, percent(v)) for v in (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)]
    return {
        "title": title,
        "chart": months(Labels(f"months-{number}", title, desc), points, level, marks, low),
        "rows": [
            {
                "month": month(r["month"]),
                "kept": percent(r["kept"], 1),
                "n": tell.numbers.count(r["n"]),
            }
            for r in rows
        ],
    }


def _how(test: Mapping[str, Any], tell: Tell) -> list[Markup]:
    say = tell.words
    said = [
        say(
            "instead.how",
            count=test["refits"],
            date=tell.numbers.day(test["from"]),
            refits=tell.numbers.count(test["refits"]),
        )
    ]
    model = Markup("{} ({})") if test["because"] else Markup("{}")
    name = model.format(tell.foreign(test["model"]), tell.foreign(test["because"]))
    said.append(say("instead.how_model", model=name))
    if test["refused"]:
        n = tell.numbers.count(test["refused"])
        said.append(say("instead.refused", count=test["refused"], n=n))
    return said
