"""Moments in every notation: one form per column, asked about when day and month cannot be told."""

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.tables.connect import connect
from overdeliver.tables.moments_text import MomentReading, read_moments
from overdeliver.tables.sources import open_source
from overdeliver.vocabulary.errors import InputError

BACKEND = connect()


def read(
    *values: str | None, zone: str = "UTC", order: str | None = None
) -> tuple[MomentReading, list[Any], list[Any] | None]:
    """The reading, the wall clocks, the clocks of UTC."""
    column = pa.table({"x": pa.array(values, pa.string())})
    table = open_source(column, connection=BACKEND).table.order_by("line")
    reading = read_moments(table, {"x": "x"}, zone=zone, date_order=order)["x"]
    walls = table.select(at=reading.wall).to_pyarrow()["at"].to_pylist()
    if reading.utc is None:
        return reading, walls, None
    return reading, walls, table.select(at=reading.utc).to_pyarrow()["at"].to_pylist()


DAY = datetime(2026, 7, 3)
MINUTE = datetime(2026, 7, 3, 11, 2)
SECOND = datetime(2026, 7, 3, 11, 2, 5)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-07-03", DAY),
        (" 2026-7-3 ", DAY),
        ("2026-07-03 11:02", MINUTE),
        ("2026-07-03T11:02:05", SECOND),
        ("2026-07-03 11:02:05.5", SECOND + timedelta(milliseconds=500)),
        ("2026-07-03 11:02:05,250", SECOND + timedelta(milliseconds=250)),
        ("2026/07/03 11:02", MINUTE),
        ("2026.07.03", DAY),
        ("03.07.2026 11:02", MINUTE),
        ("3.7.2026", DAY),
        ("03.07.26", DAY),
        ("03.07.2026, 11:02:05", SECOND),
        ("20260703", DAY),
        ("20260703110205", SECOND),
        ("46206", DAY),
        ("46206.5", datetime(2026, 7, 3, 12)),
        ("1783076525", SECOND),
        ("1783076525000", SECOND),
        ("1783076525.5", SECOND + timedelta(milliseconds=500)),
        ("3 July 2026", DAY),
        ("3 Jul 2026 11:02", MINUTE),
        ("03-Jul-2026", DAY),
        ("July 3, 2026", DAY),
        ("Fri, Jul 3, 2026 11:02 AM", MINUTE),
        ("3 de julho de 2026", DAY),
        ("03 jul 2026", DAY),
        ("3 июля 2026 г.", DAY),
        ("3 июля 2026 г. 11:02", MINUTE),
        ("3 июл. 2026", DAY),
        ("3 iulie 2026", DAY),
        ("3 мая 2026", datetime(2026, 5, 3)),
        ("2026 ж. 3 шілде", DAY),
        ("2026 жылғы 3 шілде 11:02", MINUTE),
    ],
)
def test_one_notation(text: str, at: datetime) -> None:
    reading, walls, _ = read(text)
    assert walls == [at]
    if "since" not in reading.form and "Excel" not in reading.form:
        assert reading.is_date == (at == DAY or (at.day == 3 and at.hour == 0))


NO_MOMENTS = (
    *("2026-02-31", "0000-00-00", "9999-12-31", "2026-13-01", "2026-07-03 25:00", "tomorrow"),
    *("infinity", "epoch", "2026-07", "11:02", "2026-07-03 11:02 sharp", "03/07/2026", "1e5"),
)


def test_what_is_no_moment_of_the_column_is_not_read() -> None:
    reading, walls, _ = read("2026-07-03", "2026-07-04 10:00", *NO_MOMENTS)
    assert walls == [DAY, datetime(2026, 7, 4, 10), *[None] * len(NO_MOMENTS)]
    assert reading.reason == "not a moment like 2026-12-31, or no such day"


def test_offsets_give_the_instant_too() -> None:
    values = ["2026-07-03 11:02:00 -0400", "2026-07-03T11:02:00Z", "2026-07-03 11:02:00+05:30"]
    _, walls, utc = read(*values, "2026-01-05 10:00", "", zone="Europe/Bucharest")
    assert utc == [
        datetime(2026, 7, 3, 15, 2),
        datetime(2026, 7, 3, 11, 2),
        datetime(2026, 7, 3, 5, 32),
        datetime(2026, 1, 5, 8),
        None,
    ]
    assert walls == [
        datetime(2026, 7, 3, 18, 2),
        datetime(2026, 7, 3, 14, 2),
        datetime(2026, 7, 3, 8, 32),
        datetime(2026, 1, 5, 10),
        None,
    ]


