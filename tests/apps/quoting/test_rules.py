"""The rules of promising: tables of cases, and what holds for all of them."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from overdeliver.apps.quoting.rules.policy import PromisingPolicy
from overdeliver.apps.quoting.rules.promise import Foreseen, Subject, choose_promise
from overdeliver.apps.quoting.rules.publish import Tried, good_enough_to_publish, should_alarm
from overdeliver.apps.quoting.rules.steps import rounded_up
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.hours import BusinessHours

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)  # a Thursday
DAILY = BusinessHours("UTC", (((time(9), time(18)),),) * 5 + ((), ()))


def subject(unit: str = "minutes", **given: Any) -> Subject:
    fields = {"lever": "time", "whole": False, "fallback": None, "zone": "UTC", **given}
    return Subject("s", unit=unit, **fields)


def seen(promise: float, middle: float | None = None, **given: Any) -> Foreseen:
    middle = promise / 2 if middle is None else middle
    fields = {"outcomes": 400, "needed": 9, "low": middle / 2, "high": promise, **given}
    return Foreseen("s 1", promise=promise, middle=middle, **fields)


def chosen(of: Subject, what: Foreseen | None, **given: Any) -> Any:
    policy = given.pop("policy", PromisingPolicy())
    fields = {"level": 0.9, "made_at": NOON, **given}
    return choose_promise(of, what, policy, **fields)


@pytest.mark.parametrize(
    ("unit", "value", "said"),
    [
        ("minutes", 41.2, 45),
        ("minutes", 45.0, 45),
        ("minutes", 7.1, 8),
        ("minutes", 100.0, 105),
        ("hours", 2.1, 2.5),
        ("hours", 30.2, 31),
        ("EUR", 117.3, 120),
        ("EUR", 7.31, 7.4),
        ("KZT", 48_650.0, 50_000),
        ("EUR", 0.0, 0),
    ],
)
def test_what_people_say(unit: str, value: float, said: float) -> None:
    assert rounded_up(value, unit) == pytest.approx(said)


@given(st.floats(0.001, 1e9), st.sampled_from(["minutes", "hours", "days", "weeks", "EUR"]))
def test_rounding_never_shortens_and_is_stable(value: float, unit: str) -> None:
    said = rounded_up(value, unit)
    assert said >= value * (1 - 1e-9)
    assert rounded_up(said, unit) == pytest.approx(said)


@given(st.floats(0.1, 5000), st.floats(0.1, 5000))
def test_a_longer_quantile_is_never_a_shorter_promise(a: float, b: float) -> None:
    low, high = sorted((a, b))
    policy = PromisingPolicy(widest=0)
    first, second = (chosen(subject(), seen(x), policy=policy, hours=DAILY) for x in (low, high))
    assert first.promised <= second.promised + 1e-9
    assert first.due_at <= second.due_at


def test_a_date_is_kept_until_the_end_of_its_day_in_the_zone() -> None:
    of = subject("days", whole=True, zone="Asia/Almaty")
    found = chosen(of, seen(8.0))
    assert found.due_at.isoformat() == "2026-03-13T23:59:59.999999+05:00"
    assert (found.promised, found.shown) == (8.0, True)


def test_an_end_while_closed_is_moved_to_the_opening_and_says_so() -> None:
    late = NOON.replace(hour=17, minute=30)
    found = chosen(subject(), seen(60.0), made_at=late, hours=DAILY)
    assert found.due_at == datetime(2026, 3, 6, 9, tzinfo=UTC) and found.moved
    assert found.promised == pytest.approx(15.5 * 60)
    assert any("open" in line for line in found.because)
    plain = PromisingPolicy(within_hours=False)
    assert not chosen(subject(), seen(60.0), made_at=late, hours=DAILY, policy=plain).moved


def test_a_promise_of_the_night_begins_at_the_opening() -> None:
    """Nobody can have done by nine what he begins at nine."""
    night = datetime(2026, 3, 6, 2, tzinfo=UTC)
    found = chosen(subject(), seen(60.0), made_at=night, hours=DAILY)
    assert found.moved and found.due_at is not None
    taken = found.due_at - datetime(2026, 3, 6, 9, tzinfo=UTC)
    assert timedelta(minutes=60) <= taken <= timedelta(minutes=75)  # as rounded
    assert found.promised == pytest.approx((found.due_at - night).total_seconds() / 60)


def test_a_stated_promise_counts_open_time() -> None:
    friday = datetime(2026, 3, 6, 17, 30, tzinfo=UTC)
    found = chosen(subject(fallback=60.0), None, made_at=friday, hours=DAILY)
    assert found.due_at == datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
    assert (found.source, found.level) == ("stated", None)


def test_a_promised_day_can_be_asked_to_be_a_day_of_opening() -> None:
    of = subject("days", whole=True)
    policy = PromisingPolicy(open_days=True)
    found = chosen(of, seen(2.0), hours=DAILY, policy=policy)  # a Saturday
    assert found.due_at.date().isoformat() == "2026-03-09" and found.promised == 4
    assert chosen(of, seen(2.0), hours=DAILY).due_at.date().isoformat() == "2026-03-07"


@pytest.mark.parametrize(
    ("outcomes", "least", "source"), [(8, 0, "stated"), (9, 0, "learned"), (9, 50, "stated")]
)
def test_too_few_outcomes_fall_back_to_what_is_stated(
    outcomes: int, least: int, source: str
) -> None:
    policy = PromisingPolicy(least_outcomes=least)
    found = chosen(subject(fallback=60.0), seen(30.0, outcomes=outcomes), policy=policy)
    assert found.source == source


def test_unsure_is_hidden_and_nothing_stated_is_hidden() -> None:
    wide = chosen(subject(), seen(100.0, 10.0))
    assert (wide.verdict, wide.shown) == ("hide", False) and "times" in wide.because[-1]
    assert chosen(subject(), seen(100.0, 10.0), policy=PromisingPolicy(widest=0)).shown
    nothing = chosen(subject(), None)
    assert (nothing.source, nothing.promised, nothing.shown) == ("none", None, False)


def test_same_day_beside_the_next_day_is_not_unsure() -> None:
    of = subject("days", whole=True)
    assert chosen(of, seen(1.0, 0.0)).shown


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5, 0.999])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    with pytest.raises(InputError):
        chosen(subject(), seen(10.0), level=level)


@pytest.mark.parametrize(
    ("change", "verdict", "key"),
    [
        ({}, "publish", "judged"),
        ({"outcomes": 8}, "refuse", "few"),
        ({"kept": 0.8, "low": 0.75, "high": 0.85}, "refuse", "breaks"),
        ({"kept": 0.86, "low": 0.82, "high": 0.89}, "publish", "judged"),
        ({"kept": 0.99, "low": 0.97, "high": 0.999}, "refuse", "spares"),
        ({"kept": 0.94, "low": 0.92, "high": 0.96}, "publish", "judged"),
        ({"judged": 19}, "wait", "thin"),
        ({"judged": 0, "kept": None, "low": None, "high": None}, "wait", "thin"),
        ({"loss": 1.2, "published_loss": 1.0}, "refuse", "worse"),
        ({"loss": 1.02, "published_loss": 1.0}, "publish", "no_worse"),
    ],
)
def test_what_is_good_enough(change: dict[str, Any], verdict: str, key: str) -> None:
    fields: dict[str, Any] = {
        "level": 0.9,
        "outcomes": 500,
        "needed": 9,
        "judged": 200,
        "kept": 0.9,
        "low": 0.85,
        "high": 0.935,
    }
    found = good_enough_to_publish(Tried(**{**fields, **change}), PromisingPolicy())
    assert found.verdict == verdict
    assert key in [reason.key for reason in found.reasons]


def test_an_alarm_needs_the_test_and_the_rate() -> None:
    policy = PromisingPolicy()
    seen: dict[str, Any] = {"level": 0.9, "covered": 0.8, "low": 0.76, "high": 0.84}
    assert should_alarm(**seen, fallen=True, policy=policy).verdict == "alarm"
    assert should_alarm(**seen, fallen=False, policy=policy).verdict == "quiet"
    recovered = {**seen, "covered": 0.89, "high": 0.93}
    assert should_alarm(**recovered, fallen=True, policy=policy).verdict == "quiet"


@pytest.mark.parametrize(
    "wrong",
    [{"level": 1.0}, {"levels": {"a": 0}}, {"valid_hours": 0}, {"widest": 0.5},
     {"least_outcomes": -1}, {"false_alarms": 0}],
)  # fmt: skip
def test_a_policy_that_makes_no_sense_cannot_be_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        PromisingPolicy(**wrong)


@given(st.floats(1, 2000), st.integers(0, 6 * 24))
@example(511.0, 30)  # at the moment of closing, which is_open no longer counts
def test_a_promise_within_hours_ends_while_open_or_as_it_closes(minutes: float, hour: int) -> None:
    made = NOON + timedelta(hours=hour)
    found = chosen(
        subject(), seen(minutes), made_at=made, hours=DAILY, policy=PromisingPolicy(widest=0)
    )
    assert DAILY.is_open(found.due_at) or DAILY.is_open(found.due_at - timedelta(seconds=1))
    assert found.due_at >= made + timedelta(minutes=minutes) - timedelta(seconds=1)
