"""Putting events in order: stable radix sorts over integer keys, linear in the number of events."""

from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def order_by_case_and_time(case: npt.NDArray[Any], at: Ints) -> Ints | None:
    """The rows in the order (case, time), equal times in the order given; None: already in order.

    ``case`` holds codes from 0 up, ``at`` any integers; both one entry per event.

    >>> order_by_case_and_time(np.array([1, 0, 1]), np.array([5, 9, 5])).tolist()
    [1, 0, 2]
    """
    by_case: Ints | None = None
    if not np.all(case[1:] >= case[:-1]):
        by_case = _radix(case, None)
    if _times_rise(case, at, by_case):  # most logs write the events of a case in their order
        return by_case
    return _radix(case, _radix(at - at.min(), None))


def _times_rise(case: npt.NDArray[Any], at: Ints, order: Ints | None) -> bool:
    if order is not None:
        case, at = case[order], at[order]
    return bool(np.all((at[1:] >= at[:-1]) | (case[1:] != case[:-1])))


def _radix(keys: npt.NDArray[Any], order: Ints | None) -> Ints:
    """A stable sort of integers from 0 up, 16 bits at a time (numpy sorts 16 bits by counting)."""
    widest = int(keys.max()) if keys.size else 0
    if order is None:
        order = np.arange(keys.size, dtype=np.int64)
    for shift in range(0, max(widest.bit_length(), 1), 16):
        digit = ((keys >> shift) & 0xFFFF).astype(np.uint16)
        order = order[np.argsort(digit[order], kind="stable")]
    return order
