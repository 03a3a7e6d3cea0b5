"""Promises over the changes of the clocks: hours are hours, noon is noon, in each zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from overdeliver.vocabulary.hours import BusinessHours
from overdeliver.vocabulary.moments import at_wall, due, plus_days

DAY = timedelta(hours=24)
#: Zone, the last noon before the clocks change, the hours from that noon to the next.
CHANGES = [
    ("Europe/Bucharest", datetime(2026, 3, 28, 12), 23),
    ("Europe/Bucharest", datetime(2026, 10, 24, 12), 25),
    ("Europe/Lisbon", datetime(2026, 3, 28, 12), 23),
    ("Europe/Lisbon", datetime(2026, 10, 24, 12), 25),
    ("Europe/Chisinau", datetime(2026, 3, 28, 12), 23),
    ("Europe/Chisinau", datetime(2026, 10, 24, 12), 25),
    ("America/New_York", datetime(2026, 3, 7, 12), 23),
    ("America/New_York", datetime(2026, 10, 31, 12), 25),
    ("Asia/Almaty", datetime(2024, 2, 29, 12), 25),  # the whole country changed its zone
    ("Asia/Almaty", datetime(2026, 3, 28, 12), 24),
]


@pytest.mark.parametrize(("zone", "noon", "hours"), CHANGES)
def test_within_a_day_is_a_day_and_by_noon_is_noon(zone: str, noon: datetime, hours: int) -> None:
    began = at_wall(noon, zone)
    ends = due(began.astimezone(UTC) + DAY, zone)
    assert (ends.astimezone(UTC) - began.astimezone(UTC)).total_seconds() == 24 * 3600
    tomorrow = plus_days(began, 1, zone)
    assert (tomorrow.hour, tomorrow.minute) == (12, 0)
    assert tomorrow.astimezone(UTC) - began.astimezone(UTC) == timedelta(hours=hours)
    always = BusinessHours(zone, (((time(0), time(0)),),) * 7)
    assert always.plus(began, DAY) == ends
    week = (((time(9), time(18)),),) * 7
    opening = BusinessHours(zone, week).next_open(at_wall(noon.replace(hour=20), zone))
    assert (opening.hour, opening.date()) == (9, noon.date() + timedelta(days=1))


@pytest.mark.parametrize(
    ("zone", "gone", "twice"),
    [
        ("Europe/Bucharest", datetime(2026, 3, 29, 3, 30), datetime(2026, 10, 25, 3, 30)),
        ("Europe/Chisinau", datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30)),
        ("Europe/Lisbon", datetime(2026, 3, 29, 1, 30), datetime(2026, 10, 25, 1, 30)),
        ("America/New_York", datetime(2026, 3, 8, 2, 30), datetime(2026, 11, 1, 1, 30)),
    ],
)
def test_a_time_left_out_is_later_and_one_that_comes_twice_the_first(
    zone: str, gone: datetime, twice: datetime
) -> None:
    later, first = at_wall(gone, zone), at_wall(twice, zone)
    assert later.replace(tzinfo=None) == gone + timedelta(hours=1)
    assert first.utcoffset() == twice.replace(tzinfo=ZoneInfo(zone), fold=0).utcoffset()
    assert first.replace(tzinfo=None) == twice


@pytest.mark.parametrize(
    ("day", "days", "then"),
    [
        (date(2028, 2, 28), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 365, date(2029, 2, 28)),
        (date(2027, 2, 28), 1, date(2027, 3, 1)),
        (date(2026, 1, 31), 28, date(2026, 2, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 1)),
    ],
)
def test_ends_of_months_and_the_29th_of_february(day: date, days: int, then: date) -> None:
    noon = at_wall(datetime.combine(day, time(12)), "Europe/Lisbon")
    assert plus_days(noon, days, "Europe/Lisbon").date() == then
