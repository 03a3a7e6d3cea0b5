from collections.abc import Callable
from datetime import datetime, timedelta

import ibis.expr.types as ir
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.measure.answers import NotEnough
from overdeliver.measure.repeat import repeat_by_verdict, with_repeat

CaseMaker = Callable[..., ir.Table]
START = datetime(2024, 1, 1)
visits = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", None]), st.integers(0, 30)), min_size=1, max_size=25
)


def expected(
    rows: list[tuple[str | None, int]], within: int | None
) -> list[tuple[str | None, int, bool | None]]:
    """The same by a plain loop."""
    end, out = max(day for _, day in rows), []
    for who, day in rows:
        later = [other for name, other in rows if name == who and other > day]
        if who is None or (within is not None and day + within > end):
            out.append((who, day, None))
        else:
            out.append((who, day, any(within is None or o - day <= within for o in later)))
    return sorted(out, key=str)


@settings(max_examples=30, deadline=None)
@given(visits, st.sampled_from([None, 3, 10]))
def test_repeat_equals_a_plain_loop(
    make_cases: CaseMaker, rows: list[tuple[str | None, int]], within: int | None
) -> None:
    cases = make_cases(
        [1.0] * len(rows),
        customer_id=[who for who, _ in rows],
        made_at=[START + timedelta(days=day) for _, day in rows],
    )
    found = with_repeat(cases, within_days=within).to_pyarrow().to_pylist()
    assert len(found) == len(rows)
    by_loop = [(r["customer_id"], (r["made_at"] - START).days, r["repeat"]) for r in found]
    assert sorted(by_loop, key=str) == expected(rows, within)


def test_repeat_by_verdict_in_the_order_of_verdicts(make_cases: CaseMaker) -> None:
    cases = make_cases(
        [1.0] * 60 + [-1.0] * 40 + [0.0] * 5,
        customer_id=[f"c{i // 2}" for i in range(60)] + [f"l{i}" for i in range(45)],
    )
    found = repeat_by_verdict(cases)
    assert isinstance(found, list)
    assert [(r.verdict, r.n, r.repeated) for r in found] == [
        ("broken", 40, 0),
        ("met", 5, 0),
        ("exceeded", 60, 30),
    ]
    assert found[1].repeat is None  # five are too few for a rate
    assert found[2].repeat is not None and found[2].repeat.rate == 0.5


def test_without_customers_or_cases_there_is_no_rate(make_cases: CaseMaker) -> None:
    cases = make_cases([1.0] * 10)
    assert isinstance(repeat_by_verdict(cases.drop("customer_id")), NotEnough)
    few = repeat_by_verdict(cases)
    assert isinstance(few, NotEnough) and (few.have, few.need) == (10, 30)
    nobody = repeat_by_verdict(make_cases([1.0], customer_id=None))
    assert isinstance(nobody, NotEnough) and nobody.have == 0