def test_seconds_since_1970_are_instants() -> None:
    reading, walls, utc = read("1783076525", zone="Asia/Almaty")
    assert (walls, utc) == ([SECOND + timedelta(hours=5)], [SECOND])
    assert [notice.code for notice in reading.notices] == ["moment_numbers"]


@pytest.mark.parametrize("sign", ["/", "-"])
def test_day_and_month_are_asked_about_once(sign: str) -> None:
    with pytest.raises(InputError) as caught:
        read(f"03{sign}04{sign}2026", f"05{sign}06{sign}2026")
    assert str(caught.value) == (
        f"column 'x' can be day/month or month/day (e.g. 03{sign}04{sign}2026): "
        "say --date-order dmy or mdy"
    )
    assert read(f"03{sign}04{sign}2026", order="dmy")[1] == [datetime(2026, 4, 3)]
    assert read(f"03{sign}04{sign}2026", order="mdy")[1] == [datetime(2026, 3, 4)]


def test_one_value_settles_the_order() -> None:
    assert read("03/04/2026", "25/03/2026")[1][0] == datetime(2026, 4, 3)
    assert read("03/04/26 1:05 pm", "03/25/26 12:10 AM")[1] == [
        datetime(2026, 3, 4, 13, 5),
        datetime(2026, 3, 25, 0, 10),
    ]
    assert read("31/02/2026", "25/03/2026")[1] == [None, datetime(2026, 3, 25)]


def test_contradicting_values_are_asked_about() -> None:
    with pytest.raises(InputError, match="--date-order"):
        read("25/03/2026", "03/25/2026")


def test_a_few_slips_do_not_unsettle() -> None:
    walls = read(*["25/03/2026"] * 21, "03/25/2026")[1]
    assert walls[0] == datetime(2026, 3, 25)
    assert walls[-1] is None


def test_another_column_of_the_same_look_settles_the_order() -> None:
    frame = pa.table({"a": ["03/04/2026"], "b": ["25/03/2026"], "c": ["03-04-2026"]})
    table = open_source(frame, connection=BACKEND).table
    found = read_moments(table, {"a": "a", "b": "b"}, zone="UTC")
    assert found["a"].form == "x/x/yyyy (dmy)"
    with pytest.raises(InputError, match="'c'"):
        read_moments(table, {"b": "b", "c": "c"}, zone="UTC")


def test_dotted_dates_and_equal_halves_need_no_question() -> None:
    assert read("03.04.2026")[1] == [datetime(2026, 4, 3)]
    assert read("04/04/2026")[1] == [datetime(2026, 4, 4)]


def test_an_unknown_order_is_refused() -> None:
    with pytest.raises(InputError, match="dmy"):
        read("2026-01-01", order="ymd")


def test_an_hour_beyond_twelve_has_no_half() -> None:
    assert read("25/03/2026 13:00 pm", "25/03/2026 1:00 pm")[1] == [
        None,
        datetime(2026, 3, 25, 13),
    ]


def test_a_column_without_moments() -> None:
    reading, walls, _ = read("soon", "later", None)
    assert (walls, reading.is_date, reading.form) == ([None] * 3, False, "unknown")
    assert read(None, "")[1] == [None, None]


moments = st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1)).map(
    lambda at: at.replace(microsecond=0)
)
FORMATS = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%d-%b-%Y %H:%M:%S",
    "%B %d, %Y %H:%M:%S",
    "%Y%m%d%H%M%S",
]


@settings(max_examples=16, deadline=None)
@given(values=st.lists(moments, min_size=1, max_size=30), form=st.sampled_from(FORMATS))
def test_every_notation_reads_back(values: list[datetime], form: str) -> None:
    order = "mdy" if form.startswith("%m") else "dmy"
    assert read(*[at.strftime(form) for at in values], order=order)[1] == values or (
        form == "%Y%m%d%H%M%S" and any(at.year >= 2100 for at in values)
    )


@settings(max_examples=10, deadline=None)
@given(values=st.lists(moments, min_size=1, max_size=30), minutes=st.integers(-14 * 60, 14 * 60))
def test_offsets_read_back(values: list[datetime], minutes: int) -> None:
    sign, ahead = ("-" if minutes < 0 else "+"), abs(minutes)
    texts = [f"{at}{sign}{ahead // 60:02}:{ahead % 60:02}" for at in values]
    assert read(*texts)[2] == [at - timedelta(minutes=minutes) for at in values]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.text(st.sampled_from("0123456789-/.: TZ+jul"), max_size=20), max_size=40))
def test_any_text_is_survived(texts: list[str]) -> None:
    assert len(read(*texts, order="dmy")[1]) == len(texts)
