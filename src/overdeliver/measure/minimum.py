"""How many outcomes it takes before anything may be promised."""

from fractions import Fraction
from math import ceil


def minimum_outcomes(level: float | str | Fraction) -> int:
    """The fewest past outcomes from which a promise at ``level`` can be kept that often.

    The least n with ``n / (n + 1) >= level``: ``level / (1 - level)``, rounded up, in exact
    arithmetic, for in binary floating point 0.8 asks for 5 and 0.9 for 10. ValueError: no level.

    >>> [minimum_outcomes(level) for level in (0.8, 0.9, 0.95)]
    [4, 9, 19]
    """
    exact = level if isinstance(level, Fraction) else Fraction(str(level))
    if not 0 < exact < 1:
        raise ValueError(f"a level lies between 0 and 1, got {level}")
    return ceil(exact / (1 - exact))
