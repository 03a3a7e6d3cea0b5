"""Numbers, amounts and gaps as readers of five languages write and say them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.audit.page.clean import clean
from overdeliver.audit.page.numbers import Numbers, is_currency
from overdeliver.audit.page.tell import Tell
from overdeliver.audit.page.words import LANGUAGES, Words


def tell(language: str = "en", lever: str = "time", unit: str = "days", grain: str = "day") -> Tell:
    return Tell(Words(language), Numbers(language), lever, unit, grain, 0.0)


def flat(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("language", "decimal", "percent", "money"),
    [
        ("en", "−1,234.5", "91%", "KZT 1,200"),
        ("pt", "−1.234,5", "91%", "KZT 1.200"),
        ("ru", "−1 234,5", "91 %", "1 200 KZT"),
        ("ro", "−1.234,5", "91 %", "1.200 KZT"),
        ("kk", "−1 234,5", "91%", "1 200 ₸"),
    ],
)
def test_each_language_writes_numbers_its_way(
    language: str, decimal: str, percent: str, money: str
) -> None:
    numbers = Numbers(language)
    assert flat(numbers.decimal(-1234.5, 1)) == decimal
    assert flat(numbers.percent(0.912)) == percent
    assert flat(numbers.money(1200, "KZT")) == money


@pytest.mark.parametrize(
    ("language", "day", "month"),
    [
        ("en", "October 17, 2018", "Oct 2018"),
        ("pt", "17 de outubro de 2018", "out. 2018"),
        ("ru", "17 октября 2018 г.", "окт. 2018"),
        ("ro", "17 octombrie 2018", "oct. 2018"),
        ("kk", "2018 ж. 17 қазан", "қаз. 2018"),
    ],
)
def test_each_language_writes_dates_its_way(language: str, day: str, month: str) -> None:
    assert flat(Numbers(language).day("2018-10-17")) == day
    assert flat(Numbers(language).month("2018-10")) == month


def test_text_that_is_no_date_is_left_alone() -> None:
    numbers = Numbers("en")
    assert numbers.day("soon") == numbers.month("soon") == numbers.moment("soon") == "soon"
    assert numbers.moment("2018-10-17T09:05:00+00:00") == "October 17, 2018, 09:05"


@given(st.floats(0, 1), st.sampled_from(LANGUAGES))
@settings(max_examples=200, deadline=None)
def test_a_share_is_never_rounded_to_all_or_nothing(share: float, language: str) -> None:
    shown = Numbers(language).percent(share)
    if 0 < share < 1:
        assert flat(shown).rstrip(" %") not in ("0", "100")
    hundred = Numbers(language).per_hundred(share)
    assert (hundred == "100") == (share == 1)


@given(st.floats(0, 1), st.floats(0, 1))
def test_an_interval_is_rounded_outwards(a: float, b: float) -> None:
    low, high = sorted((a, b))
    left, _, right = Numbers("en").percent_interval(low, high).partition("–")
    assert int(left) <= low * 100 + 1e-6 and int(right) >= high * 100 - 1e-6
    assert 0 <= int(left) <= int(right) <= 100


def test_intervals_are_parted_by_what_is_no_decimal_sign() -> None:
    assert Numbers("en").interval(-0.4, 1.25, 2) == "[−0.40, 1.25]"
    assert Numbers("ro").interval(-0.4, 1.25, 2) == "[−0,40; 1,25]"


@pytest.mark.parametrize(
    ("language", "gap", "said"),
    [
        ("en", -1, "1 day late"),
        ("en", 3.1, "3.1 days early"),
        ("en", 0, "the promised day"),
        ("pt", -2, "2 dias de atraso"),
        ("ru", -5, "опоздание 5 дней"),
        ("ru", 21, "опережение 21 день"),
        ("ro", -20, "întârziere de 20 de zile"),
        ("kk", 3, "3 күн ерте"),
    ],
)
def test_gaps_in_words(language: str, gap: float, said: str) -> None:
    assert tell(language).gap(gap) == said


@pytest.mark.parametrize(
    ("language", "low", "high", "said"),
    [
        ("en", -1, 0, "1 day late"),
        ("en", 0, 1, "the promised day"),
        ("en", 3, 6, "3 to 5 days early"),
        ("en", -14, -7, "8 to 14 days late"),
        ("en", None, -14, "more than 14 days late"),
        ("en", 21, None, "21 days or more early"),
        ("en", None, 0, "late"),
        ("en", 0, None, "on time or early"),
        ("ru", -14, -7, "опоздание от 8 до 14 дней"),
        ("ru", None, -12, "опоздание более 12 дней"),
        ("ro", None, -12, "întârziere de peste 12 zile"),
        ("kk", None, -12, "12 күннен астам кеш"),
        ("kk", 14, None, "кемінде 14 күн ерте"),
        ("pt", 3, 6, "3 a 5 dias de antecedência"),
    ],
)
def test_bins_of_whole_days_in_words(
    language: str, low: float | None, high: float | None, said: str
) -> None:
    assert tell(language).span(low, high) == said


def test_bins_of_moments_name_both_edges() -> None:
    assert tell(unit="hours", grain="moment").span(-2, -1) == "1 to 2 hours late"


def test_other_units_and_currencies() -> None:
    assert tell(lever="service", unit="stars").amount(1.5) == "1.5 stars"
    assert flat(tell("kk", "cost", "KZT", "number").gap(-500)) == "500 ₸ қымбат"
    assert flat(tell("ru", "cost", "hours", "number").gap(-21)) == "перерасход 21 час"
    assert is_currency("EUR") and not is_currency("minutes")


def test_kazakh_and_russian_decline_what_is_saved() -> None:
    assert tell("kk").shift(3.1) == "3,1 күнге"
    assert tell("ru", unit="minutes").shift(1) == "1 минуту"


def test_clean_takes_out_what_html_cannot_hold() -> None:
    assert clean({"a\x00": ["\ud800", float("inf"), None, True, 3]}) == {
        "a�": ["�", None, None, True, 3]
    }
    assert len(clean("x" * 10_000)) == 240
