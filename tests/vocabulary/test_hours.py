"""Business hours: shifts, holidays, nights and changes of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.hours import BusinessHours, Shifts
from tests.figures import figure

ZONE = "Europe/Bucharest"
THERE = ZoneInfo(ZONE)
HOUR = timedelta(hours=1)
SPLIT: Shifts = ((time(9), time(13)), (time(14), time(18)))
NIGHT: Shifts = ((time(18), time(2)),)
ALWAYS: Shifts = ((time(0), time(0)),)
WORKDAYS = BusinessHours(
    ZONE,
    (SPLIT,) * 5 + ((), ()),
    holidays=frozenset({date(2026, 1, 1), date(2026, 12, 25)}),
    special={
        date(2026, 12, 24): ((time(9), time(12)),),
        date(2026, 12, 25): ((time(10), time(11)),),
    },
)
PIZZERIA = BusinessHours(ZONE, (NIGHT,) * 7)


def at(day: int, hour: int, minute: int = 0, month: int = 3, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=THERE)


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        (at(27, 9), True),
        (at(27, 12, 59), True),
        (at(27, 13), False),
        (at(27, 13, 30), False),
        (at(27, 14), True),
        (at(27, 18), False),
        (at(28, 10), False),  # a Saturday
        (at(1, 10, month=1), False),  # a holiday on a Thursday
        (at(24, 11, month=12), True),
        (at(24, 15, month=12), False),
        (at(25, 10, month=12), True),  # its own hours win over the holiday
    ],
)
def test_shifts_of_a_day(moment: datetime, open_: bool) -> None:
    assert WORKDAYS.is_open(moment) is open_
    assert WORKDAYS.is_open(moment.astimezone(UTC)) is open_


def test_a_night_belongs_to_the_day_it_began() -> None:
    assert PIZZERIA.is_open(at(27, 1, 59))
    assert not PIZZERIA.is_open(at(27, 2))
    closed_today = BusinessHours(ZONE, (NIGHT,) * 7, holidays=frozenset({date(2026, 3, 27)}))
    assert closed_today.is_open(at(27, 1))
    assert not closed_today.is_open(at(27, 19))
    assert not closed_today.is_open(at(28, 1))


def test_work_goes_over_lunch_weekend_and_holiday() -> None:
    assert WORKDAYS.plus(at(27, 12), 2 * HOUR) == at(27, 15)
    assert WORKDAYS.plus(at(27, 17), 2 * HOUR) == at(30, 10)
    assert WORKDAYS.plus(at(31, 17, month=12, year=2025), 2 * HOUR) == at(2, 10, month=1)
    assert WORKDAYS.plus(at(27, 17), HOUR) == at(27, 18)  # done as the door closes
    assert WORKDAYS.plus(at(28, 12), timedelta()) == at(30, 9)


def test_a_night_lasts_as_long_as_the_clocks_let_it() -> None:
    late = BusinessHours(ZONE, (((time(22), time(6)),),) * 7)
    assert late.between(at(28, 12), at(29, 12)) == 7 * HOUR  # 03:00 became 04:00
    assert late.between(at(24, 12, month=10), at(25, 12, month=10)) == 9 * HOUR
    round_the_clock = BusinessHours(ZONE, (ALWAYS,) * 7)
    assert round_the_clock.between(at(28, 0), at(30, 0)) == 47 * HOUR


def test_an_hour_in_two_shifts_counts_once() -> None:
    both = BusinessHours(ZONE, (NIGHT,) * 7, special={date(2026, 3, 28): ((time(1), time(4)),)})
    assert both.between(at(28, 0), at(28, 12)) == 4 * HOUR


def test_the_next_opening() -> None:
    assert WORKDAYS.next_open(at(27, 10)) == at(27, 10)
    assert WORKDAYS.next_open(at(27, 18)) == at(30, 9)
    assert WORKDAYS.next_open(at(27, 18)).utcoffset() == 3 * HOUR


def test_a_door_that_never_opens_is_said_so() -> None:
    never = BusinessHours(ZONE, ((),) * 7)
    assert not never.is_open(at(27, 10))
    assert never.between(at(1, 0), at(27, 0)) == timedelta()
    with pytest.raises(InputError, match="closed for three years after 2026-03-27"):
        never.plus(at(27, 10), HOUR)


@pytest.mark.parametrize(
    ("week", "said"),
    [
        ((SPLIT,) * 6, "6 days given"),
        ((((time(9), time(13)), (time(12), time(18))),) * 7, "begins at 12:00 within another"),
        ((((time(18), time(2)), (time(20), time(22))),) * 7, "begins at 20:00 within another"),
        ((((time(9), time(9)), (time(9), time(10))),) * 7, "begins at 09:00 within another"),
    ],
)
def test_hours_that_make_no_sense_are_refused(week: tuple[Shifts, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        BusinessHours(ZONE, week)


def test_what_cannot_be_asked() -> None:
    with pytest.raises(InputError, match="no such time zone"):
        BusinessHours("Nowhere", (SPLIT,) * 7)
    with pytest.raises(InputError, match="less than no time"):
        WORKDAYS.plus(at(27, 10), -HOUR)
    with pytest.raises(InputError, match="says no zone"):
        WORKDAYS.is_open(datetime(2026, 3, 27, 10))


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 20), timezones=st.just(UTC))
hours = st.sampled_from([WORKDAYS, PIZZERIA, BusinessHours(ZONE, (ALWAYS,) * 7)])
work = st.integers(0, 60 * 24 * 5).map(lambda minutes: timedelta(minutes=minutes))


@settings(max_examples=figure(60, 10_000), deadline=None)
@given(hours=hours, moment=moments, first=work, second=work)
def test_time_put_in_is_time_passed(
    hours: BusinessHours, moment: datetime, first: timedelta, second: timedelta
) -> None:
    there = hours.plus(moment, first)
    assert hours.between(moment, there) == first
    assert hours.between(there, moment) == -first
    assert hours.plus(there, second) >= hours.plus(moment, first + second)
    assert hours.between(moment, hours.plus(there, second)) == first + second
    assert hours.is_open(hours.next_open(moment))
