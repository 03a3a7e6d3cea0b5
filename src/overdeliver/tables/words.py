"""A column's name as plain words: no case, accents, punctuation or camelCase."""

import re
import unicodedata
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-zа-я0-9])(?=[A-ZА-Я])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[^\w]+|_+")


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """The words of a name, lower case, accents dropped.

    >>> words("order_estimatedDeliveryDate"), words("Data livrării (plan)")
    (('order', 'estimated', 'delivery', 'date'), ('data', 'livrarii', 'plan'))
    >>> words("case:enddate_planned"), words("HoursEstimate"), words("Дата доставки")
    (('case', 'enddate', 'planned'), ('hours', 'estimate'), ('дата', 'доставки'))
    """
    spaced = _CAMEL.sub(" ", unicodedata.normalize("NFC", name))
    plain = unicodedata.normalize("NFKD", spaced.casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return tuple(word for word in _NOT_WORD.split(bare) if word)
