"""Numbers and money in every notation: read exactly, or named as unreadable."""

from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.tables.connect import connect
from overdeliver.tables.numbers import Evidence, NumberKind, NumberReading, decide, read_numbers
from overdeliver.tables.sources import open_source

BACKEND = connect()
NBSP, NARROW = "\u00a0", "\u202f"


def read(kind: NumberKind, *values: str | None) -> tuple[NumberReading, list[Any], list[Any]]:
    """The reading, the values, the currencies."""
    column = pa.table({"x": pa.array(values, pa.string())})
    table = open_source(column, connection=BACKEND).table
    reading = read_numbers(table, "x", kind)
    done = table.order_by("line").select(v=reading.value, c=reading.currency).to_pyarrow()
    return reading, done["v"].to_pylist(), done["c"].to_pylist()


def money(*values: str) -> list[Decimal | None]:
    """The amounts only."""
    return read("money", *values)[1]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1 234,50", "1234.5"),
        (f"1{NBSP}234,50", "1234.5"),
        (f"1{NARROW}234{NARROW}567,5", "1234567.5"),
        ("1.234,50", "1234.5"),
        ("1.234.567", "1234567"),
        ("1,234.50", "1234.5"),
        ("12,34,567.89", "1234567.89"),
        ("1'234.50", "1234.5"),
        ("1\u2019234.50", "1234.5"),
        ("-12,50", "-12.5"),
        ("\u221212,50", "-12.5"),
        ("12,50-", "-12.5"),
        ("(12.50)", "-12.5"),
        ("($1,200.00)", "-1200"),
        ("-$3.10", "-3.1"),
        ("$-3.10", "-3.1"),
        ("+3.1", "3.1"),
        (".5", "0.5"),
        ("0,500", "0.5"),
        ("1234,567", "1234.567"),
        ("-0", "0"),
        ("007", "7"),
        ("99999999999999.9999", "99999999999999.9999"),
    ],
)
def test_one_notation_decides(text: str, amount: str) -> None:
    assert money(text) == [Decimal(amount)]


NO_AMOUNTS = (
    *("NaN", "Infinity", "-inf", "1e3", "9" * 40, "12 days", "--3", "(3", "3)", "1.2.3", "1,2,3,4"),
    *("12 34,5", "0x10", "1_000", "five", "-", "()", "12:30", "50%", "1,23.456,7", "ABC 5"),
)


def test_what_is_no_amount_is_not_read() -> None:
    assert money(*NO_AMOUNTS, "7,5") == [None] * len(NO_AMOUNTS) + [Decimal("7.5")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("R$ 1.234,50", "BRL"),
        ("12,50 €", "EUR"),
        ("12,50EUR", "EUR"),
        ("usd 12.50", "USD"),
        ("12,50 руб.", "RUB"),
        ("12 500 ₸", "KZT"),
        ("12,50 lei", "lei"),
        ("$12.50", "$"),
        ("£1,200.00", "GBP"),
        ("12.50", None),
    ],
)
def test_the_currency_beside_is_told(text: str, code: str | None) -> None:
    reading, values, currencies = read("money", text)
    assert values[0] is not None
    assert currencies == [code]
    assert reading.has_currency == (code is not None)


def test_the_sign_is_decided_per_column_never_per_row() -> None:
    assert money("1.234", "12,50") == [Decimal(1234), Decimal("12.5")]
    assert money("1,234", "12.50") == [Decimal(1234), Decimal("12.5")]


def test_a_mixed_column_follows_the_majority_and_doubts_the_rest() -> None:
    reading, values, _ = read("number", "12,5", "13,5", "14.5", "1,234", "7")
    assert values == [12.5, 13.5, None, None, 7.0]
    assert [notice.code for notice in reading.notices] == ["decimal_mixed"]
    assert "decimal commas" in reading.reason


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("money", ["1,234", "2,500"], [1234, 2500]),
        ("number", ["1,234", "2,500"], [1234, 2500]),
        ("money", ["1.234", "5"], [1234, 5]),
        ("number", ["1.234", "5"], [1.234, 5]),
        ("money", ["1.234", "1500"], [1.234, 1500]),
        ("number", ["1,234", "1500"], [1.234, 1500]),
        ("number", ["1,234", "1.234"], [None, None]),
    ],
)
def test_what_nothing_decides_is_assumed_and_said(
    kind: NumberKind, values: list[str], expected: list[float | None]
) -> None:
    reading, found, _ = read(kind, *values)
    assert [v if v is None else float(v) for v in found] == expected
    if expected[0] is not None:
        assert [notice.code for notice in reading.notices] == ["decimal_assumed"]


def test_blank_is_neither_a_number_nor_an_error() -> None:
    assert money("", "  ", NBSP, "1.5") == [None, None, None, Decimal("1.5")]
    assert read("number", None, None)[1] == [None, None]


def test_powers_of_ten_only_in_plain_numbers() -> None:
    assert read("number", "1e3", "-2.5E-1", "1e999", "1,5")[1] == [1000.0, -0.25, None, 1.5]


def test_money_beyond_four_decimals_is_rounded_and_said() -> None:
    reading, values, _ = read("money", "19.990000000000002", "1.23456", "1.50000")
    assert values == [Decimal("19.99"), Decimal("1.2346"), Decimal("1.5")]
    assert [(n.code, n.values["rows"]) for n in reading.notices] == [("money_rounded", 2)]


def test_no_evidence_is_a_point() -> None:
    assert decide(Evidence(), "money") == (".", False, "")


STYLES = {",": (".", " ", NBSP, NARROW, ""), ".": (",", "'", " ", "")}


def written(amount: Decimal, decimal: str, group: str, minus: str) -> str:
    """An amount in one notation."""
    whole, _, part = f"{abs(amount):.2f}".partition(".")
    digits = f"{int(whole):,}".replace(",", group) + decimal + part
    if amount >= 0:
        return digits
    return {"()": f"({digits})", "-": f"-{digits}", "x-": f"{digits}-"}[minus]


@settings(max_examples=12, deadline=None)
@given(
    amounts=st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=40),
    style=st.sampled_from([(d, g) for d, groups in STYLES.items() for g in groups]),
    minus=st.sampled_from(["()", "-", "x-"]),
)
def test_every_notation_reads_back_exactly(
    amounts: list[Decimal], style: tuple[str, str], minus: str
) -> None:
    assert money(*[written(a, *style, minus) for a in amounts]) == amounts


@settings(max_examples=10, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=40))
def test_plain_floats_read_back_exactly(numbers: list[float]) -> None:
    # A lone 1e16 has no point and 1.234 is taken at its word: repr is a plain notation.
    assert read("number", *map(repr, numbers))[1] == numbers


@settings(max_examples=10, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=40))
def test_any_text_is_survived(texts: list[str]) -> None:
    safe = [text.replace("\x00", "") for text in texts]
    for kind in ("number", "money"):
        assert len(read(kind, *safe)[1]) == len(texts)


def test_expressions_are_lazy() -> None:
    table = open_source(pa.table({"x": ["1,5"]}), connection=BACKEND).table
    assert isinstance(read_numbers(table, "x", "money").value, ibis.expr.types.Value)
