"""What an order that comes in by itself is promised: the source's rule per shipping method."""

from collections.abc import Mapping
from typing import Any


def promised_for(method: str, rules: Mapping[str, Any], fallback: float | None) -> float | None:
    """How much is promised, in the service's unit; None: nothing is.

    ``rules``: shipping method -> number, ``*`` for every other; a method is matched without regard
    to case and outer blanks. Without a rule the service's own stated promise holds.

    >>> promised_for("Express ", {"express": 1, "*": 5}, None), promised_for("", {}, 3.0)
    (1.0, 3.0)
    """
    plain = {name.strip().casefold(): float(number) for name, number in rules.items()}
    found = plain.get(method.strip().casefold(), plain.get("*"))
    return fallback if found is None else found
