"""Columns that give the outcome away only together: parts of a sum, or a plan and the fact."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from scipy.stats import rankdata

from overdeliver.learn.leakage_columns import Column, Floats, clock
from overdeliver.learn.leakage_evidence import Known, correlation, identity, without

ROWS = 5000
MOST_PARTS = 6
SUM = 0.95
EXACT = 0.999
RANKED = 0.9


def together(columns: Sequence[Column], facts: Known, alone: Mapping[str, float]) -> dict[str, str]:
    """The columns that tell the outcome jointly, each with the reason.

    ``alone`` holds the columns already left out with what each tells; they may complete a sum, but
    are not named again.
    """
    rows = min(ROWS, len(facts.rest))
    numeric = [c for c in columns if c.kind != "category" and c.filled[:rows].mean() >= 0.9]
    few = _first(facts, rows)
    facts_of_plans = _plan_and_fact(numeric, few, alone, rows)
    rest = [c for c in numeric if c.name not in facts_of_plans]
    exact = _exact([c for c in rest if c.name not in alone], few, rows)
    return {**_parts(rest, few, alone, rows), **exact, **facts_of_plans}


def _first(facts: Known, rows: int) -> Known:
    def cut(values: Floats | None) -> Floats | None:
        return None if values is None else values[:rows]

    broken = None if facts.broken is None else facts.broken[:rows]
    return Known(
        facts.actual[:rows],
        cut(facts.gap),
        cut(facts.promised),
        facts.rest[:rows],
        facts.cells[:rows],
        broken,
        facts.informed,
    )


def _parts(
    columns: Sequence[Column], facts: Known, alone: Mapping[str, float], rows: int
) -> dict[str, str]:
    """Columns chosen one after the other whose weighted sum is the outcome (or nearly)."""
    rest = facts.rest - facts.rest.mean()
    matrix = [_residual(c, facts, rows) for c in columns]
    chosen: list[int] = []
    whole, enough = 0.0, SUM if facts.informed else EXACT
    while len(chosen) < min(MOST_PARTS, len(columns)) and whole < enough:
        left = [i for i in range(len(columns)) if i not in chosen]
        gains = [_r2([matrix[k] for k in [*chosen, i]], rest) for i in left]
        best = int(np.argmax(gains))
        if gains[best] < whole + 0.01:
            return {}
        chosen.append(left[best])
        whole = gains[best]
    if len(chosen) < 2 or whole < enough:
        return {}
    blamed = {}
    for i in chosen:
        others = [k for k in chosen if k != i]
        lost = whole - _r2([matrix[k] for k in others], rest)
        if columns[i].name not in alone and lost >= 0.1:
            names = ", ".join(columns[k].name for k in others)
            blamed[columns[i].name] = f"with {names} it tells {whole:.0%} of the outcome"
    return blamed


def _plan_and_fact(
    columns: Sequence[Column], facts: Known, alone: Mapping[str, float], rows: int
) -> dict[str, str]:
    """Of two columns that nearly agree (a plan and what came of it) the one that is the fact.

    Their difference ranks the rows as the gap does, or as a column already left out. The fact is
    the one more closely bound to that.
    """
    tests = {c.name: c.values[:rows] for c in columns if c.name in alone}
    if facts.gap is not None:
        tests["the gap"] = facts.gap
    free = [_timed(c, rows) for c in columns if c.name not in alone]
    ranks = {c.name: np.nan_to_num(rankdata(c.values, nan_policy="omit")) for c in free}
    blamed: dict[str, str] = {}
    for a, b in combinations(free, 2):
        both = a.filled & b.filled
        if both.sum() < 50 or correlation(ranks[a.name][both], ranks[b.name][both]) < 0.8:
            continue
        for what, values in tests.items():
            here = both & np.isfinite(values)
            bound = _follows(a.values[here], b.values[here], values[here])
            if bound >= RANKED:
                ties = [
                    abs(correlation(ranks[c.name][here], rankdata(values[here]))) for c in (a, b)
                ]
                fact, plan = (a, b) if ties[0] >= ties[1] else (b, a)
                blamed[fact.name] = (
                    f"its difference from {plan.name} follows {what} (correlation {bound:.2f})"
                )
    return blamed


def _follows(a: Floats, b: Floats, test: Floats) -> float:
    """The rank correlation of a - b with the test; between times of day midnight may lie."""
    plain = a - b
    wrapped = (plain + 720) % 1440 - 720
    ranked = rankdata(test)
    return max(abs(correlation(rankdata(d), ranked)) for d in (plain, wrapped))


def _timed(column: Column, rows: int) -> Column:
    """The first rows of a column, with times of day written HHMM as minutes."""
    values, filled = column.values[:rows].copy(), column.filled[:rows]
    minutes = clock(values[filled])
    if minutes is not None:
        values[filled] = minutes
    return replace(column, values=values, filled=filled)


def _exact(columns: Sequence[Column], facts: Known, rows: int) -> dict[str, str]:
    """Pairs whose sum or difference is the outcome but for rounding."""
    targets = {"the outcome": facts.actual}
    if facts.gap is not None:
        targets |= {"the gap": facts.gap, "the delay": -facts.gap}
    blamed: dict[str, str] = {}
    for a, b in combinations(columns, 2):
        both = a.filled[:rows] & b.filled[:rows]
        if both.sum() < 50:
            continue
        x, y = a.values[:rows][both], b.values[:rows][both]
        for sign, made in (("+", x + y), ("-", x - y), ("-", y - x)):
            for what, target in targets.items():
                if identity(made, target[both]) >= SUM:
                    said = f"{a.name} and {b.name} make {what} by '{sign}'"
                    blamed |= {c.name: said for c in (a, b) if not _promise_itself(c, facts, rows)}
    return blamed


def _promise_itself(column: Column, facts: Known, rows: int) -> bool:
    here = column.filled[:rows]
    if facts.promised is None:
        return False
    return abs(correlation(column.values[:rows][here], facts.promised[here])) >= 0.999


def _residual(column: Column, facts: Known, rows: int) -> Floats:
    """The column within the promise, 0 where nothing is recorded."""
    here = column.filled[:rows]
    values = column.values[:rows][here]
    if facts.promised is not None:
        values = without(values, facts.promised[here], facts.cells[here])
    found = np.zeros(rows)
    found[here] = values - values.mean()
    return found


def _r2(parts: Sequence[Floats], rest: Floats) -> float:
    whole = float(rest @ rest)
    if whole <= 0:
        return 0.0
    design = np.column_stack(parts)
    gram = design.T @ design
    fitted = np.linalg.lstsq(gram, design.T @ rest, rcond=1e-10)[0]
    return 1 - float(((rest - design @ fitted) ** 2).sum()) / whole
