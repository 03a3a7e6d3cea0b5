"""What is written about a business, checked before it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from babel.core import get_global
from babel.numbers import list_currencies

from overdeliver.audit.page.words import LANGUAGES
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.moments import zone_named


@dataclass(frozen=True)
class Profile:
    """Name, country, zone, currency, language, each as it is kept."""

    name: str
    country: str  # ISO 3166-1 alpha-2
    zone: str  # IANA
    currency: str  # ISO 4217
    language: str


def checked_profile(given: Mapping[str, str]) -> Profile:
    """The fields trimmed and checked. InputError: the first that is wrong.

    >>> checked_profile({"name": " Salon ", "country": "kz", "zone": "Asia/Almaty",
    ...                  "currency": "kzt", "language": "kk"})
    Profile(name='Salon', country='KZ', zone='Asia/Almaty', currency='KZT', language='kk')
    """
    name = checked_name("name", given["name"], 200)
    country = given["country"].strip().upper()
    if country not in countries():
        raise InputError(f"country: {country!r} is no country code, such as KZ or PT")
    zone = zone_named(given["zone"].strip()).key
    currency = given["currency"].strip().upper()
    if currency not in list_currencies():
        raise InputError(f"currency: {currency!r} is no currency code, such as EUR or KZT")
    language = given["language"].strip()
    if language not in LANGUAGES:
        raise InputError(f"language: {language!r} is none of {', '.join(LANGUAGES)}")
    return Profile(name, country, zone, currency, language)


def checked_name(field: str, text: str, most: int) -> str:
    """A text trimmed. InputError: it is empty or longer than ``most`` characters."""
    found = " ".join(text.split())
    if not found:
        raise InputError(f"{field}: write something here")
    if len(found) > most:
        raise InputError(f"{field}: {len(found)} characters are too many, {most} at most")
    return found


def countries() -> frozenset[str]:
    """Every country and territory of ISO 3166-1, by its two letters.

    >>> {"KZ", "RO", "PT", "MD", "BR"} <= countries()
    True
    """
    known = frozenset(get_global("territory_languages")) - {"ZZ"}  # "unknown region"
    return frozenset(code for code in known if len(code) == 2 and code.isalpha())
