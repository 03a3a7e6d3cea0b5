"""Names that speak of what came after the promise, in five languages: a suspicion, no proof."""

import re

#: Beginnings of words, as they stand in column names. The languages: English, Portuguese,
#: Russian, Romanian, Kazakh.
_STEMS: tuple[str, ...] = (
    *("actual", "arriv", "cancel", "complain", "complet", "deliver", "delay", "finish", "late"),
    *(
        "outcome",
        "overdue",
        "performance",
        "rating",
        "real",
        "received",
        "refund",
        "result",
        "return",
        "review",
    ),
    *("satisf", "score", "shipped", "spent", "status", "took"),
    *("atras", "avalia", "cancela", "chegada", "conclu", "devolu", "efetiv", "entreg", "estado"),
    *("nota", "reclama", "reembols", "situac"),
    *("возврат", "доставл", "задерж", "заверш", "итог", "опозда", "отзыв", "отмен", "оценк"),
    *("получен", "претенз", "прибы", "результат", "статус", "фактич", "жалоб"),
    *("anul", "efectiv", "finaliz", "intarz", "întârz", "livrat", "rambur", "recenz", "reclam"),
    *("retur", "sosi", "stare", "starea"),
    *("аяқтал", "бас тарт", "жеткіз", "кешік", "қайтар", "күйі", "мәртебе", "нақты", "нәтиже"),
    *("пікір", "шағым", "бағалау"),
)
_WORDS = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def speaks_of_after(name: str) -> str | None:
    """The word in the name that speaks of the outcome, or None.

    >>> speaks_of_after("deliveryStatus"), speaks_of_after("Дата_доставлено")
    ('delivery', 'доставлено')
    >>> speaks_of_after("distance") is None
    True
    """
    for word in _WORDS.findall(_CAMEL.sub("_", name)):
        if word.casefold().startswith(_STEMS):
            return str(word).casefold()
    return None
