"""When a promise is close to breaking, what is shown first, how much of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overdeliver.apps.desk.rules import (
    KINDS,
    Fact,
    Marked,
    TodayPolicy,
    at_risk,
    grouped,
    last_moment,
    lines,
)
from overdeliver.vocabulary.errors import InputError

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def fact(kind: str, number: int = 1, **more: object) -> Fact:
    key = f"{kind}:{number}"
    return Fact(kind, key, key, "/", "desk.step.tell", "/", f"promise:{number}", ("so",), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("length", "left", "risky"),
    [
        (40, 30, False),  # a pizza just ordered
        (40, 11, False),
        (40, 10, True),  # a quarter is left
        (40, 0, True),
        (40, -1, False),  # broken: another line
        (14_400, 240, True),  # ten days: four hours are left
        (14_400, 241, False),  # not a quarter of ten days
    ],
)
def test_little_time_is_little_as_time_and_as_a_share(length: int, left: int, risky: bool) -> None:
    due = NOON + timedelta(minutes=left)
    made = due - timedelta(minutes=length)
    assert at_risk(made, due, due, NOON, TodayPolicy()) is risky


def test_a_date_ends_when_nobody_is_there_any_more() -> None:
    midnight, closes = NOON + 12 * HOUR, NOON + 6 * HOUR
    assert last_moment(midnight, closes, whole=True) == closes
    assert last_moment(midnight, None, whole=True) == midnight, "closed all day"
    assert last_moment(NOON + HOUR, closes, whole=False) == NOON + HOUR
    made = midnight - timedelta(days=5)
    policy = TodayPolicy()
    assert not at_risk(made, midnight, closes, NOON, policy)
    assert at_risk(made, midnight, closes, NOON + 2 * HOUR, policy)
    assert at_risk(made, midnight, closes, NOON + 10 * HOUR, policy), "closed, and not yet broken"


@given(
    st.integers(1, 100_000),
    st.integers(0, 100_000),
    st.floats(0, 240),
    st.floats(0.01, 1),
)
def test_the_closer_the_more_at_risk(length: int, left: int, hours: float, share: float) -> None:
    policy = TodayPolicy(risk_hours=hours, risk_share=share)
    due = NOON + timedelta(minutes=left)
    made = due - timedelta(minutes=length)
    if at_risk(made, due, due, NOON, policy):
        assert at_risk(made, due, due, NOON + timedelta(minutes=left / 2), policy)


def test_the_most_urgent_first() -> None:
    late = fact("rescue", 1, due=NOON + HOUR)
    soon = fact("rescue", 2, due=NOON)
    bad, worse = fact("win_back", 3, amount=1.0), fact("win_back", 4, amount=9.0)
    look = fact("look", 5)
    found = lines([look, late, bad, soon, worse], {}, NOON)
    assert found == [worse, bad, soon, late, look]


@pytest.mark.parametrize(
    ("mark", "shown"),
    [
        (None, True),
        (Marked("done", None), False),
        (Marked("later", NOON + HOUR), False),
        (Marked("later", NOON), True),
        (Marked("later", NOON - HOUR), True),
    ],
)
def test_a_line_set_aside_comes_back_at_its_moment(mark: Marked | None, shown: bool) -> None:
    line = fact("look")
    marks = {line.key: mark} if mark else {}
    assert (lines([line], marks, NOON) == [line]) is shown


@given(st.lists(st.sampled_from(KINDS), max_size=60), st.integers(1, 50))
def test_no_line_is_lost_in_a_group(kinds: list[str], most: int) -> None:
    found = [fact(kind, number) for number, kind in enumerate(kinds)]
    groups = grouped(found, TodayPolicy(lines_of_a_kind=most))
    assert sum(one.n for one in groups) == len(found)
    assert all(0 < len(one.shown) <= most for one in groups)
    assert [one.kind for one in groups] == [kind for kind in KINDS if kind in kinds]


@pytest.mark.parametrize(
    "wrong",
    [
        {"risk_hours": -1},
        {"risk_share": 0},
        {"risk_share": 1.5},
        {"broken_days": 0},
        {"lines_of_a_kind": 0},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError):
        TodayPolicy(**wrong)  # type: ignore[arg-type]
