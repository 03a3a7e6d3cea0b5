"""JSON read strictly: what two readers could read differently is refused."""

import json
from math import isfinite
from typing import Any

from overdeliver.vocabulary.errors import InputError

_DEEPEST = 64


def strict(body: bytes) -> dict[str, Any]:
    """The object a body holds. InputError: not UTF-8, not JSON, no object, a name twice, a number
    that is none, deeper than 64, a character of code 0 or half a one.

    >>> strict(b'{"id": 7}')
    {'id': 7}
    """
    try:
        text = body.decode("utf-8")
        if _depth(text) > _DEEPEST:
            raise InputError(f"body: nested more than {_DEEPEST} deep")
        found = json.loads(
            text, object_pairs_hook=_once, parse_constant=_never, parse_float=_finite
        )
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except (UnicodeError, ValueError, RecursionError) as error:
        raise InputError(f"body: not readable as JSON ({type(error).__name__})") from None
    if not isinstance(found, dict):
        raise InputError("body: a JSON object is needed")
    if "\\u0000" in text or "\x00" in text:
        raise InputError("body: it holds a character of code 0")
    return found


def _depth(text: str) -> int:
    """How deep brackets nest at most, taken roughly: those inside texts count too."""
    deepest = now = 0
    for sign in text:
        if sign in "[{":
            now += 1
            deepest = max(deepest, now)
        elif sign in "]}":
            now -= 1
    return deepest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _never(name: str) -> Any:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number
