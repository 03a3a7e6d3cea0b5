"""Clocks that know opening hours: split shifts, holidays, days of their own, in four countries."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine

from overdeliver.apps.business import actions, models, opening, reads
from overdeliver.apps.business.closed_days import holidays_named
from overdeliver.apps.journal import reads as journal
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.hours import BusinessHours
from overdeliver.vocabulary.moments import zone_named

pytestmark = pytest.mark.django_db

SPLIT = (((time(9), time(13)), (time(14), time(18))),) * 5 + ((), ())
NIGHT = (((time(18), time(2)),),) * 7


def _hours(country: str, zone: str, year: int = 2026) -> BusinessHours:
    actions.begin("b2b", "en", "Shop", country, zone, "EUR")
    opening.set_week(SPLIT)
    found = reads.hours(date(year, 6, 1))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("country", "zone", "asked", "hours", "due"),
    [
        # Friday 17:00, two hours: one on Friday, one on Monday.
        ("KZ", "Asia/Almaty", "2026-02-06 17:00", 2, "2026-02-09 10:00"),
        # The break at noon does not count.
        ("KZ", "Asia/Almaty", "2026-02-06 12:00", 2, "2026-02-06 15:00"),
        # Nauryz: 21-23 March 2026 are Saturday to Monday, the 24th and 25th are days off for them.
        ("KZ", "Asia/Almaty", "2026-03-20 17:30", 1, "2026-03-26 09:30"),
        # 1 December and Saint Andrew before it: Monday and Tuesday are holidays.
        ("RO", "Europe/Bucharest", "2026-11-27 17:00", 2, "2026-12-02 10:00"),
        # The clocks change on Sunday 29 March: the wall clock counts.
        ("RO", "Europe/Bucharest", "2026-03-27 17:00", 2, "2026-03-30 10:00"),
        # 25 April 2026 is a Saturday, 1 May a Friday.
        ("PT", "Europe/Lisbon", "2026-04-30 17:00", 2, "2026-05-04 10:00"),
        # Independence Day 27 August, a Thursday, and Limba noastra 31 August, a Monday.
        ("MD", "Europe/Chisinau", "2026-08-26 17:30", 1, "2026-08-28 09:30"),
        ("MD", "Europe/Chisinau", "2026-08-28 17:30", 1, "2026-09-01 09:30"),
    ],
)
def test_a_deadline_counts_open_hours_only(
    country: str, zone: str, asked: str, hours: int, due: str
) -> None:
    there = zone_named(zone)
    start = datetime.fromisoformat(asked).replace(tzinfo=there)
    found = _hours(country, zone).plus(start, timedelta(hours=hours))
    assert found == datetime.fromisoformat(due).replace(tzinfo=there), found


def test_a_day_of_its_own_wins_over_the_week_and_over_a_holiday() -> None:
    before = _hours("RO", "Europe/Bucharest")
    opening.set_special_day(date(2026, 12, 1), ((time(10), time(12)),), "Open on the National Day")
    opening.set_special_day(date(2026, 12, 2), ())
    found = reads.hours(date(2026, 6, 1))
    assert found is not None
    assert before.shifts_on(date(2026, 12, 1)) == ()
    assert found.shifts_on(date(2026, 12, 1)) == ((time(10), time(12)),)
    assert found.shifts_on(date(2026, 12, 2)) == ()
    opening.drop_special_day(date(2026, 12, 2))
    again = reads.hours(date(2026, 6, 1))
    assert again is not None and again.shifts_on(date(2026, 12, 2)) == SPLIT[2]


def test_a_shift_past_midnight_belongs_to_the_evening_before() -> None:
    actions.begin("pizza", "ro", "Pizza", "RO", "Europe/Bucharest", "RON")
    opening.set_week(NIGHT)
    found = reads.hours(date(2026, 6, 1))
    assert found is not None
    assert found.is_open(datetime(2026, 6, 11, 1, 30, tzinfo=zone_named("Europe/Bucharest")))
    assert not found.is_open(datetime(2026, 6, 11, 2, 0, tzinfo=zone_named("Europe/Bucharest")))


@pytest.mark.parametrize(
    "day",
    [
        ((time(9), time(13)), (time(12), time(18))),  # overlap
        ((time(18), time(2)), (time(20), time(22))),  # within the night
    ],
)
def test_shifts_that_overlap_are_refused_and_change_nothing(day: tuple) -> None:  # type: ignore[type-arg]
    _hours("KZ", "Asia/Almaty")
    with pytest.raises(InputError, match="within another"):
        opening.set_week((day, *((),) * 6))
    with pytest.raises(InputError):
        opening.set_special_day(date(2026, 6, 1), day)
    assert models.Shift.objects.count() == 10 and not models.SpecialDay.objects.exists()


def test_the_same_week_again_is_no_event() -> None:
    _hours("KZ", "Asia/Almaty")
    before = len(journal.life("business:hours"))
    opening.set_week(SPLIT)
    assert len(journal.life("business:hours")) == before


def test_without_shifts_there_are_no_hours() -> None:
    _hours("KZ", "Asia/Almaty")
    opening.set_week(((),) * 7)
    assert reads.hours() is None


@pytest.mark.parametrize("country", ["KZ", "RO", "PT", "MD"])
@pytest.mark.parametrize("language", ["en", "pt", "ru", "ro", "kk"])
def test_the_holidays_of_the_four_countries_are_named_in_every_language(
    country: str, language: str
) -> None:
    for year in (2025, 2026, 2027):
        for one in holidays_named(country, year, language):
            assert one.language == language, one


@time_machine.travel(datetime(2026, 2, 6, 12, tzinfo=UTC), tick=False)
def test_the_page_keeps_what_was_typed_and_takes_back(signed_in) -> None:  # type: ignore[no-untyped-def]
    _hours("KZ", "Asia/Almaty")
    owner = signed_in("owner")
    typed = {f"day-{n}": "9-13, 14-18" for n in range(5)}
    wrong = owner.post("/settings/hours/week/", {**typed, "day-0": "from nine"})
    assert wrong.status_code == 422 and 'value="from nine"' in wrong.content.decode()
    assert owner.post("/settings/hours/week/", {**typed, "day-5": "10-14"}).status_code == 302
    assert models.Shift.objects.count() == 11
    assert owner.get("/settings/undo/").status_code == 200
    assert models.Shift.objects.count() == 11  # looking takes nothing back
    assert owner.post("/settings/undo/").headers["Location"] == "/settings/hours/"
    assert models.Shift.objects.count() == 10
    closed = {"day": "2026-02-09", "name": "Stocktaking", "hours": ""}
    assert owner.post("/settings/hours/day/", closed).status_code == 302
    assert "Stocktaking" in owner.get("/settings/hours/").content.decode()
    assert owner.post("/settings/hours/day/drop/", {"day": "2026-02-09"}).status_code == 302
    assert not models.SpecialDay.objects.exists()
