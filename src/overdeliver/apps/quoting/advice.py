"""Which lever matters most, from the business's own ledger; and a second one that is overspent."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from overdeliver.apps.business import reads as business
from overdeliver.apps.promises import export
from overdeliver.apps.quoting.past import Past
from overdeliver.measure.answers import NotEnough
from overdeliver.measure.levers import Outcome, advise, second_lever_warning
from overdeliver.vocabulary.errors import OverdeliverError
from overdeliver.vocabulary.gap import LEVERS


def advised(past: Past) -> dict[str, Any]:
    """A line of a run's report: levers ranked with intervals, or why not, and warnings.

    By scores where customers gave any, else by whether they came back.
    """
    line: dict[str, Any] = {"service": "", "state": "levers", "ranked": [], "second": []}
    try:
        cases = _by_lever(past)
        if not cases:
            return {**line, "have": 0}
        outcome: Outcome = "score"
        found = advise(cases, outcome=outcome)
        if isinstance(found, NotEnough) and found.need:  # nobody was asked: see who came back
            outcome = "repeat"
            found = advise(cases, outcome=outcome)
        if isinstance(found, NotEnough):
            line |= {"have": found.have or 0, "need": found.need, "outcome": outcome}
        else:
            line |= {"ranked": [asdict(one) for one in found], "outcome": outcome}
        main = business.lever_of("") or (found[0].lever if isinstance(found, list) else "")
        if main:
            line["main"] = main
            second = second_lever_warning(cases, main)
            line["second"] = [
                {"lever": one.lever, "share": (one.exceeded.low + one.exceeded.high) / 2}
                for one in second
            ]
    except OverdeliverError as error:
        line["error"] = str(error)[:300]
    return line


def _by_lever(past: Past) -> dict[str, Any]:
    """The cases of each lever, in the unit most of its promises have."""
    promises = past.tables["promises"]
    kinds = promises.group_by("lever", "unit").agg(n=promises.count()).to_pyarrow().to_pylist()
    counted = Counter({(row["lever"], row["unit"]): row["n"] for row in kinds})
    found: dict[str, Any] = {}
    for (lever, unit), _ in counted.most_common():
        if lever in LEVERS and lever not in found:
            cases = export.ledger_cases(past.tables, lever=lever, unit=unit, zone=business.zone())
            found[lever] = cases.table
    return found
