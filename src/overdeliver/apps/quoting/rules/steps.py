"""What people say: numbers rounded up to steps that fit their size."""

import math
from collections.abc import Mapping

#: Up to this value (in the unit) steps of so much; the last step serves everything longer.
_STEPS: Mapping[str, tuple[tuple[float, float], ...]] = {
    "seconds": ((60, 10), (600, 30), (math.inf, 60)),
    "minutes": ((10, 1), (90, 5), (240, 15), (math.inf, 30)),
    "hours": ((4, 0.5), (72, 1), (math.inf, 12)),
    "days": ((3, 0.5), (math.inf, 1)),
    "weeks": ((3, 0.5), (math.inf, 1)),
}
_SHARE = 0.05  # an amount is rounded by a twentieth of itself at most


def step_of(value: float, unit: str) -> float:
    """The step in which such a value is said; for amounts 1, 2 or 5 of a power of ten.

    >>> step_of(43, "minutes"), step_of(117.3, "EUR"), step_of(48_650, "KZT")
    (5, 5.0, 2000.0)
    """
    if unit in _STEPS:
        return next(step for most, step in _STEPS[unit] if value <= most)
    room = _SHARE * value
    if room <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(room))
    return next(times * power for times in (5, 2, 1) if times * power <= room * (1 + 1e-12))


def rounded_up(value: float, unit: str) -> float:
    """The value as people would say it, never less than it is.

    >>> rounded_up(41.2, "minutes"), rounded_up(117.3, "EUR"), rounded_up(5.0, "hours")
    (45.0, 120.0, 5.0)
    """
    step = step_of(value, unit)
    times = math.ceil(value / step - 1e-9)
    return float(f"{times * step:.12g}")
