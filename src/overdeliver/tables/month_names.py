"""Month names in the languages served, as people shorten and bend them."""

from functools import lru_cache

from babel import Locale

LANGUAGES = ("en", "pt", "ru", "ro", "kk")

#: Shortenings the locale data does not have.
_MORE = {"sept": 9, "noem": 11, "iun": 6, "iul": 7, "май": 5, "мая": 5, "сент": 9, "нояб": 11}


@lru_cache(maxsize=1)
def month_numbers() -> dict[str, int]:
    """Every known name and shortening, lower case without a final point, to 1-12.

    >>> [month_numbers()[n] for n in ("july", "julho", "июля", "iulie", "шілде", "dez")]
    [7, 7, 7, 7, 7, 12]
    """
    found = dict(_MORE)
    for language in LANGUAGES:
        months = Locale.parse(language).months
        for shape in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[shape][width].items():
                    found.setdefault(name.casefold().rstrip("."), int(number))
    return found
