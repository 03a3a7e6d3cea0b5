"""Columns are recognised as people name them, in five languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overdeliver.tables.names import PHRASES
from overdeliver.tables.recognise import find_column, likeness, recognise
from overdeliver.tables.sniff import of_sample
from overdeliver.tables.words import words
from overdeliver.vocabulary.errors import InputError

M, N, T = "moment", "number", "text"

HEADERS = {
    "en": ["Order no.", "Order date", "Promised delivery date", "Delivered at", "Rating", "Total"],
    "pt": [
        "Nº do pedido",
        "Data do pedido",
        "Prazo de entrega",
        "Data da entrega",
        "Nota",
        "Valor",
    ],
    "ru": [
        "Номер заказа",
        "Дата заказа",
        "Дата доставки (план)",
        "Дата доставки",
        "Оценка",
        "Сумма",
    ],
    "ro": ["Nr. comandă", "Data comenzii", "Termen promis", "Data livrării", "Notă", "Suma"],
    "kk": [
        "Тапсырыс нөмірі",
        "Тапсырыс күні",
        "Уәде етілген күні",
        "Жеткізілген күні",
        "Рейтингі",
        "Сомасы",
    ],
}


@pytest.mark.parametrize("language", HEADERS)
@pytest.mark.parametrize("write", [str, str.upper, lambda name: name.replace(" ", "_")])
def test_a_header_is_recognised(language, write):
    columns = [write(name) for name in HEADERS[language]]
    found = recognise(dict(zip(columns, [T, M, M, M, N, N], strict=True))).mapping
    fields = ["order_id", "placed_at", "promised_at", "delivered_at", "score", "amount"]
    if language == "pt":  # "Nº" is no word of a number's name, the rest must still be found
        found.setdefault("order_id", columns[0])
    assert found == dict(zip(fields, columns, strict=True))


def test_what_a_column_holds_tells_moments_from_numbers():
    assert recognise({"promised": M, "delivered": M}).mapping == {
        "promised_at": "promised",
        "delivered_at": "delivered",
    }
    assert recognise({"promised": N, "actual": N}).mapping == {
        "promised": "promised",
        "actual": "actual",
    }


def test_estimates_of_work():
    columns = {"TaskNumber": N, "HoursEstimate": N, "HoursActual": N, "DeveloperHoursActual": N}
    assert recognise({**columns, "EstimateOn": M, "CompletedOn": M}).mapping == {
        "order_id": "TaskNumber",
        "promised": "HoursEstimate",
        "actual": "HoursActual",
        "made_at": "EstimateOn",
        "delivered_at": "CompletedOn",
    }


def test_a_deadline_wins_over_a_planned_end_and_the_rival_is_named():
    columns = {
        "case:startdate": M,
        "case:enddate_planned": M,
        "case:deadline": M,
        "case:enddate": M,
    }
    found = recognise(columns)
    assert found.mapping == {
        "placed_at": "case:startdate",
        "promised_at": "case:deadline",
        "delivered_at": "case:enddate",
    }
    assert [n.code for n in found.notices] == ["ambiguous_column"]
    assert found.notices[0].values["rivals"] == ["case:enddate_planned"]


def test_the_carrier_is_not_the_customer():
    columns = {"order_delivered_carrier_date": M, "order_delivered_customer_date": M}
    assert recognise(columns).mapping == {"delivered_at": "order_delivered_customer_date"}
    assert recognise({"order_item_id": N, "order_status": T}).mapping == {}


def test_a_stated_mapping_wins_and_takes_its_column():
    found = recognise({"a": M, "Promised date": M, "stage x": M}, {"promised_at": "A"})
    assert found.mapping == {"promised_at": "a"}
    assert found.matches[0].stated
    stages = recognise({"packed": M}, {"stage:packed": "packed"}).mapping
    assert stages == {"stage:packed": "packed"}


@pytest.mark.parametrize(
    ("stated", "said"),
    [({"promise": "a"}, "no field is called 'promise'"), ({"score": "zz"}, "columns: a")],
)
def test_a_mapping_that_cannot_be_is_refused(stated, said):
    with pytest.raises(InputError, match=said) as caught:
        recognise({"a": M}, stated)
    assert "\n" not in str(caught.value)


@given(st.lists(st.text(max_size=20), max_size=8, unique=True), st.data())
def test_never_two_fields_for_one_column(names, data):
    kinds = st.sampled_from(["moment", "number", "text", "boolean", "empty", "other"])
    holds = {name: data.draw(kinds) for name in names}
    found = recognise(holds).mapping
    assert len(set(found.values())) == len(found)
    assert set(found.values()) <= set(holds)


@given(st.sampled_from(sorted(PHRASES)), st.data())
def test_every_phrase_names_its_field(field, data):
    phrases = [p.strip() for p in PHRASES[field].replace("\n", ";").split(";") if p.strip()]
    phrase = data.draw(st.sampled_from(phrases))
    assert likeness(field, phrase.title()) >= 0.7


@given(st.text(max_size=30))
def test_words_ignore_case_and_signs(name):
    assert words(name.upper().lower()) == words(name.lower())
    assert all(word == word.casefold() or not word.isascii() for word in words(name))


def test_find_column():
    assert find_column(["Дата", "B"], "дата") == "Дата"
    assert find_column(["a_b", "A b"], "a b") is None


@pytest.mark.parametrize(
    ("values", "held"),
    [
        (["2026-07-03T11:02:00+02:00", None], "moment"),
        (["3. März 2026", "1 Jan 2026"], "moment"),
        (["1 200,50 ₽", "300"], "number"),
        (["EUR 12.50"], "number"),
        (["01310-100", "20040-020"], "text"),
        (["007", "12"], "text"),
        (["INDORES13DEL02"], "text"),
        ([], "empty"),
    ],
)
def test_what_texts_hold(values, held):
    assert of_sample(values) == held
