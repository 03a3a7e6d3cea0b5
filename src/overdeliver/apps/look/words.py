"""Every text a person reads, by its key: ``chapter.group.name``, in the language of the request.

A chapter's texts stand in ``words/<language>.toml`` of its folder; plural forms are named as in
CLDR. What is filled in is escaped, the text itself may hold a little markup.
"""

import logging
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from markupsafe import Markup

from overdeliver.audit.page.words import LANGUAGES, Text, Words, flat

_LOG = logging.getLogger(__name__)


def language() -> str:
    """The language of the request, one of the five.

    >>> language() in LANGUAGES
    True
    """
    found = (get_language() or "en")[:2]
    return found if found in LANGUAGES else "en"


def word(key: str, /, *, count: float = 0, **values: Any) -> Markup:
    """The text of a key in the language of the request; ``count`` chooses the plural form.

    A key that the language lacks is said in English and logged; tests hold all languages
    complete. KeyError: no language has it.

    >>> word("look.verdict.broken")
    Markup('broken')
    """
    return word_in(language(), key, count=count, **values)


def word_in(tongue: str, key: str, /, *, count: float = 0, **values: Any) -> Markup:
    """The same in a language named: for mail and status pages."""
    chapter, _, rest = key.partition(".")
    words = words_of(chapter, tongue)
    if rest not in words and tongue != "en":
        _LOG.error("no word %s in %s", key, tongue)
        words = words_of(chapter, "en")
    return words(rest, count=count, **values)


def has_word(key: str) -> bool:
    """Whether English knows the key: for names that come from data, such as events."""
    chapter, _, rest = key.partition(".")
    try:
        return chapter in settings.CHAPTERS and rest in words_of(chapter, "en")
    except KeyError:
        return False


@lru_cache(maxsize=64)
def words_of(chapter: str, tongue: str) -> Words:
    """All texts of a chapter in a language. KeyError: no such chapter or language."""
    return Words(tongue, chapter_texts(chapter, tongue))


def chapter_texts(chapter: str, tongue: str) -> Mapping[str, Text]:
    """The texts of a chapter by the key without its chapter. KeyError: no such chapter."""
    path = files("overdeliver.apps") / chapter / "words" / f"{tongue}.toml"
    if not path.is_file():
        raise KeyError(f"{chapter}: no words in {tongue!r}")
    return flat(tomllib.loads(path.read_text(encoding="utf-8")))
