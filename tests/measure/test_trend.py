"""The share kept over time: periods without holes, honest about what is not known yet."""

from datetime import date, datetime, timedelta

import ibis
import pytest

from overdeliver.measure.trend import Trend, trend
from overdeliver.vocabulary.errors import MissingField

MONDAY = datetime(2026, 3, 2, 9)


def of(*weeks: tuple[int, int, int], level: float | None = None, **asked: object) -> Trend:
    """The trend of weeks of so many kept, broken and open promises each."""
    made, verdicts = [], []
    for number, (kept, broken, still) in enumerate(weeks):
        for at, verdict in enumerate(["met"] * kept + ["broken"] * broken + ["open"] * still):
            made.append(MONDAY + timedelta(days=7 * number + at % 7))
            verdicts.append(verdict)
    levels = ibis.memtable({"made_at": made, "verdict": verdicts, "level": [level] * len(made)})
    found = trend(levels.mutate(level=levels.level.cast("float64")), **asked)  # type: ignore[arg-type]
    assert found is not None
    return found


def rates(found: Trend) -> list[float | None]:
    return [one.kept and one.kept.rate for one in found.periods]


def test_each_week_has_its_own_share_from_monday_to_sunday() -> None:
    found = of((20, 0, 0), (15, 5, 0), (30, 10, 0))
    assert (found.step, rates(found)) == ("week", [1.0, 0.75, 0.75])
    first = found.periods[0]
    assert (first.first, first.last, first.n) == (date(2026, 3, 2), date(2026, 3, 8), 20)
    wide, narrow = (one.kept for one in found.periods[1:])
    assert wide and narrow and wide.low < narrow.low < 0.75 < narrow.high < wide.high


def test_a_week_of_too_few_or_none_is_a_gap_and_not_a_zero() -> None:
    found = of((20, 0, 0), (19, 0, 0), (0, 0, 0), (10, 10, 0), (20, 0, 0))
    assert rates(found) == [1.0, None, None, 0.5, 1.0]
    assert [one.n for one in found.periods] == [20, 19, 0, 20, 20]


def test_a_week_with_open_promises_is_not_known_where_late_ones_come_last() -> None:
    weeks = ((20, 2, 0), (40, 0, 2), (20, 0, 30))
    assert rates(of(*weeks)) == [20 / 22, 1.0, None]
    assert rates(of(*weeks, hurried=False)) == [20 / 22, 1.0, 1.0]


def test_what_was_said_is_the_mean_of_those_that_said_it() -> None:
    assert [one.said for one in of((20, 0, 0), (20, 0, 0), level=0.9).periods] == [
        pytest.approx(0.9)
    ] * 2
    assert of((20, 0, 0), (20, 0, 0)).periods[0].said is None


def test_a_small_business_is_told_by_months_and_a_long_time_by_more() -> None:
    found = of(*[(5, 1, 0)] * 26)
    assert found.step == "month" and found.known >= 5
    assert of(*[(30, 1, 0)] * 31).step == "month"
    assert of(*[(30, 1, 0)] * 53 * 3).step == "quarter"


def test_few_weeks_that_are_known_are_told_by_months_which_are_two() -> None:
    found = of(*[(20, 0, 0), (9, 0, 0), (8, 1, 0), (9, 0, 0)] * 2)
    assert (found.step, found.known) == ("month", 2)


def test_one_period_alone_compares_nothing_and_is_not_preferred() -> None:
    found = of((20, 0, 0), (9, 0, 0), (9, 0, 0), (20, 0, 0), (2, 0, 0))
    assert (found.step, found.known) == ("week", 2)


def test_where_nothing_is_known_the_periods_say_what_there_is() -> None:
    found = of((3, 0, 0), (4, 1, 0))
    assert found.known == 0 and sum(one.n for one in found.periods) == 8


def test_without_promises_there_is_no_trend() -> None:
    nothing = ibis.memtable({"made_at": [MONDAY], "verdict": ["met"]})
    assert trend(nothing.filter(nothing.verdict == "open")) is None
    with pytest.raises(MissingField):
        trend(nothing.drop("verdict"))


def test_a_stray_day_at_the_end_of_the_calendar_is_no_fault() -> None:
    table = ibis.memtable({"made_at": [datetime(9999, 12, 31), MONDAY], "verdict": ["met"] * 2})
    found = trend(table)
    assert found is not None and sum(one.n for one in found.periods) == 1


def test_december_is_followed_by_january() -> None:
    made = [datetime(2025, 12, 15), datetime(2026, 1, 5)]
    table = ibis.memtable({"made_at": made * 30, "verdict": ["met", "broken"] * 30})
    found = trend(table, most=2)
    assert found is not None
    assert [(one.first, one.last) for one in found.periods] == [
        (date(2025, 12, 1), date(2025, 12, 31)),
        (date(2026, 1, 1), date(2026, 1, 31)),
    ]
