"""Single words that weigh on a column's name: what they add, soften or contradict.

`overdeliver.tables.names` holds the phrases; here are the words beside them, in the same five
languages and stripped of case and accents in the same way.
"""

from collections.abc import Mapping


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Words that say nothing about which moment or number a column holds.
FILLER = _words("""
order orders case customer client date time at on ts timestamp datetime dt in of the a by to for
days day hours hour hrs h minutes minute mins min utc local gmt value pedido de do da em data hora
dias horas minutos cliente заказа дата время дней часов минут дни часы comenzii ora zile ore la
күні күн уақыты уақыт сағат
""")

#: Words of an own plan rather than of a promise: they give way to a word of promise.
SOFT = _words("planned planificata planificat target expected план жоспарланған жоспар")

#: Words that make a column another thing than the phrase in it says.
FOREIGN: Mapping[str, frozenset[str]] = {
    "delivered_at": _words("""
carrier courier planned plan estimated expected scheduled promised limit prevista prometida
estimada план плановая estimata promisa планируемая ожидаемая жоспарланған address fee cost type
method status person limite
"""),
    "actual": _words("performance variance diff difference deviation person"),
    "promised": _words("performance variance diff difference actual real факт rate"),
    "promised_at": _words("made actual real факт created"),
    "order_id": _words("item items line status date type seller product customer count qty"),
    "customer_id": _words("state city zip name phone country order"),
    "placed_at": _words("birth end due delivered delivery update updated"),
    "amount": _words("tax discount shipping refunded freight outstanding count"),
    "score": _words("credit risk person fraud"),
    "text": _words("title id status type"),
}

#: Words that carry a unit, for numbers such as ``Time_taken(min)`` or ``обещано дней``.
UNIT_WORDS: Mapping[str, str] = {
    **dict.fromkeys(_words("days day dias dia дней дни день zile zi күн"), "days"),
    **dict.fromkeys(_words("hours hour hrs hr horas hora часов часы час ore сағат"), "hours"),
    **dict.fromkeys(_words("minutes minute mins min minutos minuto минут мин минуты"), "minutes"),
}

#: Words of money or of an estimate of work: the lever is then cost.
COST_WORDS = _words("""
estimate quote quotation budget budgeted cost price amount effort orcamento orcado custo preco
valor смета смете бюджет стоимость цена сумма deviz buget pret suma құны бағасы сома usd eur brl
kzt rub ron tenge
""")
