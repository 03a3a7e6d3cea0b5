"""Whether a promise that is still open will be kept."""

#: So many past cases must have been open as long: fewer say nothing about one that still is.
LEAST = 20


def still_kept(by_promised: float, by_now: float, outcomes: int) -> float | None:
    """The share of cases still open at this moment that come by the moment promised.

    ``by_promised`` and ``by_now`` are the shares of all cases that come by then. None: too few of
    so many outcomes were open as long.

    >>> still_kept(0.9, 0.0, 100), still_kept(0.9, 0.5, 100)
    (0.9, 0.8)
    >>> still_kept(0.99, 0.95, 100) is None
    True
    """
    left = 1.0 - by_now
    if outcomes * left < LEAST:
        return None
    return max(by_promised - by_now, 0.0) / left
