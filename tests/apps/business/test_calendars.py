"""Deadlines on the calendars of six countries, each reckoned by hand from the year's calendar.

Most moved days of Kazakhstan (2022 to 2025) and Russia (2024 to 2026) were looked up in what the
press wrote of the orders and decrees that moved them; the other days of 2026 are those of the laws
on public holidays as commonly known, which the library's agree with.
"""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.test import Client

from overdeliver.apps.business import actions, opening, reads
from overdeliver.apps.business.calendars import moved_days, moved_workdays, opening_hours
from overdeliver.vocabulary.hours import Shifts
from overdeliver.vocabulary.moments import zone_named

ZONES = {
    "KZ": "Asia/Almaty",
    "RU": "Europe/Moscow",
    "MD": "Europe/Chisinau",
    "RO": "Europe/Bucharest",
    "PT": "Europe/Lisbon",
    "BR": "America/Sao_Paulo",
}
SPLIT: Shifts = ((time(9), time(13)), (time(14), time(18)))
WEEKS: dict[str, tuple[Shifts, ...]] = {
    "office": (SPLIT,) * 5 + ((), ()),
    "six": (SPLIT,) * 5 + (((time(10), time(14)),), ()),
    "shop": (((time(10), time(20)),),) * 7,
    "night": (((time(18), time(2)),),) * 7,
    "late": (((time(22), time(6)),),) * 7,
}
#: Country, week, asked at, hours of work, due: by the clocks of that country.
CASES = """
# Kazakhstan. The break at noon does not count, nor do evenings and weekends.
KZ office 2026-02-06T12:00 2 2026-02-06T15:00
KZ office 2026-02-06T17:00 2 2026-02-09T10:00
# 2022: Saturday 22 October is worked for Monday the 24th, the 25th is Republic Day.
KZ office 2022-10-21T17:00 2 2022-10-22T10:00
KZ office 2022-10-22T17:00 2 2022-10-26T10:00
# 2023: Saturday 1 July is worked for Friday the 7th, the 6th is Capital Day.
KZ office 2023-06-30T17:00 2 2023-07-01T10:00
KZ office 2023-07-05T17:30 1 2023-07-10T09:30
# 2024: Saturday 4 May is worked for Wednesday the 8th, between the holidays of the 7th and 9th.
KZ office 2024-05-03T17:00 2 2024-05-04T10:00
KZ office 2024-05-04T12:30 1 2024-05-04T14:30
KZ office 2024-05-04T17:00 2 2024-05-06T10:00
KZ office 2024-05-06T17:30 1 2024-05-10T09:30
# Whoever is open on Saturdays anyway keeps those hours.
KZ six 2024-05-03T17:00 2 2024-05-04T11:00
# 2025: Sunday 5 January is worked for Friday the 3rd; the 7th is Christmas.
KZ office 2024-12-31T17:00 2 2025-01-05T10:00
KZ office 2025-01-06T17:00 2 2025-01-08T10:00
# 30 August and 25 October 2025 are Saturdays: the Mondays after them are off.
KZ office 2025-08-29T17:00 2 2025-09-02T10:00
KZ office 2025-10-24T17:00 2 2025-10-28T10:00
KZ office 2025-12-15T17:00 2 2025-12-17T10:00
# 2026: 1 and 2 January, the 7th; 8 March is a Sunday; Nauryz is Saturday to Monday.
KZ office 2025-12-31T17:00 2 2026-01-05T10:00
KZ office 2026-01-06T17:00 2 2026-01-08T10:00
KZ office 2026-03-06T17:00 2 2026-03-10T10:00
KZ office 2026-03-20T17:30 1 2026-03-26T09:30
KZ office 2026-07-03T17:00 2 2026-07-07T10:00
KZ night 2026-02-06T01:00 2 2026-02-06T19:00
# Russia 2024. The days off of Saturday 6 and Sunday 7 January move; both stay holidays.
RU office 2023-12-29T17:00 2 2024-01-09T10:00
# Saturdays 27 April, 2 November and 28 December are worked for 29 and 30 April, 30 December.
RU office 2024-04-26T17:00 2 2024-04-27T10:00
RU office 2024-04-27T17:00 2 2024-05-02T10:00
RU office 2024-05-08T17:00 2 2024-05-13T10:00
RU office 2024-11-01T17:00 2 2024-11-02T10:00
RU office 2024-11-02T17:00 2 2024-11-05T10:00
RU office 2024-12-27T17:00 2 2024-12-28T10:00
RU office 2024-12-28T17:00 2 2025-01-09T10:00
# 2025: the days off of 23 February and 8 March move to May and June; 1 November is worked.
RU office 2025-02-21T17:00 2 2025-02-24T10:00
RU office 2025-03-07T17:00 2 2025-03-10T10:00
RU office 2025-05-07T17:00 2 2025-05-12T10:00
RU office 2025-06-11T17:00 2 2025-06-16T10:00
RU office 2025-10-31T17:00 2 2025-11-01T10:00
RU six 2025-10-31T17:00 2 2025-11-01T11:00
RU office 2025-11-01T17:00 2 2025-11-05T10:00
# 2026: from 31 December to 11 January; 9 March and 11 May for a Sunday and a Saturday.
RU office 2025-12-30T17:00 2 2026-01-12T10:00
RU office 2026-03-06T17:00 2 2026-03-10T10:00
RU office 2026-05-08T17:00 2 2026-05-12T10:00
RU office 2026-11-03T17:00 2 2026-11-05T10:00
# Moldova 2026: a holiday on a Sunday is not moved, Good Friday is none, Blajini is one.
MD office 2026-01-06T17:00 2 2026-01-09T10:00
MD office 2026-03-06T17:00 2 2026-03-09T10:00
MD office 2026-04-10T17:00 2 2026-04-14T10:00
MD office 2026-04-17T17:00 2 2026-04-21T10:00
MD office 2026-04-30T17:00 2 2026-05-04T10:00
MD office 2026-05-29T17:00 2 2026-06-02T10:00
MD office 2026-08-26T17:30 1 2026-08-28T09:30
MD office 2026-08-28T17:30 1 2026-09-01T09:30
MD office 2026-12-24T17:00 2 2026-12-28T10:00
# Romania 2026.
RO office 2026-01-05T17:00 2 2026-01-08T10:00
RO office 2026-01-23T17:00 2 2026-01-26T10:00
RO office 2026-03-27T17:00 2 2026-03-30T10:00
RO office 2026-04-09T17:00 2 2026-04-14T10:00
RO office 2026-05-29T17:00 2 2026-06-02T10:00
RO office 2026-08-14T17:00 2 2026-08-17T10:00
RO office 2026-11-27T17:00 2 2026-12-02T10:00
RO office 2026-12-24T17:00 2 2026-12-28T10:00
# Nights: closed at two; of seven hours when the clocks go forward, of nine when back.
RO night 2026-10-24T23:00 4 2026-10-25T19:00
RO late 2026-03-28T22:00 8 2026-03-29T23:00
RO late 2026-10-24T22:00 8 2026-10-25T05:00
# Portugal 2026.
PT office 2026-04-02T17:00 2 2026-04-06T10:00
PT office 2026-04-30T17:00 2 2026-05-04T10:00
PT office 2026-06-03T17:00 2 2026-06-05T10:00
PT office 2026-06-09T17:00 2 2026-06-11T10:00
PT office 2026-08-14T17:00 2 2026-08-17T10:00
PT office 2026-10-02T17:00 2 2026-10-06T10:00
PT office 2026-11-30T17:00 2 2026-12-02T10:00
PT office 2026-12-07T17:00 2 2026-12-09T10:00
PT shop 2026-12-24T19:30 1 2026-12-26T10:30
# Brazil 2026: Carnival and Corpus Christi are no national holidays.
BR office 2026-02-13T17:00 2 2026-02-16T10:00
BR office 2026-04-02T17:00 2 2026-04-06T10:00
BR office 2026-04-20T17:00 2 2026-04-22T10:00
BR office 2026-04-30T17:00 2 2026-05-04T10:00
BR office 2026-06-03T17:00 2 2026-06-04T10:00
BR office 2026-09-04T17:00 2 2026-09-08T10:00
BR office 2026-10-09T17:00 2 2026-10-13T10:00
BR office 2026-10-30T17:00 2 2026-11-03T10:00
BR office 2026-11-19T17:00 2 2026-11-23T10:00
BR office 2026-12-24T17:00 2 2026-12-28T10:00
"""
LINES = [line for line in CASES.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("line", LINES)
def test_a_deadline_on_the_calendar_of_its_country(line: str) -> None:
    country, week, asked, hours, due = line.split()
    there = zone_named(ZONES[country])
    start, end = (datetime.fromisoformat(one).replace(tzinfo=there) for one in (asked, due))
    found = opening_hours(ZONES[country], country, start.year, WEEKS[week], {})
    assert found.plus(start, timedelta(hours=int(hours))) == end


def test_a_holiday_whose_day_off_was_moved_is_not_worked() -> None:
    """Russia, January 2024: the library names the 6th and 7th as days that days off moved from."""
    assert sorted(day for day in moved_workdays("RU", 2024) if day.year == 2024) == [
        date(2024, 4, 27),
        date(2024, 11, 2),
        date(2024, 12, 28),
    ]


@pytest.mark.parametrize(
    ("week", "hours"),
    [
        (((), SPLIT, (), (), (), (), ()), SPLIT),  # as on the last weekday that has hours
        (((),) * 5 + ((), SPLIT), None),  # open on Sundays only: nothing to go by
        (WEEKS["six"], None),
    ],
)
def test_the_hours_of_a_moved_day(week: tuple[Shifts, ...], hours: Shifts | None) -> None:
    assert moved_days("KZ", 2024, week).get(date(2024, 5, 4)) == hours


def test_a_country_that_is_not_known_moves_nothing() -> None:
    assert not moved_workdays("XX", 2026)


@pytest.mark.django_db
@time_machine.travel(datetime(2024, 5, 2, 6, tzinfo=UTC), tick=False)
def test_the_business_sees_a_moved_day_and_has_the_last_word(signed_in) -> None:  # type: ignore[no-untyped-def]
    actions.begin("b2b", "en", "Shop", "KZ", "Asia/Almaty", "KZT")
    opening.set_week(WEEKS["office"])
    owner, saturday = signed_in("owner"), date(2024, 5, 4)

    def shown() -> bool:
        return "?day=2024-05-04#special" in owner.get("/settings/hours/").content.decode()

    def shifts() -> Shifts:
        found = reads.hours()
        assert found is not None
        return found.shifts_on(saturday)

    assert shown() and shifts() == SPLIT
    assert 'value="09:00–13:00, 14:00–18:00"' in _form(owner)
    owner.post("/settings/hours/day/", {"day": "2024-05-04", "hours": ""})
    assert not shown() and shifts() == ()
    owner.post("/settings/hours/day/drop/", {"day": "2024-05-04"})
    assert shifts() == SPLIT


def _form(owner: Client) -> str:
    """The form of a day of its own, opened for the moved day."""
    page = owner.get("/settings/hours/?day=2024-05-04").content.decode()
    return page[page.index('id="special"') :]
