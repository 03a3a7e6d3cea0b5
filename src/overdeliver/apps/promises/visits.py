"""Who ordered on which day: what the ladder of customers is drawn from."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import Count, Max, QuerySet, Sum
from numpy.typing import NDArray

from overdeliver.apps.promises.fates import purchases
from overdeliver.apps.promises.models import Order

_AT_ONCE = 20_000


@dataclass(frozen=True)
class Visits:
    """An order each: the customer's id, and the day (from 1970-01-01) in the zone asked for."""

    customers: NDArray[np.int64]
    days: NDArray[np.int64]


def visits(zone: str) -> Visits:
    """All purchases of known customers that were not taken back."""
    who: list[int] = []
    moments = []
    for customer, at in _kept().values_list("customer_id", "placed_at").iterator(_AT_ONCE):
        who.append(customer)
        moments.append(at)
    there = pc.local_timestamp(pa.array(moments, pa.timestamp("us", zone)))
    days = there.cast(pa.date32()).cast(pa.int32()).to_numpy(zero_copy_only=False)
    return Visits(np.array(who, np.int64), days.astype(np.int64))


def mark() -> tuple[object, ...]:
    """What differs once there are other visits, or they are others'; cheap beside reading them."""
    figures = {"n": Count("pk"), "last": Max("pk"), "whose": Sum("customer_id")}
    return tuple(_kept().aggregate(**figures, until=Max("placed_at")).values())


def _kept() -> QuerySet[Order]:
    return purchases().filter(customer_id__isnull=False, cancelled_at=None)
