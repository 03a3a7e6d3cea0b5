"""Money is exact, knows its currency, and rounds as a shop does."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.money import Money, minor_digits

amounts = st.decimals(-(10**9), 10**9, places=4)


@given(amounts, amounts)
def test_sums_are_exact_and_undo(a: Decimal, b: Decimal) -> None:
    first, second = Money(a, "EUR"), Money(b, "EUR")
    assert (first + second) - second == first
    assert first + second == second + first
    assert -first + first == Money(0, "EUR")
    assert (first < second) == (a < b) and (first >= second) == (a >= b)


@given(amounts, st.sampled_from(["EUR", "JPY", "KWD", "KZT"]))
def test_rounding_is_to_the_coin_and_settles(amount: Decimal, currency: str) -> None:
    once = Money(amount, currency).rounded()
    assert once.rounded() == once
    assert abs(once.amount - amount) * 2 <= Decimal(1).scaleb(-minor_digits(currency))


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("0.005", "EUR", "0.01"),
        ("-0.005", "EUR", "-0.01"),
        ("2.665", "USD", "2.67"),
        ("10.5", "JPY", "11"),
        ("1.2345", "KWD", "1.235"),
        ("20", "BRL", "20.00"),
    ],
)
def test_halves_go_up(amount: str, currency: str, rounded: str) -> None:
    assert str(Money(amount, currency).rounded().amount) == rounded


def test_multiples() -> None:
    assert 3 * Money("0.1", "EUR") == Money("0.3", "EUR") == Money("0.1", "EUR") * 3
    assert Money("0.3", "EUR") == Money("0.30", "EUR")
    assert hash(Money("0.3", "EUR")) == hash(Money("0.30", "EUR"))
    assert not Money(0, "EUR") and Money("0.01", "EUR")
    with pytest.raises(TypeError):
        Money("0.1", "EUR") * 0.5  # type: ignore[operator]


def test_currencies_do_not_mix() -> None:
    euro, tenge = Money(1, "EUR"), Money(1, "KZT")
    for mix in (lambda: euro + tenge, lambda: euro - tenge, lambda: euro < tenge):
        with pytest.raises(InputError, match="different currencies"):
            mix()
    assert euro != tenge
    with pytest.raises(InputError, match="no currency"):
        euro + 1  # type: ignore[operator]


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        *((bad, "EUR") for bad in (0.1, "ten", "NaN", "Infinity", None, "1e18")),
        *(("1", bad) for bad in ("eur", "EURO", "₸", "")),
    ],
)
def test_what_is_no_money(amount: Any, currency: str) -> None:
    with pytest.raises(InputError, match="money: "):
        Money(amount, currency)
