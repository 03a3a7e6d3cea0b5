from collections.abc import Callable

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pytest

from overdeliver.measure.answers import NotEnough
from overdeliver.measure.levers import advise, second_lever_warning
from overdeliver.vocabulary.errors import MissingField

CaseMaker = Callable[..., ir.Table]


def linked(seed: int, n: int, strength: float) -> ir.Table:
    """Scores that hang on the damped gap with a known correlation."""
    random = np.random.default_rng(seed)
    damped = random.normal(0, 1, n)
    scores = strength * damped + np.sqrt(1 - strength**2) * random.normal(0, 1, n)
    return ibis.memtable(pa.table({"gap": np.sign(damped) * damped**2, "score": scores}))


def test_levers_rank_by_strength_with_the_truth_in_the_interval() -> None:
    found = advise({"cost": linked(1, 3000, 0.2), "time": linked(2, 3000, 0.6)})
    assert isinstance(found, list)
    assert [(e.lever, e.n, e.outcome) for e in found] == [
        ("time", 3000, "score"),
        ("cost", 3000, "score"),
    ]
    assert found[0].low < 0.6 < found[0].high and found[1].low < 0.2 < found[1].high


def test_the_unit_of_the_gap_does_not_matter() -> None:
    days = linked(4, 500, 0.5)
    one, other = advise({"time": days}), advise({"time": days.mutate(gap=days.gap * 24)})
    assert isinstance(one, list) and isinstance(other, list)
    assert one[0].effect == pytest.approx(other[0].effect)


def test_few_cases_and_no_effect_are_not_enough() -> None:
    few = advise({"time": linked(1, 99, 0.9)})
    assert isinstance(few, NotEnough) and (few.have, few.need) == (99, 100)
    none = advise({"time": linked(3, 400, 0.0)})
    assert isinstance(none, NotEnough) and "beyond chance" in none.reason


def test_levers_without_effect_are_rarely_named() -> None:
    named = sum(isinstance(advise({"time": linked(s, 200, 0.0)}), list) for s in range(60))
    assert named <= 7  # 5 % of 60, with its chance


def test_a_lever_that_never_varies_teaches_nothing(make_cases: CaseMaker) -> None:
    cases = make_cases([1.0] * 150, score=[float(i % 5) for i in range(150)], lever="service")
    assert isinstance(advise(cases), NotEnough)


def test_repeat_purchase_as_the_outcome(make_cases: CaseMaker) -> None:
    gaps = [-1.0, 1.0] * 150
    customers = [f"one{i}" if gap < 0 else f"c{i // 4}" for i, gap in enumerate(gaps)]
    cases = make_cases(gaps, customer_id=customers, lever="time")
    found = advise(cases, outcome="repeat")
    assert isinstance(found, list) and found[0].effect > 0.3 and found[0].outcome == "repeat"


def test_one_table_needs_its_column_of_levers(make_cases: CaseMaker) -> None:
    with pytest.raises(MissingField, match="'lever'"):
        advise(make_cases([1.0]))


def test_a_second_lever_exceeded_on_purpose_is_named(make_cases: CaseMaker) -> None:
    cases = make_cases(
        [1.0] * 30 + [1.0] * 30 + [1.0, -1.0] * 15 + [1.0] * 5 + [None] * 9,
        lever=["time"] * 30 + ["cost"] * 30 + ["service"] * 30 + ["rare"] * 5 + ["cost"] * 9,
    )
    found = second_lever_warning(cases, main="time")
    assert [w.lever for w in found] == ["cost"]
    assert found[0].n == 30 and found[0].exceeded.low > 0.5
    assert "100% of the cost promises" in found[0].message
    tables = {"time": cases, "cost": cases.filter(cases.lever == "cost")}
    assert [w.lever for w in second_lever_warning(tables, main="time")] == ["cost"]
