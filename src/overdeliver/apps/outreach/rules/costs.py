"""What a message of each channel costs the business."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import ClassVar

from overdeliver.apps.business.rules import Policy
from overdeliver.vocabulary.errors import InputError

COSTED = ("mail", "letter", "call", "gift")
_MOST = Decimal(1_000_000)


@dataclass(frozen=True, kw_only=True)
class ChannelCosts(Policy):
    """One message of each channel, in the business's currency, as decimal text.

    >>> ChannelCosts(letter="1.10").of_channel("letter")
    Decimal('1.10')
    """

    kind: ClassVar[str] = "channel_costs"

    mail: str = "0"
    letter: str = "0"
    call: str = "0"
    gift: str = "0"

    def __post_init__(self) -> None:
        for name in COSTED:
            self._read(name)

    def of_channel(self, channel: str) -> Decimal:
        """The cost of one message; zero for a channel that costs nothing."""
        return self._read(channel) if channel in COSTED else Decimal(0)

    def _read(self, name: str) -> Decimal:
        try:
            found = Decimal(getattr(self, name).strip().replace(",", "."))
        except InvalidOperation:
            raise InputError(f"{name}: write an amount such as 1.10") from None
        if not (found.is_finite() and 0 <= found < _MOST):
            raise InputError(f"{name}: must lie between 0 and {_MOST}")
        exponent = found.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -4:
            raise InputError(f"{name}: four digits behind the point at most")
        return found
