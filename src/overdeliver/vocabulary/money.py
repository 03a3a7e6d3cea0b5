"""Money: an exact amount in one currency."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import total_ordering

from overdeliver.vocabulary.errors import InputError

#: Digits after the point where they are not two (ISO 4217).
_NONE = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND")
MINOR_DIGITS: dict[str, int] = {
    **dict.fromkeys((*_NONE, "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_MOST = Decimal(10) ** 18  # sums and products of such amounts stay exact in 28 digits


def minor_digits(currency: str) -> int:
    """Digits after the point in the currency's smallest coin.

    >>> minor_digits("KZT"), minor_digits("JPY"), minor_digits("KWD")
    (2, 0, 3)
    """
    return MINOR_DIGITS.get(currency, 2)


@total_ordering
@dataclass(frozen=True)
class Money:
    """An exact decimal amount of one currency (ISO 4217, three capitals).

    Sums are exact and never rounded on the way; ``rounded`` gives what can be paid. Adding or
    comparing two currencies raises InputError: no rate is known here.

    >>> Money("19.90", "EUR") + Money("0.105", "EUR")
    Money('20.005', 'EUR')
    >>> (Money("19.90", "EUR") + Money("0.105", "EUR")).rounded()
    Money('20.01', 'EUR')
    >>> Money("4000", "BRL") * Decimal("0.005") == Money("20.00", "BRL")
    True
    """

    amount: Decimal
    currency: str

    def __init__(self, amount: Decimal | int | str, currency: str) -> None:
        if isinstance(amount, float):
            raise InputError(f"money: {amount!r} is a binary fraction; give a Decimal or a text")
        if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
            raise InputError(f"money: {currency!r} is no currency code such as EUR, KZT or BRL")
        object.__setattr__(self, "amount", _exact(amount))
        object.__setattr__(self, "currency", currency)

    def __repr__(self) -> str:
        return f"Money('{self.amount}', '{self.currency}')"

    def __str__(self) -> str:
        """For logs and errors; pages write money in the reader's own way.

        >>> str(Money("1999.5", "KZT")), str(Money("10", "JPY"))
        ('1999.50 KZT', '10 JPY')
        """
        return f"{self.rounded().amount} {self.currency}"

    def rounded(self) -> "Money":
        """To the smallest coin, halves away from zero, as shops do.

        >>> Money("2.675", "EUR").rounded(), Money("-0.5", "JPY").rounded()
        (Money('2.68', 'EUR'), Money('-1', 'JPY'))
        """
        coin = Decimal(1).scaleb(-minor_digits(self.currency))
        return Money(self.amount.quantize(coin, rounding=ROUND_HALF_UP), self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other).amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __mul__(self, times: Decimal | int) -> "Money":
        if not isinstance(times, Decimal | int):
            return NotImplemented
        return Money(self.amount * times, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other).amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def _same(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            raise InputError(
                f"money: {self} cannot be reckoned with {other!r}, which has no currency"
            )
        if other.currency != self.currency:
            raise InputError(
                f"money: {self} and {other} are of different currencies; convert one of them first"
            )
        return other


def _exact(amount: Decimal | int | str) -> Decimal:
    try:
        found = Decimal(amount)
    except (InvalidOperation, TypeError, ValueError):
        raise InputError(f"money: {amount!r} is no amount") from None
    if not (found.is_finite() and abs(found) < _MOST):
        raise InputError(f"money: {amount!r} is no amount")
    return found
