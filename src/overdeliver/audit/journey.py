"""The stages of the journey as the report tells them: how long each step takes."""

from collections.abc import Sequence
from typing import Any

from overdeliver.measure.paths.steps import Step, steps
from overdeliver.tables.cases import Cases

_UNITS = (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0))


def steps_part(cases: Cases) -> list[dict[str, Any]]:
    """Steps from the promise over the stages to the outcome, in one unit; empty without stages."""
    there = cases.table.columns
    start = next((name for name in ("placed_at", "made_at") if name in there), None)
    moments = [*cases.stages, *(["observed_at"] if "observed_at" in there else [])]
    if start is None or not cases.stages or len(moments) < 2:
        return []
    found = steps(cases.table, moments[:-1], placed=start, delivered=moments[-1])
    unit, size = _unit(found)
    return [_part(step, unit, size) for step in found]


def _unit(found: Sequence[Step]) -> tuple[str, float]:
    """The largest unit in which the longest usual step is at least one."""
    longest = max((step.seconds.median for step in found if step.seconds), default=0.0)
    return next(((name, size) for name, size in _UNITS if longest >= size), _UNITS[-1])


def _part(step: Step, unit: str, size: float) -> dict[str, Any]:
    time = step.seconds
    return {
        "from": step.source,
        "to": step.target,
        "n": time.n if time else 0,
        "median": time.median / size if time else None,
        "p90": time.p90 / size if time else None,
        "unit": unit,
    }
