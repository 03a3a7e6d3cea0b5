"""How much a test does: a little on every run, its whole figure with `./od test --full`.

The figures are those of docs/explanation/reliability.md.
"""

import os
from typing import TypeVar

import pytest

#: For tests that take minutes and say little that others do not.
only_whole = pytest.mark.skipif(not os.environ.get("OD_FULL"), reason="by ./od test --full")
Amount = TypeVar("Amount")


def figure(short: Amount, whole: Amount) -> Amount:
    """The amount for this run.

    Examples:
        >>> figure(3, 1_000) in (3, 1_000)
        True
    """
    return whole if os.environ.get("OD_FULL") else short
