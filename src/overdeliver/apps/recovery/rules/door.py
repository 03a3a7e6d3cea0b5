"""How long the complaint form was open: a signed moment that comes back with the form."""

#: Longer is a form left open, not somebody who writes.
LONGEST = 4 * 3600


def seconds_between(opened: float | None, sent: float) -> int | None:
    """Whole seconds from opening to sending; None: not known, or left open for hours.

    >>> seconds_between(100.0, 141.6), seconds_between(None, 5.0), seconds_between(0.0, 1e6)
    (41, None, None)
    """
    if opened is None or not 0 <= sent - opened <= LONGEST:
        return None
    return int(sent - opened)
