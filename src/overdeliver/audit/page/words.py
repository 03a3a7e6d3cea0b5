"""Texts in one language: looked up by key, filled in, escaped.

The page's own live in `words/<language>.toml`; others are handed over. A text is a string, or a
table of plural forms named as in CLDR (one, few, many, other). They are ours and may hold a little
markup; everything filled into them is escaped.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from babel import Locale
from markupsafe import Markup

from overdeliver.vocabulary.errors import InputError

LANGUAGES = ("en", "pt", "ru", "ro", "kk")
PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})

Text = str | Mapping[str, str]


class Words:
    """Texts of one language.

    >>> Words("en")("outcome.broken")
    Markup('broken')
    """

    def __init__(self, language: str, known: Mapping[str, Text] | None = None) -> None:
        self.language = language
        self._texts = texts(language) if known is None else known
        self._plural = Locale(language).plural_form

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def __call__(self, key: str, /, *, count: float = 0, **values: Any) -> Markup:
        """The text of `key` with `values` filled in; `count` chooses among plural forms.

        Raises KeyError for a key that the language does not have.
        """
        text = self._texts[key]
        if not isinstance(text, str):
            text = text.get(self._plural(count), text["other"])
        return Markup(text).format(**values)


def check_language(language: str) -> str:
    """The language itself; raises InputError with the known ones when there are no texts for it."""
    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise InputError(f"There is no page in the language {language!r}: choose one of {known}.")
    return language


@lru_cache
def texts(language: str) -> Mapping[str, Text]:
    """All texts of a language by dotted key.

    >>> texts("ru")["unit.hours"]["few"]
    '{n} часа'
    """
    path = files("overdeliver.audit") / "page" / "words" / f"{check_language(language)}.toml"
    return flat(tomllib.loads(path.read_text(encoding="utf-8")))


def flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Text]:
    """The texts of a table of tables by dotted key; plural forms stay together.

    >>> flat({"unit": {"day": "day", "n": {"one": "{n} day", "other": "{n} days"}}})
    {'unit.day': 'day', 'unit.n': {'one': '{n} day', 'other': '{n} days'}}
    """
    return dict(_flat(table, prefix))


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Text]]:
    for name, item in table.items():
        key = f"{prefix}{name}"
        if isinstance(item, str) or ("other" in item and PLURALS.issuperset(item)):
            yield key, item
        else:
            yield from _flat(item, f"{key}.")
