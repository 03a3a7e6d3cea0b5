"""Make any report safe to set in type: no control characters, no lone surrogates, no endless cells.

Escaping is the template's work (autoescape) and `words`' work (markup-aware formatting). This step
removes what escaping cannot mend: characters that are not allowed in HTML at all, characters that
reorder the text around them, and strings that would push a page off the screen.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

LONGEST = 240
"""Characters kept of any one string; the rest is replaced by an ellipsis."""

# C0 and C1 controls, lone surrogates, noncharacters, line and paragraph separators, and the
# marks that override the direction of the text after them.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)


def clean(value: Any) -> Any:
    """A copy of a JSON value whose strings can be shown and whose numbers are finite.

    >>> clean({"city": "A\\x00b", "n": float("nan")})
    {'city': 'A�b', 'n': None}
    """
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_text(str(key)): clean(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [clean(item) for item in value]
    return value


def _text(text: str) -> str:
    short = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", short)
