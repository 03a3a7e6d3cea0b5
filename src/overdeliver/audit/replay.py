"""The backtest's answer in the report's words."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from overdeliver.audit.compose import not_enough
from overdeliver.learn.results import Backtest, GroupKept, Instead, Kept, LevelResult
from overdeliver.measure.answers import NotEnough

NOT_ASKED: Mapping[str, Any] = {
    "not_enough": "the backtest was not asked for",
    "code": "not_asked",
}


#: Refusals that name a lack of the data, not a count, by the start of their words.
_LACKS: Mapping[str, str] = {"a service class": "service", "no moment of promising": "no_made_at"}


def backtest_part(found: Backtest | NotEnough | None, level: float) -> dict[str, Any]:
    """Our promises against theirs on the same cases; None: nobody asked."""
    if found is None:
        return dict(NOT_ASKED)
    if isinstance(found, NotEnough):
        return not_enough(found, _code(found))
    return {
        "from": found.start,
        "n": found.n,
        "level": level,
        "own": _kept(found.own),
        "at_same_kept": _kept(found.at_same_kept),
        "at_same_length": _kept(found.at_same_length),
        "levels": [_level(one) for one in found.levels],
        "refused": found.refused,
        "model": found.model,
        "because": found.because,
        "refits": found.refits,
        "months": [asdict(month) for month in found.months],
    }


def _code(found: NotEnough) -> str | None:
    if found.have is not None and found.need is not None:
        return "few_known"
    return next((code for start, code in _LACKS.items() if found.reason.startswith(start)), None)


def instead_part(found: Backtest | NotEnough | None) -> list[dict[str, Any]]:
    """What to promise next, group by group; empty where the backtest gave no answer."""
    return [_instead(one) for one in found.instead] if isinstance(found, Backtest) else []


def features_part(
    found: Backtest | NotEnough | None, left_out: Mapping[str, str]
) -> dict[str, Any]:
    """The columns a quote was made from and those left out, ``left_out`` before the backtest."""
    reasons = dict(left_out)
    used: list[str] = []
    if isinstance(found, Backtest):
        used = list(found.features_used)
        reasons |= {one.column: one.reason for one in found.left_out}
    return {
        "used": used,
        "left_out": [
            {"column": column, "reason": reason}
            for column, reason in reasons.items()
            if column not in used
        ],
    }


def _kept(found: Kept | None) -> dict[str, Any] | None:
    return asdict(found) if found else None


def _level(one: LevelResult) -> dict[str, Any]:
    return {
        "level": one.level,
        "kept": one.kept,
        "low": one.low,
        "high": one.high,
        "promised_mean": one.promised_mean,
        "pinball": one.pinball,
        "worst_group": _worst(one.worst_group),
    }


def _worst(group: GroupKept | None) -> dict[str, Any] | None:
    return {"by": _by(group.by), "kept": group.kept, "n": group.n} if group else None


def _by(by: Mapping[str, Any]) -> dict[str, Any]:
    """The group as the report names it elsewhere: whole numbers were learned from as floats."""
    return {
        column: int(value) if isinstance(value, float) and value.is_integer() else value
        for column, value in by.items()
    }


def _instead(one: Instead) -> dict[str, Any]:
    return {
        "by": _by(one.by),
        "n": one.n,
        "promised_now": one.promised_now,
        "kept_now": one.kept_now,
        "promise": one.promise,
        "level": one.level,
        "kept_expected": one.kept_expected,
        "one_less": one.one_less,
        "one_more": one.one_more,
        "because": one.because,
        "code": "usual",
        "values": {"n": one.n, "low": one.usual_low, "high": one.usual_high},
    }
