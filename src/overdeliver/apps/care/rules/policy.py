"""How care is given: as data, with versions."""

from dataclasses import dataclass
from typing import ClassVar

from overdeliver.apps.business.rules import Policy
from overdeliver.vocabulary.errors import InputError


@dataclass(frozen=True, kw_only=True)
class CarePolicy(Policy):
    """Who is held out, when an effect can be told, and how long an order can be taken back."""

    kind: ClassVar[str] = "care"

    held_out: float = 0.1  # this share of customers gets no care of a plan, to know what it does
    salt: str = "first"  # another one deals the customers into the arms anew
    needed: int = 20  # fewer cases say nothing
    watch_days: int = 14  # cancellations and complaints are counted so long after the moment
    repeat_days: int = 90  # a new order is counted so long after the moment
    early_share: float = 0.25  # reassure before this share of the cancellations has come
    withdraw_days: int = 14  # customers may take an order back so long after delivery; 0: not said
    withdraw_how: str = ""  # how, in the business's own words
    task_minutes: int = 15  # how long before it is due the calendar reminds of a call

    def __post_init__(self) -> None:
        if not 0 <= self.held_out <= 0.5:
            raise InputError("held_out: must lie between 0 and 0.5")
        if not self.salt.strip() or len(self.salt) > 60:
            raise InputError("salt: a word of at most 60 letters is needed")
        for name, low, high in _SPANS:
            if not low <= getattr(self, name) <= high:
                raise InputError(f"{name}: must lie between {low} and {high}")
        if not 0.05 <= self.early_share <= 0.9:
            raise InputError("early_share: must lie between 0.05 and 0.9")
        if len(self.withdraw_how) > 1000:
            raise InputError("withdraw_how: at most 1000 letters")


_SPANS = (
    ("needed", 5, 1000),
    ("watch_days", 1, 365),
    ("repeat_days", 7, 730),
    ("withdraw_days", 0, 365),
    ("task_minutes", 0, 1440),
)
