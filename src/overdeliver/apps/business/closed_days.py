"""The public holidays of a country, named in the reader's language as far as that is known."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

import holidays


@dataclass(frozen=True)
class Holiday:
    """A public holiday; one in a foreign language says which."""

    day: date
    name: str
    language: str


def holidays_named(country: str, year: int, language: str) -> list[Holiday]:
    """The holidays of a year in their order; an empty list where the country is not known.

    >>> [h.name for h in holidays_named("KZ", 2026, "ru")][:2]
    ['Новый год', 'Новый год']
    >>> holidays_named("RO", 2026, "pt")[-1].name
    'Natal'
    """
    try:
        spoken = holidays.country_holidays(country, years=year)
    except NotImplementedError:
        return []
    own = next((one for one in spoken.supported_languages if one[:2] == language), None)
    if own:
        named = holidays.country_holidays(country, years=year, language=own)
        return [Holiday(day, name, language) for day, name in sorted(named.items())]
    english = "en_US" if "en_US" in spoken.supported_languages else None
    named = holidays.country_holidays(country, years=year, language=english)
    return [_translated(day, name, language) for day, name in sorted(named.items())]


def _translated(day: date, name: str, language: str) -> Holiday:
    parts = [_name(part, language) for part in name.split("; ")]
    if language == "en" or not all(parts):
        return Holiday(day, name, "en")
    return Holiday(day, ", ".join(part for part in parts if part), language)


def _name(english: str, language: str) -> str | None:
    known = _known()
    for mark in ("observed", "estimated"):
        if english.endswith(f" ({mark})"):
            plain = _name(english.removesuffix(f" ({mark})"), language)
            return plain and str(known[mark].get(language, "{name}")).format(name=plain)
    if english.startswith("Day off (substituted"):
        return known["substituted"].get(language)  # type: ignore[no-any-return]
    found: Mapping[str, str] = known["names"].get(english, {})
    return found.get(language)


@lru_cache
def _known() -> Mapping[str, Any]:
    path = files("overdeliver.apps.business") / "holidays.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
