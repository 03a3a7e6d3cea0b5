"""Days end when they end in their zone, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.gap import verdict
from overdeliver.vocabulary.moments import (
    at_wall,
    aware,
    day_of,
    days_between,
    due,
    end_of_day,
    is_overdue,
    plus_days,
    start_of_day,
    zone_named,
)

TICK = timedelta(microseconds=1)
#: Changes at night, at midnight, over midnight, by half an hour, of a whole day, and none at all.
ZONES = (
    *("UTC", "Europe/Bucharest", "America/Sao_Paulo", "Asia/Almaty", "America/St_Johns"),
    *("America/Havana", "America/Toronto", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata"),
)
zones = st.sampled_from(ZONES)
days = st.dates(date(1915, 1, 2), date(2037, 12, 30))
moments = st.datetimes(datetime(1915, 1, 2), datetime(2037, 12, 30), timezones=st.just(UTC))
NEVER_WAS = date(2011, 12, 30)  # Samoa went over the date line


@pytest.mark.parametrize(
    ("day", "zone", "ends", "hours"),
    [
        (date(2026, 3, 5), "Europe/Bucharest", "2026-03-05T21:59:59.999999+00:00", 24),
        (date(2026, 3, 29), "Europe/Bucharest", "2026-03-29T20:59:59.999999+00:00", 23),
        (date(2026, 10, 25), "Europe/Bucharest", "2026-10-25T21:59:59.999999+00:00", 25),
        # No midnight: the clocks jumped from 00:00 to 01:00 as the fourth began.
        (date(2018, 11, 3), "America/Sao_Paulo", "2018-11-04T02:59:59.999999+00:00", 24),
        (date(2018, 11, 4), "America/Sao_Paulo", "2018-11-05T01:59:59.999999+00:00", 23),
        # Midnight twice: at 00:01 of the seventh it was 23:01 of the sixth again.
        (date(2010, 11, 6), "America/St_Johns", "2010-11-07T03:29:59.999999+00:00", 25),
        # The clocks jumped over midnight, from 23:30 to 00:30.
        (date(1919, 3, 30), "America/Toronto", "1919-03-31T04:29:59.999999+00:00", 23.5),
        # Kazakhstan moved to one zone on 1 March 2024.
        (date(2024, 2, 29), "Asia/Almaty", "2024-02-29T18:59:59.999999+00:00", 25),
    ],
)
def test_a_day_ends_once(day: date, zone: str, ends: str, hours: float) -> None:
    end = end_of_day(day, zone)
    assert end.astimezone(UTC).isoformat() == ends
    lasted = end.astimezone(UTC) + TICK - start_of_day(day, zone).astimezone(UTC)
    assert lasted == timedelta(hours=hours)


@given(day=days, zone=zones)
@example(day=NEVER_WAS, zone="Pacific/Apia")
@example(day=date(2010, 11, 6), zone="America/St_Johns")
@example(day=date(1919, 3, 30), zone="America/Toronto")
@example(day=date(2018, 11, 3), zone="America/Sao_Paulo")
def test_the_end_is_the_last_instant_of_the_day(day: date, zone: str) -> None:
    end = end_of_day(day, zone).astimezone(UTC)
    if not (day == NEVER_WAS and zone == "Pacific/Apia"):
        assert end.astimezone(ZoneInfo(zone)).date() == day
    later = (end + TICK + timedelta(minutes=10 * step) for step in range(24))
    assert all(moment.astimezone(ZoneInfo(zone)).date() > day for moment in later)
    assert start_of_day(day + timedelta(days=1), zone).astimezone(UTC) == end + TICK


@given(moment=moments, zone=zones)
def test_a_moment_lies_within_its_day(moment: datetime, zone: str) -> None:
    assert moment <= end_of_day(day_of(moment, zone), zone)


@given(day=days, zone=zones)
def test_a_date_is_kept_until_the_end_of_that_day_in_its_zone(day: date, zone: str) -> None:
    last = due(day, zone)
    assert not is_overdue(last, last)
    assert is_overdue(last, last + TICK)
    assert verdict(None, overdue=is_overdue(last, last)) == "open"
    assert verdict(None, overdue=is_overdue(last, last.astimezone(UTC) + TICK)) == "broken"


def test_the_same_instant_is_kept_in_one_zone_and_broken_in_another() -> None:
    arrived = datetime(2026, 3, 5, 23, 30, tzinfo=ZoneInfo("America/Sao_Paulo"))
    assert not is_overdue(due(date(2026, 3, 5), "America/Sao_Paulo"), arrived)
    assert is_overdue(due(date(2026, 3, 5), "Asia/Almaty"), arrived)


def test_a_moment_is_due_at_the_instant() -> None:
    promised = datetime(2026, 3, 29, 0, 45, tzinfo=UTC)
    assert due(promised, "Europe/Bucharest") == promised
    assert due(promised, "Europe/Bucharest").utcoffset() == timedelta(hours=2)


@given(moment=moments, zone=zones, days=st.integers(-800, 800))
def test_so_many_days_later_are_so_many_days_apart(moment: datetime, zone: str, days: int) -> None:
    there = plus_days(moment, days, zone)
    skipped = zone == "Pacific/Apia" and day_of(there, zone).year == 2011
    if not skipped:
        # A jump over midnight carries a time that was left out into the next day.
        assert days_between(moment, there, zone) - days in (0, 1)
    assert plus_days(moment, 0, "UTC") == moment
    assert days_between(there, moment, zone) == -days_between(moment, there, zone)


def test_the_time_of_day_is_kept_over_a_change_of_the_clocks() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Bucharest"))
    after = plus_days(before, 1, "Europe/Bucharest")
    assert after.hour == 12
    assert after.astimezone(UTC) - before.astimezone(UTC) == timedelta(hours=23)


def test_times_left_out_and_times_that_come_twice() -> None:
    gone = at_wall(datetime(2026, 3, 29, 3, 30), "Europe/Bucharest")
    assert gone.isoformat() == "2026-03-29T04:30:00+03:00"
    twice = at_wall(datetime(2026, 10, 25, 3, 30, fold=1), "Europe/Bucharest")
    assert twice.utcoffset() == timedelta(hours=3)


def test_a_moment_without_a_zone_is_refused_everywhere() -> None:
    naive = datetime(2026, 3, 5, 12)
    for asked in (
        lambda: aware(naive),
        lambda: day_of(naive, "UTC"),
        lambda: due(naive, "UTC"),
        lambda: plus_days(naive, 1, "UTC"),
        lambda: is_overdue(naive, datetime.now(UTC)),
        lambda: is_overdue(datetime.now(UTC), naive),
    ):
        with pytest.raises(InputError, match="says no zone"):
            asked()


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe", "a\x00b"])
def test_a_zone_nobody_knows_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(InputError, match="no such time zone") as caught:
        zone_named(name)
    assert "\n" not in str(caught.value)
