"""The rules of care: dates on any day, arms that stay, deadlines that hold."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from overdeliver.apps.care.contents import contents_of
from overdeliver.apps.care.rules.arms import arm
from overdeliver.apps.care.rules.deadline import propose
from overdeliver.apps.care.rules.going import Facts, may_go
from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.apps.care.rules.steps import (
    Case,
    Clocks,
    Step,
    checked,
    concerns,
    planned,
    step_of,
)
from overdeliver.apps.care.rules.tasks import turned
from overdeliver.apps.care.starters import KINDS, plans_for
from overdeliver.apps.outreach.rules.timing import OutboxPolicy
from overdeliver.vocabulary.errors import Conflict, InputError
from overdeliver.vocabulary.hours import BusinessHours

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
WEEK = BusinessHours("Europe/Bucharest", (((time(9), time(18)),),) * 5 + ((), ()))
ZONES = ["Europe/Bucharest", "Europe/Lisbon", "Asia/Almaty", "America/Sao_Paulo", "UTC"]
moments = some.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=some.just(UTC))


def _clocks(zone: str = "Europe/Bucharest") -> Clocks:
    return Clocks(zone, "Europe/Bucharest", WEEK, OutboxPolicy())


steps = some.builds(
    lambda channel, after, more, clock: Step(
        channel=channel,
        content=contents_of(channel)[0],
        after=after,
        within=after + more,
        clock=clock,
    ),
    some.sampled_from(["mail", "letter", "call", "thanks"]),
    some.floats(0, 200).map(lambda x: round(x, 2)),
    some.floats(0.1, 200).map(lambda x: round(x, 2)),
    some.sampled_from(["", "03:30", "10:00", "23:59"]),
)


@settings(max_examples=300, deadline=None)
@given(moments, steps, some.sampled_from(ZONES), some.floats(0, 500))
def test_nothing_goes_by_itself_after_its_deadline(
    moment: datetime, step: Step, zone: str, late: float
) -> None:
    found = planned(step, moment, _clocks(zone), 1)
    deadline = moment + timedelta(hours=step.within)
    assert found.at >= moment + timedelta(hours=step.after)
    assert (found.verdict == "hold") == (found.at > deadline)
    now = found.at + timedelta(hours=late)
    going = may_go(Facts(not_after=found.not_after), now, 1)
    assert (going.verdict == "go") == (now <= deadline)


@settings(max_examples=200, deadline=None)
@given(moments, some.sampled_from(ZONES))
def test_mail_sleeps_at_night_and_calls_keep_business_hours(moment: datetime, zone: str) -> None:
    mail = planned(Step(channel="mail", content="x"), moment, _clocks(zone), 1)
    assert 8 <= mail.at.astimezone(ZoneInfo(zone)).hour < 21
    call = planned(Step(channel="call", content="x"), moment, _clocks(zone), 1)
    assert WEEK.is_open(call.at) and 8 <= call.at.astimezone(ZoneInfo(zone)).hour < 21
    thanks = planned(Step(channel="thanks", content="x"), moment, _clocks(zone), 1)
    assert WEEK.is_open(thanks.at)


@pytest.mark.parametrize(
    ("placed", "clock", "at"),
    [
        # the clocks of Bucharest jump at 03:00 on 29 March 2026: there is no 03:30
        ("2026-03-28T22:00:00+00:00", "03:30", "2026-03-29T04:30:00+03:00"),
        # and on 25 October 2026 there are two of them: the first counts
        ("2026-10-24T22:00:00+00:00", "03:30", "2026-10-25T03:30:00+03:00"),
        ("2026-03-28T22:00:00+00:00", "10:00", "2026-03-29T10:00:00+03:00"),
    ],
)
def test_a_time_of_day_on_the_days_when_the_clocks_change(placed: str, clock: str, at: str) -> None:
    step = Step(channel="letter", content="x", clock=clock, within=72)
    found = planned(step, datetime.fromisoformat(placed), _clocks(), 1)
    assert found.at.isoformat() == at


def test_twenty_four_hours_are_that_on_every_day() -> None:
    moment = datetime.fromisoformat("2026-03-28T10:00:00+00:00")
    found = planned(Step(channel="letter", content="x", within=24), moment, _clocks(), 1)
    assert (found.not_after - moment).total_seconds() == 86_400


def test_a_call_on_friday_night_cannot_come_within_a_day() -> None:
    friday = datetime(2026, 3, 6, 20, tzinfo=UTC)
    found = planned(Step(channel="call", content="x", within=24), friday, _clocks(), 1)
    assert found.verdict == "hold" and "later than 24 hours" in found.because[-1]


@given(some.text(min_size=1, max_size=20), some.sampled_from(["order", "delivery"]))
def test_a_customer_stays_in_his_arm(customer: str, plan: str) -> None:
    policy = CarePolicy(held_out=0.3)
    assert arm(plan, customer, policy) == arm(plan, customer, policy)
    wider = arm(plan, customer, CarePolicy(held_out=0.5)).verdict
    assert arm(plan, customer, policy).verdict == "treated" or wider == "held_out"


def test_the_share_held_out_is_that_of_the_policy_and_another_salt_deals_anew() -> None:
    def out(salt: str) -> set[int]:
        policy = CarePolicy(held_out=0.1, salt=salt)
        return {n for n in range(5000) if arm("order", f"c-{n}", policy).verdict == "held_out"}

    first, second = out("first"), out("second")
    assert 420 <= len(first) <= 580
    assert len(first & second) < 100


@pytest.mark.parametrize("share", [-0.1, 0.6])
def test_nobody_holds_out_more_than_half(share: float) -> None:
    with pytest.raises(InputError):
        CarePolicy(held_out=share)


@pytest.mark.parametrize(
    ("given_", "case", "verdict"),
    [
        ({"lever": "cost"}, Case(levers=frozenset({"time"})), "no"),
        ({"lever": "time"}, Case(levers=frozenset({"time"})), "yes"),
        ({"service": "parcel"}, Case(service="courier"), "no"),
        ({"segment": "vip"}, Case(segment="vip"), "yes"),
        ({"amount_from": "100"}, Case(amount=None), "no"),
        ({"amount_from": "100"}, Case(amount=Decimal(100)), "yes"),
        ({"first_only": True}, Case(first=False), "no"),
        ({}, Case(), "yes"),
    ],
)
def test_conditions(given_: dict[str, object], case: Case, verdict: str) -> None:
    step = Step(channel="mail", content="x", **given_)  # type: ignore[arg-type]
    assert concerns(step, case, 1).verdict == verdict


@pytest.mark.parametrize(
    "wrong",
    [
        {"channel": "pigeon"},
        {"content": ""},
        {"after": -1},
        {"after": 5, "within": 5},
        {"within": 100_000},
        {"clock": "25:00"},
        {"lever": "luck"},
        {"amount_from": "many"},
    ],
)
def test_steps_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Step(**{"channel": "mail", "content": "x", **wrong})  # type: ignore[arg-type]


def test_a_plan_has_some_steps_and_no_two_alike() -> None:
    step = Step(channel="mail", content="x")
    for bad in ([], [step, step], [Step(channel="mail", content=str(n)) for n in range(13)]):
        with pytest.raises(InputError):
            checked(bad)
    assert step_of({**step.data(), "gone": 1}) == step


@pytest.mark.parametrize("kind", [*KINDS, "other"])
def test_every_kind_of_business_begins_with_plans_that_hold(kind: str) -> None:
    found = plans_for(kind)
    assert {"order", "exceeded", "broken_and_recovered", "anniversary", "first_visit"} <= set(found)
    for steps_ in found.values():
        assert all(one.content in contents_of(one.channel) for one in checked(steps_))
    assert all(one.within <= 24 for one in found["order"] if one.channel != "thanks")


def test_the_deadline_comes_before_the_first_quarter_of_the_cancellations() -> None:
    policy = CarePolicy(needed=20)
    hours = [3.0] * 5 + [9.5] * 15 + [40.0] * 20
    found = propose(hours, 24, policy)
    assert (found.verdict, found.hours) == ("move", 9.0)
    assert propose(hours, 9, policy).verdict == "keep"
    assert propose(hours[:19], 24, policy).verdict == "wait"
    assert propose([100.0] * 50, 24, policy).hours == 24  # never later than a day
    assert propose([500.0] * 50, 24, policy).verdict == "wait"  # those had other reasons


def test_what_a_person_released_goes_late_but_never_against_a_no() -> None:
    late = NOON + timedelta(hours=1)
    assert may_go(Facts(not_after=NOON, released=True, broken=True), late, 1).verdict == "go"
    assert may_go(Facts(not_after=NOON, released=True, agreed=False), late, 1).verdict == "drop"
    assert may_go(Facts(not_after=late, restored=True), NOON, 1).reason == "restored"
    assert may_go(Facts(not_after=late, overdue=True), NOON, 1).reason == "overdue"


def test_outcomes_of_a_call() -> None:
    assert turned("call", "open", "reached", None, NOON).status == "done"
    assert turned("call", "open", "not_wanted", None, NOON).status == "dropped"
    back = turned("call", "open", "no_answer", NOON + timedelta(hours=2), NOON)
    assert (back.status, back.due_at) == ("open", NOON + timedelta(hours=2))
    for wrong in (None, NOON - timedelta(hours=1)):
        with pytest.raises(InputError):
            turned("call", "open", "call_back", wrong, NOON)
    with pytest.raises(InputError):
        turned("thanks", "open", "reached", None, NOON)
    with pytest.raises(Conflict):
        turned("call", "done", "reached", None, NOON)
