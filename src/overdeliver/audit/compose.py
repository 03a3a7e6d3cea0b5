"""The parts of the report, one function each: a measure's answer in the report's words."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import ibis
import ibis.expr.types as ir

from overdeliver.measure.answers import NotEnough, fetch
from overdeliver.measure.cliff import Cliff, cliff
from overdeliver.measure.disconfirmation import Curve, curve
from overdeliver.measure.distribution import distribution
from overdeliver.measure.gaps import Asymmetry, asymmetry
from overdeliver.measure.intervals import Rate
from overdeliver.measure.levers import LeverEffect, advise
from overdeliver.measure.profile import Profile
from overdeliver.measure.ratchet import Ratchet, ratchet
from overdeliver.measure.reliability import Outcomes
from overdeliver.tables.cases import Cases

Part = dict[str, Any]


def not_enough(answer: NotEnough, code: str | None = None) -> Part:
    """An honest refusal, with the counts where they are known and a code to translate it by."""
    told: Part = {"not_enough": answer.reason, "have": answer.have, "need": answer.need}
    return told if code is None else {**told, "code": code}


def rate_part(rate: Rate | None) -> Part | None:
    """A share with its interval."""
    return None if rate is None else {"rate": rate.rate, "low": rate.low, "high": rate.high}


def source_part(cases: Cases, total: Outcomes) -> Part:
    """Where the figures come from and the time they speak of."""
    return {
        "name": None,  # the caller knows
        "preset": None,
        "first": total.first.date() if total.first else None,
        "last": total.last.date() if total.last else None,
        "as_of": cases.as_of,
        "zone": cases.zone,
    }


def rows_part(cases: Cases) -> Part:
    """The books of the reading."""
    intake = cases.intake
    return {
        "read": intake.read,
        "used": intake.used,
        "rejected": intake.rejected,
        "reject_file": intake.reject_file,
        "sample": [asdict(reject) for reject in intake.sample],
    }


def outcomes_part(total: Outcomes) -> dict[str, int]:
    """The five verdicts."""
    return {name: getattr(total, name) for name in ("broken", "met", "exceeded", "open", "unknown")}


def distribution_part(table: ir.Table, gathered: Profile) -> list[Part]:
    """The histogram of gaps."""
    return [asdict(one) for one in distribution(table, gathered=gathered)]


def asymmetry_part(found: Asymmetry) -> Part:
    """How much more a shortfall weighs, and where that figure comes from."""
    return {
        "weight": found.weight,
        "low": found.low,
        "high": found.high,
        "from": found.source,
        "n": found.n,
    }


def asymmetry_of(table: ir.Table, gathered: Profile) -> Asymmetry:
    """The weight of a shortfall, measured where there are scores enough."""
    return asymmetry(table, gathered=gathered)


def curve_part(cases: Cases, gathered: Profile) -> list[Part] | None:
    """Score and return of customers against the gap; None where there is too little to draw."""
    found = curve(cases.table, score_scale=cases.score_scale, gathered=gathered)
    return [asdict(point) for point in found.points] if isinstance(found, Curve) else None


def cliff_part(table: ir.Table, gathered: Profile) -> Part | None:
    """The jump of the score, its size as a drop; None where the curve has no jump beyond chance."""
    found = cliff(table, gathered=gathered)
    if isinstance(found, NotEnough):
        code = "few_gaps" if found.need is None else "few_scores"
        return not_enough(found, code) if "score" in table.columns else None
    return _jump(found) if found.significant and found.size < 0 else None


def _jump(found: Cliff) -> Part:
    return {
        "at": found.at,
        "size": -found.size,
        "low": -found.high,
        "high": -found.low,
        "slope_late": found.slope_late,
        "slope_early": found.slope_early,
        "n": found.n,
        "at_low": found.at_low,
        "at_high": found.at_high,
        "p_value": found.p_value,
    }


def levers_part(cases: Cases) -> list[Part] | Part:
    """Which lever's gaps move scores or returns most; the reason where nothing can be said."""
    asked = [outcome for outcome, column in _OUTCOMES if column in cases.table.columns]
    if not asked:
        return {
            "not_enough": "the advice needs scores or customers; the data has neither",
            "code": "no_reaction",
        }
    found: list[LeverEffect] = []
    refused: list[NotEnough] = []
    for outcome in asked:
        answer = advise({cases.lever: cases.table}, outcome=outcome)
        if isinstance(answer, NotEnough):
            refused.append(answer)
        else:
            found.extend(answer)
    if found:
        return [asdict(one) for one in found]
    return not_enough(refused[0], "no_lever" if refused[0].need is None else "few_cases")


_OUTCOMES: Sequence[tuple[Any, str]] = (("score", "score"), ("repeat", "customer_id"))


def ratchet_of(cases: Cases) -> Ratchet | NotEnough:
    """Whether early has become the norm."""
    if "made_at" not in cases.table.columns:
        return NotEnough("the data does not say when the promises were made")
    return ratchet(cases.table, unit=cases.unit)


def ratchet_part(found: Ratchet | NotEnough) -> Part | None:
    """The recent stretch; None where there are too few promises to judge it."""
    if isinstance(found, NotEnough):
        return None
    return {
        "early": found.early,
        "share_never_bites": found.share_beaten.rate,
        "usual_gap": found.usual_gap,
        "message": found.message,
        "never_bites": found.never_bites,
        "since": found.since.date(),
        "n": found.n,
    }


def amounts_part(table: ir.Table) -> list[Part]:
    """What the promises were worth, each currency by itself; empty where no amount is known."""
    if "amount" not in table.columns:
        return []
    named = table.currency if "currency" in table.columns else ibis.null("string")
    known = table.mutate(currency_=named).filter(table.amount.notnull())
    query = known.group_by("currency_").aggregate(
        n=known.count(),
        total=known.amount.sum(),
        broken=known.amount.sum(where=known.verdict == "broken"),
    )
    rows = sorted(fetch(query), key=lambda row: (-row["n"], str(row["currency_"])))
    return [_worth(row) for row in rows]


def _worth(row: Mapping[str, Any]) -> Part:
    return {
        "currency": row["currency_"],
        "n": row["n"],
        "total": row["total"],
        "broken": row["broken"] or 0,
    }
