"""How a draft to a customer sounds: empty promises, blame, excuses, shouting. Word lists, no more.

Repeated apologies and promises to do better backfire (Halperin, Ho, List & Muir 2022), so "we
will do better" is only let through where a change stands behind it. The rest is said to whoever
writes, and he decides.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from overdeliver.vocabulary.errors import InputError

KINDS = ("better", "blame", "excuse")
_SHOUT = re.compile(r"\b[^\W\d_]{4,}\b")


@dataclass(frozen=True)
class Remark:
    """What stands out in a draft: its kind (better, blame, excuse, shouting), and the words."""

    kind: str
    words: str


def remarks(text: str) -> list[Remark]:
    """What stands out in a draft, in the order of the kinds; drafts may be in any language.

    >>> [one.kind for one in remarks("It is your fault! We will do better.")]
    ['better', 'blame', 'shouting']
    >>> remarks("The parcel came two days late. That is our fault, and we are sorry.")
    []
    """
    plain = " ".join(text.casefold().replace("\u2019", "'").split())
    found = [
        Remark(kind, words)
        for kind in KINDS
        for words in _phrases()[kind]
        if re.search(rf"(?<!\w){re.escape(words)}", plain)
    ]
    loud = [one for one in _SHOUT.findall(text) if one.isupper()]
    if "!" in text or loud:
        found.append(Remark("shouting", loud[0] if loud else "!"))
    return found


def check_draft(text: str, *, changed: bool) -> None:
    """InputError: the draft promises to do better, and no change stands behind it.

    >>> check_draft("We will do better.", changed=True)
    >>> check_draft("Vom face mai bine.", changed=False)
    Traceback (most recent call last):
    overdeliver.vocabulary.errors.InputError: words: "vom face mai bine" needs a change first; ...
    """
    empty = next((one for one in remarks(text) if one.kind == "better"), None)
    if empty and not changed:
        raise InputError(
            f'words: "{empty.words}" needs a change first; say what was done, not what will be'
        )


@lru_cache(maxsize=1)
def _phrases() -> Mapping[str, tuple[str, ...]]:
    text = (files("overdeliver.apps.recovery") / "rules" / "tone.toml").read_text("utf-8")
    lists = tomllib.loads(text)
    return {
        kind: tuple(words for tongue in lists.values() for words in tongue[kind]) for kind in KINDS
    }
