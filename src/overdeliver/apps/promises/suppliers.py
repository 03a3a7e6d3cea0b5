"""Whose delivery it was: the fact of an order that names its supplier, seller or carrier."""

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.rules import Policy
from overdeliver.apps.promises.models import Order
from overdeliver.vocabulary.errors import InputError

#: What such a fact is usually called, the most telling first.
NAMES = ("supplier", "supplier_id", "seller", "seller_id", "carrier", "vendor")
_RECENT = 200  # orders that are asked which facts there are
_LATEST = 5_000  # orders that are asked for their suppliers


@dataclass(frozen=True, kw_only=True)
class ReliabilityPolicy(Policy):
    """How Reliability is laid out."""

    kind: ClassVar[str] = "reliability"
    supplier: str = ""  # the fact of an order that names its supplier; empty: one of the usual

    def __post_init__(self) -> None:
        if len(self.supplier) > 80:
            raise InputError("supplier: at most 80 letters")


def fact() -> str:
    """The policy's, else the first of the usual names that recent orders have; empty: none."""
    if chosen := business.policy(ReliabilityPolicy).supplier.strip():
        return chosen
    recent = Order.objects.order_by("-pk").values_list("features", flat=True)[:_RECENT]
    there = {name for features in recent for name in features}
    return next((name for name in NAMES if name in there), "")


def supplier_of(features: str, name: str) -> Combinable:
    """The supplier as a text, NULL where an order has none; ``features`` is the column's path."""
    if not name:
        return Value(None, TextField())
    return Cast(KeyTextTransform(name, features), TextField())


def suppliers(limit: int = 60) -> list[str]:
    """The suppliers of recent orders, for filters."""
    if not (name := fact()):
        return []
    recent = Order.objects.order_by("-placed_at").values_list("features", flat=True)[:_LATEST]
    return sorted({str(one[name]) for one in recent if one.get(name) not in (None, "")})[:limit]
